from __future__ import annotations

import json
from pathlib import Path

import numpy as np

from sitespan.plot import main, rates, site_totals

SERIES = {
    "times": [100.0, 101.0, 102.0, 103.0, 104.0],
    "workers": {
        "main-1": {"site": "north", "totals": [[0, 0], [10, 1], [20, 2], [30, 3], [40, 4]]},
        "main-2": {"site": "north", "totals": [None, None, [0, 0], [5, 0], [10, 0]]},
        "main-3": {"site": "south", "totals": [None, [1, 1], [1, 1], [1, 1], [1, 1]]},
    },
}


def test_totals_are_summed_by_site_and_count_nothing_before_a_worker_came() -> None:
    totals = site_totals(SERIES)
    assert list(totals) == ["north", "south"]
    assert totals["north"][:, 0].tolist() == [0, 10, 20, 35, 50]


def test_a_rate_is_what_was_added_over_the_last_seconds() -> None:
    times = np.array(SERIES["times"])
    assert rates(times, site_totals(SERIES)["north"])[:, 0].tolist() == [0, 10, 10, 12.5, 15]


def test_draws_both_formats(tmp_path: Path) -> None:
    (tmp_path / "throughput.json").write_text(json.dumps(SERIES))
    assert main([str(tmp_path / "throughput.json"), str(tmp_path / "throughput")]) == 0
    assert (tmp_path / "throughput.png").read_bytes().startswith(b"\x89PNG")
    assert "<svg" in (tmp_path / "throughput.svg").read_text()


def test_says_so_where_nothing_ran(tmp_path: Path, capsys: object) -> None:
    (tmp_path / "empty.json").write_text('{"times": [], "workers": {}}')
    assert main([str(tmp_path / "empty.json"), str(tmp_path / "x")]) == 2
