"""What an analysis says of itself reaches any Dask cluster, and is right or refused."""

from __future__ import annotations

import pytest
from distributed import Client, LocalCluster

import sitespan


def test_it_is_an_event_that_any_cluster_takes() -> None:
    with (
        LocalCluster(n_workers=0, processes=False, dashboard_address=None) as cluster,
        Client(cluster) as client,
    ):
        sitespan.expect(files=90)
        ((_, said),) = client.get_events("sitespan-expect")
    assert said == {"files": 90, "events": None}


def test_less_than_nothing_is_refused() -> None:
    with pytest.raises(ValueError, match="events must not be negative"):
        sitespan.expect(events=-1)


def test_without_a_client_it_says_so() -> None:
    with pytest.raises(ValueError, match=r"[Nn]o client"):
        sitespan.expect(files=1)
