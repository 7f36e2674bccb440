"""Figures of the analysis, in the manner of CMS, and marked as simulated toy data."""

from __future__ import annotations

from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

import hist
import matplotlib.pyplot as plt
import numpy as np
from matplotlib.axes import Axes
from matplotlib.figure import Figure
from matplotlib.gridspec import SubplotSpec

from utils.model import fit_edges
from utils.samples import LABELS, LUMINOSITY

if TYPE_CHECKING:
    from utils.fit import Fit

STACK = list(reversed(LABELS))
"""Processes from the bottom of a stack to its top, as far as they are there."""

# the six colours of M. Petroff (arXiv:2107.02270), which everybody can tell apart
COLOURS: dict[str, str] = {
    "ttbar": "#e42536",
    "wjets": "#f89c20",
    "single_top_tW": "#5790fc",
    "single_top_t_chan": "#964a8b",
    "single_top_s_chan": "#9c9ca1",
}
STYLE: dict[str, Any] = {
    "font.size": 12,
    "axes.labelsize": 13,
    "xaxis.labellocation": "right",
    "yaxis.labellocation": "top",
    "xtick.direction": "in",
    "ytick.direction": "in",
    "xtick.top": True,
    "ytick.right": True,
    "xtick.minor.visible": True,
    "ytick.minor.visible": True,
    "legend.frameon": False,
    "legend.fontsize": 10.5,
    "figure.dpi": 100,
    "svg.fonttype": "path",
}
TITLES: dict[str, str] = {"4j1b": "4 jets, 1 b tag", "4j2b": r"4 jets, $\geq$ 2 b tags"}
MARGINS: dict[str, Any] = {"left": 0.075, "right": 0.985, "top": 0.96, "bottom": 0.06}
POINTS: dict[str, Any] = {"fmt": "o", "color": "black", "markersize": 4, "linewidth": 1.2}
BAND: dict[str, Any] = {"facecolor": "none", "edgecolor": "0.35", "hatch": "/////", "linewidth": 0}


def stacks(histograms: Mapping[str, hist.Hist]) -> Figure:
    """Draw the expected events of each region, process upon process, with statistical errors."""
    with plt.rc_context(STYLE):
        figure, axes = plt.subplots(1, len(histograms), figsize=(12, 5), layout="constrained")
        for ax, (region, histogram) in zip(axes, histograms.items(), strict=True):
            edges = histogram.axes["observable"].edges
            rows = {p: _row(histogram, p) for p in STACK if p in histogram.axes["process"]}
            _stack(ax, edges, {process: row.values() for process, row in rows.items()})
            total = sum(row.values() for row in rows.values())
            sigma = np.sqrt(sum(row.variances() for row in rows.values()))
            _band(ax, edges, total, sigma, "Stat. uncertainty")
            _finish(ax, region, edges, total)
            ax.set_xlabel(histogram.axes["observable"].label)
    return figure


def variations(
    histogram: hist.Hist, region: str, chosen: Mapping[str, str], process: str = "ttbar"
) -> Figure:
    """Draw one process with variations (label by name), and their ratio to the nominal."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(7, 6))
        ax, below = _two_panels(figure, figure.add_gridspec(1, 1)[0])
        edges = histogram.axes["observable"].edges
        nominal = _row(histogram, process).values()
        ax.stairs(nominal, edges, color="black", linewidth=1.6, label="Nominal")
        below.axhline(1, color="black", linewidth=1)
        colours = ("#3f90da", "#e76300", "#a96b59", "#b9ac70", "#832db6")
        for colour, (name, label) in zip(colours, chosen.items(), strict=False):
            varied = _row(histogram, process, name).values()
            ratio = np.divide(varied, nominal, out=np.ones_like(varied), where=nominal > 0)
            ax.stairs(varied, edges, color=colour, linewidth=1.4, label=label)
            below.stairs(ratio, edges, color=colour, linewidth=1.4, baseline=None)
        _finish(ax, region, edges, nominal, extra=f", {LABELS[process]} only", reverse=False)
        below.set(xlabel=histogram.axes["observable"].label, ylabel="Ratio", ylim=(0.7, 1.3))
    return figure


def before_and_after(histograms: Mapping[str, hist.Hist], fit: Fit) -> Figure:
    """Draw pseudo-data and model in each region (across), before the fit and after (down)."""
    with plt.rc_context(STYLE):
        figure = plt.figure(figsize=(12, 10.5))
        grid = figure.add_gridspec(2, len(histograms), hspace=0.22, wspace=0.2, **MARGINS)
        stages = (("before the fit", fit.before), ("after the fit", fit.after))
        for row, (when, prediction) in enumerate(stages):
            start = 0
            for column, (region, histogram) in enumerate(histograms.items()):
                edges = fit_edges(histogram)
                data = np.asarray(fit.data[start : start + len(edges) - 1])
                start += len(data)
                ax, below = _two_panels(figure, grid[row, column])
                names = prediction.model.config.samples
                yields = dict(zip(names, np.asarray(prediction.model_yields[column]), strict=True))
                _stack(ax, edges, {p: yields[p] for p in STACK if p in yields})
                total = sum(yields.values())
                sigma = np.asarray(prediction.total_stdev_model_bins[column][-1])
                _band(ax, edges, total, sigma, "Total uncertainty")
                centres, error = (edges[1:] + edges[:-1]) / 2, np.sqrt(data)
                ax.errorbar(centres, data, error, label="Pseudo-data", **POINTS)
                _finish(ax, region, edges, np.maximum(total, data), extra=f", {when}")
                below.errorbar(centres, data / total, error / total, **POINTS)
                _band(below, edges, np.ones_like(total), sigma / total, None)
                below.axhline(1, color="black", linewidth=0.8)
                below.set(xlabel=histogram.axes["observable"].label, ylim=(0.52, 1.48))
                below.set_ylabel("Data / model", loc="center")
    return figure


def pulls(fit: Fit) -> Figure:
    """Draw how far the fit moved each uncertainty, in units of what was known before."""
    with plt.rc_context(STYLE):
        labels = np.asarray(fit.results.labels)
        wanted = [
            i for i, name in enumerate(labels) if name != "ttbar_norm" and "staterror" not in name
        ]
        place = np.arange(len(wanted))[::-1]
        figure, ax = plt.subplots(figsize=(7.5, 0.34 * len(wanted) + 1.4), layout="constrained")
        ax.axvspan(-2, 2, color="#fff2ae", linewidth=0)
        ax.axvspan(-1, 1, color="#b3e2cd", linewidth=0)
        ax.axvline(0, color="0.4", linewidth=0.8, linestyle="--")
        bestfit, sigma = fit.results.bestfit[wanted], fit.results.uncertainty[wanted]
        ax.errorbar(bestfit, place, xerr=sigma, fmt="o", color="black", markersize=4)
        ax.set_yticks(place, labels[wanted])
        ax.tick_params(axis="y", which="both", left=False, right=False)
        ax.yaxis.minorticks_off()
        ax.set(xlim=(-3, 3), ylim=(-0.8, len(wanted) - 0.2))
        ax.set_xlabel(r"$(\hat{\theta} - \theta_0)\,/\,\Delta\theta$")
        _mark(ax)
    return figure


def _row(histogram: hist.Hist, process: str, variation: str = "nominal") -> Any:
    return histogram[{"process": hist.loc(process), "variation": hist.loc(variation)}]


def _two_panels(figure: Figure, place: SubplotSpec) -> tuple[Axes, Axes]:
    rows = place.subgridspec(2, 1, height_ratios=(3, 1), hspace=0.06)
    below = figure.add_subplot(rows[1])
    ax = figure.add_subplot(rows[0], sharex=below)
    ax.tick_params(axis="x", which="both", labelbottom=False)
    return ax, below


def _stack(ax: Axes, edges: Any, parts: Mapping[str, Any]) -> None:
    bottom = np.zeros(len(edges) - 1)
    for process, values in parts.items():
        look = {"color": COLOURS[process], "label": LABELS[process], "fill": True}
        ax.stairs(bottom + values, edges, baseline=bottom, **look)
        bottom = bottom + values


def _band(ax: Axes, edges: Any, middle: Any, sigma: Any, label: str | None) -> None:
    ax.stairs(middle + sigma, edges, baseline=middle - sigma, fill=True, label=label, **BAND)


def _finish(
    ax: Axes, region: str, edges: Any, highest: Any, extra: str = "", reverse: bool = True
) -> None:
    # room above the content for the legend
    ax.set(xlim=(edges[0], edges[-1]), ylim=(0, 1.6 * float(np.max(highest))))
    ax.set_ylabel(f"Events / {edges[1] - edges[0]:g} GeV")
    ax.ticklabel_format(axis="y", style="plain")
    ax.text(0.04, 0.95, TITLES[region] + extra, transform=ax.transAxes, va="top", fontsize=11.5)
    ax.legend(loc="upper right", bbox_to_anchor=(1, 0.91), reverse=reverse)
    _mark(ax)


def _mark(ax: Axes) -> None:
    ax.set_title("Simulated toy data", loc="left", fontsize=12, fontweight="bold")
    energy = rf"{LUMINOSITY / 1000:.1f} fb$^{{-1}}$ (13 TeV)"
    ax.set_title(energy, loc="right", fontsize=12)
