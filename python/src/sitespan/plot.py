"""Draws a run's throughput as PNG and SVG: ``python -m sitespan.plot throughput.json OUT``."""

from __future__ import annotations

import argparse
import json
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    import numpy as np
    from matplotlib.figure import Figure

#: A point's rate is taken over this long, since tasks report when they end.
_SMOOTH_SECONDS = 2.0


def site_totals(series: dict[str, Any]) -> dict[str, np.ndarray]:
    """Sum the workers' running totals by site.

    Parameters
    ----------
    series
        ``{"times": [seconds], "workers": {name: {"site", "totals": [[events, bytes] or null]}}}``.

    Returns
    -------
    dict of str to ndarray
        By site, shape ``(len(times), 2)``: events and bytes so far.
    """
    import numpy as np

    sites: dict[str, np.ndarray] = {}
    for worker in series["workers"].values():
        totals = np.array([total or (0, 0) for total in worker["totals"]], dtype=float)
        sites[worker["site"]] = sites.get(worker["site"], 0) + totals
    return dict(sorted(sites.items()))


def rates(times: np.ndarray, totals: np.ndarray) -> np.ndarray:
    """Return the rate at each time: what was added over the last seconds, per second.

    Parameters
    ----------
    times, totals
        Seconds, and running totals of shape ``(len(times), …)``.
    """
    import numpy as np

    since = np.searchsorted(times, times - _SMOOTH_SECONDS)
    seconds = np.maximum(times - times[since], 1e-9)
    grown = totals - totals[since]
    return np.where(seconds[:, None] > 1e-6, grown / seconds[:, None], 0)


def draw(series: dict[str, Any], title: str) -> Figure:
    """Draw events and bytes a second over time, stacked by site."""
    import numpy as np
    from matplotlib.figure import Figure

    times = np.array(series["times"], dtype=float)
    sites = site_totals(series)
    figure = Figure(figsize=(9, 5.2), layout="constrained")
    axes = figure.subplots(2, 1, sharex=True, height_ratios=[3, 2])
    elapsed = times - times[0]
    for axis, column, unit, label in (
        (axes[0], 0, 1e3, "Events / s [kHz]"),
        (axes[1], 1, 1e6, "Read [MB/s]"),
    ):
        stack = [rates(times, totals)[:, column] / unit for totals in sites.values()]
        axis.stackplot(elapsed, stack, labels=list(sites), alpha=0.85, step="post")
        axis.set_ylabel(label)
        axis.set_ylim(bottom=0)
        axis.margins(x=0)
        axis.grid(alpha=0.3)
    total = sum(totals[-1] for totals in sites.values())
    axes[0].set_title(title, loc="left", fontweight="bold")
    axes[0].set_title(f"{total[0]:,.0f} events, {total[1] / 1e6:,.1f} MB", loc="right")
    axes[0].legend(title="Site", loc="upper left", ncols=max(1, len(sites)))
    axes[1].set_xlabel("Time since the run began [s]")
    return figure


def main(arguments: list[str] | None = None) -> int:
    """Draw; the exit code is 0, or 2 with a sentence where there is nothing to draw."""
    parser = argparse.ArgumentParser(prog="python -m sitespan.plot", description=__doc__)
    parser.add_argument("series", type=Path, help="a run's throughput.json")
    parser.add_argument("out", type=Path, help="without ending")
    parser.add_argument("--title", default="Throughput")
    given = parser.parse_args(arguments)
    series = json.loads(given.series.read_text())
    if len(series["times"]) < 2 or not series["workers"]:
        print(f"There is no throughput in {given.series}: no worker reported in that run.")
        return 2
    figure = draw(series, given.title)
    for ending in (".png", ".svg"):
        figure.savefig(given.out.with_suffix(ending), dpi=150)
    return 0


if __name__ == "__main__":
    raise SystemExit(main())
