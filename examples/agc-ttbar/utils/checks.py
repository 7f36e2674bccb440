"""The analysis in numbers: what two runs of it must agree on, however they were run."""

from __future__ import annotations

import math
from collections.abc import Mapping
from typing import Any

RELATIVE = 1e-9
"""Sums of weights may differ by that much: chunks are added in the order in which they are done."""


def numbers(output: Mapping[str, Any]) -> dict[str, Any]:
    """Return a processor's output as plain numbers, for JSON.

    Returns
    -------
    dict
        `events` and `cutflow` by dataset: integers. `sumw` by process and variation, and
        `yields`, the content of every bin by `region|process|variation`, underflow first and
        overflow last: floats.
    """
    yields = {}
    for region, histogram in output["hist"].items():
        values = histogram.values(flow=True)
        for i, process in enumerate(histogram.axes["process"]):
            for j, variation in enumerate(histogram.axes["variation"]):
                if values[:, i, j].any():
                    yields[f"{region}|{process}|{variation}"] = values[:, i, j].tolist()
    cutflow = {dataset: dict(cuts) for dataset, cuts in sorted(output["cutflow"].items())}
    return {
        "events": {dataset: cuts["all"] for dataset, cuts in cutflow.items()},
        "cutflow": cutflow,
        "sumw": {process: dict(sums) for process, sums in sorted(output["sumw"].items())},
        "yields": dict(sorted(yields.items())),
    }


def differences(first: Mapping[str, Any], second: Mapping[str, Any]) -> list[str]:
    """Say where two results of `numbers` differ: integers at all, sums by more than `RELATIVE`.

    What only one of them has beside (a fit, times) is not compared.
    """
    return [
        line
        for part in ("events", "cutflow", "sumw", "yields")
        for line in _differences(part, first[part], second[part])
    ]


def _differences(where: str, a: Any, b: Any) -> list[str]:
    if isinstance(a, Mapping) and isinstance(b, Mapping):
        lines = [f"{where}: {key} is in one alone" for key in sorted(a.keys() ^ b.keys())]
        common = sorted(a.keys() & b.keys())
        return lines + [line for k in common for line in _differences(f"{where}: {k}", a[k], b[k])]
    if isinstance(a, list) and isinstance(b, list):
        if len(a) != len(b):
            return [f"{where}: {len(a)} bins, and {len(b)}"]
        # the small bins of a histogram with negative weights are known as well as its large ones
        scale = max(map(abs, [*a, *b]), default=0.0) * RELATIVE
        pairs = enumerate(zip(a, b, strict=True))
        return [f"{where}: bin {i} is {x}, and {y}" for i, (x, y) in pairs if abs(x - y) > scale]
    if isinstance(a, float) and isinstance(b, float):
        same = math.isclose(a, b, rel_tol=RELATIVE)
    else:
        same = type(a) is type(b) and a == b
    return [] if same else [f"{where}: {a}, and {b}"]
