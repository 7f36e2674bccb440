from typing import Any

import pytest

from sitespan.errors import SitespanError
from sitespan.pool import Pool


@pytest.mark.parametrize(
    ("walltime", "seconds"),
    [("12h", 43_200), ("01:30:00", 5400), ("2-00:00:01", 172_801), (90, 90), ("90", 90)],
)
def test_a_walltime_is_written_as_dask_or_as_batch_systems_do(walltime: Any, seconds: int) -> None:
    assert Pool(walltime=walltime).request("main", ["here"])["walltimeSeconds"] == seconds


@pytest.mark.parametrize("wrong", [{"walltime": "soon"}, {"walltime": "1:30"}, {"memory": "much"}])
def test_what_is_no_quantity_is_said(wrong: Any) -> None:
    with pytest.raises(SitespanError, match="not understood") as refused:
        Pool(**wrong).request("main", ["here"])
    assert refused.value.code == "argument-unusable"


def test_goes_to_the_local_sites_where_none_is_named() -> None:
    assert Pool().request("main", ["here"])["sites"] == ["here"]
    assert Pool(sites=["there"]).request("main", ["here"])["sites"] == ["there"]
