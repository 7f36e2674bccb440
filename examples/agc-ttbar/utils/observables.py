"""The two quantities the fit looks at, in GeV."""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray


def scalar_sum(jets: Any) -> NDArray[np.float64]:
    """Return H_T: the scalar sum of the jets' transverse momenta."""
    return ak.to_numpy(ak.sum(jets.pt, axis=1))


def trijet_mass(jets: Any) -> NDArray[np.float64]:
    """Return the mass of the three jets with the largest pt together, among those with a b tag.

    Stands for a top that decays to b q q'. Every event must have three jets and a b tag.

    Notes
    -----
    Jets and combinations are flat arrays, for speed; the events' borders come back for the maximum.
    """
    flat = {name: ak.to_numpy(ak.flatten(jets[name])) for name in ("pt", "eta", "phi", "mass", "b")}
    pt, eta, phi = flat["pt"], flat["eta"], flat["phi"]
    energy = np.sqrt((pt * np.cosh(eta)) ** 2 + flat["mass"] ** 2)
    p = np.stack([pt * np.cos(phi), pt * np.sin(phi), pt * np.sinh(eta), energy])

    counts = ak.to_numpy(ak.num(jets.pt))
    combinations = ak.argcombinations(jets.pt, 3)
    event = np.repeat(np.arange(len(counts)), ak.to_numpy(ak.num(combinations)))
    first_jet = (np.cumsum(counts) - counts)[event]
    chosen = [first_jet + ak.to_numpy(part) for part in ak.unzip(ak.flatten(combinations))]
    tagged = np.logical_or.reduce([flat["b"][jet] for jet in chosen])
    px, py, pz, energy = sum(p[:, jet[tagged]] for jet in chosen)

    per_event = np.bincount(event[tagged], minlength=len(counts))
    best = ak.to_numpy(ak.argmax(ak.unflatten(px**2 + py**2, per_event), axis=1))
    best = best + np.cumsum(per_event) - per_event
    squared = energy**2 - px**2 - py**2 - pz**2
    # rounding may leave a little below zero
    return np.sqrt(np.maximum(squared[best], 0))
