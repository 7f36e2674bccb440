"""From histograms to a statistical model: pseudo-data, and a HistFactory workspace for pyhf."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import hist
import numpy as np
from numpy.typing import NDArray

from utils.samples import CROSS_SECTIONS

Array = NDArray[np.float64]

FIRST_BIN, MERGED = 3, 2
"""The fit begins at 110 GeV and takes two bins of 20 GeV together; overflow is left out."""

LUMINOSITY_UNCERTAINTY = 0.03

COMMON: dict[str, tuple[str, str | None]] = {
    "jet energy scale": ("pt_scale_up", None),
    "jet energy resolution": ("pt_res_up", None),
    **{f"b tag {i + 1}": (f"btag_var_{i}_up", f"btag_var_{i}_down") for i in range(4)},
}
OWN: dict[str, dict[str, tuple[str, str | None]]] = {
    "ttbar": {
        "ttbar matrix element": ("ME_var", None),
        "ttbar parton shower": ("PS_var", None),
        "ttbar scale": ("scaleup", "scaledown"),
    },
    "wjets": {"W+jets scale": ("scale_var_up", "scale_var_down")},
}
"""Variations up and down by systematic uncertainty; where there is no down, it mirrors up."""


def fit_bins(values: Array) -> Array:
    """Return the bins of the fit, from those of a histogram without overflow."""
    return values[FIRST_BIN:].reshape(-1, MERGED).sum(axis=1)


def fit_edges(histogram: hist.Hist) -> Array:
    """Return the edges of the bins of the fit, in GeV."""
    return np.asarray(histogram.axes["observable"].edges[FIRST_BIN::MERGED])


def content(histogram: hist.Hist, process: str, variation: str) -> tuple[Array, Array]:
    """Return the expected events in each bin of the fit, and their variance.

    Both are zero where nothing was filled.
    """
    if process not in histogram.axes["process"] or variation not in histogram.axes["variation"]:
        empty = fit_bins(np.zeros(histogram.axes["observable"].size))
        return empty, empty
    row = histogram[{"process": hist.loc(process), "variation": hist.loc(variation)}]
    return fit_bins(row.values()), fit_bins(row.variances())


def pseudo_data(histogram: hist.Hist) -> Array:
    """Return what takes the place of data: half of each alternative ttbar, and the rest."""
    ttbar = (content(histogram, "ttbar", v)[0] for v in ("ME_var", "PS_var"))
    others = (content(histogram, p, "nominal")[0] for p in CROSS_SECTIONS if p != "ttbar")
    return np.rint(0.5 * sum(ttbar) + sum(others))


def workspace(histograms: Mapping[str, hist.Hist]) -> dict[str, Any]:
    """Return the workspace: a channel a region; its parameter of interest scales ttbar."""
    channels = [
        {
            "name": region,
            "samples": [
                sample(region, histogram, process)
                for process in CROSS_SECTIONS
                if content(histogram, process, "nominal")[0].sum() > 0
            ],
        }
        for region, histogram in histograms.items()
    ]
    poi = {"poi": "ttbar_norm", "parameters": [{"name": "ttbar_norm", "bounds": [[0, 10]]}]}
    return {
        "version": "1.0.0",
        "channels": channels,
        "observations": [
            {"name": region, "data": pseudo_data(histogram).tolist()}
            for region, histogram in histograms.items()
        ],
        "measurements": [{"name": "ttbar cross section", "config": poi}],
    }


def sample(region: str, histogram: hist.Hist, process: str) -> dict[str, Any]:
    """Return one process in one channel, with all that can change it."""
    nominal, variance = content(histogram, process, "nominal")
    around = {"hi": 1 + LUMINOSITY_UNCERTAINTY, "lo": 1 - LUMINOSITY_UNCERTAINTY}
    modifiers: list[dict[str, Any]] = [
        {"name": "luminosity", "type": "normsys", "data": around},
        {"name": f"staterror_{region}", "type": "staterror", "data": np.sqrt(variance).tolist()},
    ]
    if process == "ttbar":
        modifiers.append({"name": "ttbar_norm", "type": "normfactor", "data": None})
    for name, (up, down) in {**COMMON, **OWN.get(process, {})}.items():
        high, _ = content(histogram, process, up)
        low = 2 * nominal - high if down is None else content(histogram, process, down)[0]
        modifiers += norm_and_shape(name, nominal, high, np.maximum(low, 0))
    return {"name": process, "data": nominal.tolist(), "modifiers": modifiers}


def norm_and_shape(name: str, nominal: Array, high: Array, low: Array) -> list[dict[str, Any]]:
    """Return a variation as two modifiers of one parameter: number of events, and shape."""
    total = nominal.sum()
    if high.sum() <= 0 or low.sum() <= 0:
        return []
    shape = {
        "hi_data": (high * total / high.sum()).tolist(),
        "lo_data": (low * total / low.sum()).tolist(),
    }
    norm = {"hi": high.sum() / total, "lo": low.sum() / total}
    return [
        {"name": name, "type": "normsys", "data": norm},
        {"name": name, "type": "histosys", "data": shape},
    ]
