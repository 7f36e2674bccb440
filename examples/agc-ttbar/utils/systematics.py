"""Systematic variations: of the jets' momenta, and of the events' weights.

Nothing is drawn from a generator with a state: the resolution's random numbers follow from run,
lumi block, event and jet. So a result depends neither on the chunks, nor on who works on them.
"""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

PT_SCALE = 1.03
PT_RESOLUTION = 0.05
B_TAG_PER_50_GEV = 0.075
W_SCALE_PER_JET = 0.025

KINEMATIC = ("nominal", "pt_scale_up", "pt_res_up")
"""Variations that change the jets, and so what is selected."""


def vary_jets(jets: Any, events: Any, variation: str) -> Any:
    """Return the jets with their momenta as one of `KINEMATIC` has them.

    Parameters
    ----------
    jets : array
        Jets with `pt` and `index`, of the same events.
    events : array
        `run`, `luminosityBlock` and `event`.
    """
    if variation == "nominal":
        return jets
    if variation == "pt_scale_up":
        return ak.with_field(jets, jets.pt * PT_SCALE, "pt")
    if variation == "pt_res_up":
        counts = ak.to_numpy(ak.num(jets.pt))
        ids = (events.run, events.luminosityBlock, events.event)
        per_jet = [np.repeat(ak.to_numpy(values), counts) for values in ids]
        drawn = gaussian(*per_jet, ak.to_numpy(ak.flatten(jets.index)))
        smeared = jets.pt * ak.unflatten(1 + PT_RESOLUTION * drawn, counts)
        return ak.with_field(jets, smeared, "pt")
    raise ValueError(f"There is no kinematic variation {variation!r}.")


def weight_variations(process: str, jets: Any) -> dict[str, NDArray[np.float64]]:
    """Return factors to the weights of events, each with four jets or more, by variation.

    `btag_var_I` goes with the pt of jet I: 7.5 % at 50 GeV, at most one half. `scale_var` is 2.5 %
    a jet, of W+jets alone.
    """
    shifts = {}
    for i in range(4):
        shift = B_TAG_PER_50_GEV * ak.to_numpy(jets.pt[:, i]) / 50
        shifts[f"btag_var_{i}"] = np.minimum(shift, 0.5)
    factors = {f"{name}_up": 1 + shift for name, shift in shifts.items()}
    factors |= {f"{name}_down": 1 - shift for name, shift in shifts.items()}
    if process == "wjets":
        counts = ak.to_numpy(ak.num(jets.pt))
        factors |= {
            "scale_var_up": (1 + W_SCALE_PER_JET) ** counts,
            "scale_var_down": (1 - W_SCALE_PER_JET) ** counts,
        }
    return factors


def gaussian(*ids: Any) -> NDArray[np.float64]:
    """Return standard normal numbers that follow from integers, element by element."""
    state = np.zeros(len(ids[0]), np.uint64)
    for values in ids:
        state = splitmix(state ^ values.astype(np.uint64))
    # 53 bits make a uniform number; Box and Muller make two of them a normal one
    first, second = ((splitmix(state + np.uint64(i)) >> np.uint64(11)) * 2.0**-53 for i in (1, 2))
    return np.sqrt(-2 * np.log1p(-first)) * np.cos(2 * np.pi * second)


def splitmix(x: NDArray[np.uint64]) -> NDArray[np.uint64]:
    """Return the output of SplitMix64 (Steele, Lea and Flood 2014) in each state."""
    x = x + np.uint64(0x9E3779B97F4A7C15)
    x = (x ^ (x >> np.uint64(30))) * np.uint64(0xBF58476D1CE4E5B9)
    x = (x ^ (x >> np.uint64(27))) * np.uint64(0x94D049BB133111EB)
    return x ^ (x >> np.uint64(31))
