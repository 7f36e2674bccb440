"""The two quantities the fit looks at, in GeV."""

from __future__ import annotations

from typing import Any

import awkward as ak


def scalar_sum(jets: Any) -> Any:
    """Return H_T: the scalar sum of the jets' transverse momenta."""
    return ak.sum(jets.pt, axis=1)


def trijet_mass(jets: Any) -> Any:
    """Return the mass of the three jets, one of them b-tagged at least, that have the largest pt together.

    Stands for a top that decays to b q q'. Every event must have three jets and a b tag.
    """
    # Cartesian once per jet is cheaper than once per combination
    cartesian = ak.zip({"px": jets.px, "py": jets.py, "pz": jets.pz, "E": jets.energy, "b": jets.b})
    first, second, third = ak.unzip(ak.combinations(cartesian, 3))
    tagged = first.b | second.b | third.b
    p = {c: (first[c] + second[c] + third[c])[tagged] for c in ("px", "py", "pz", "E")}
    best = ak.argmax(p["px"] ** 2 + p["py"] ** 2, axis=1, keepdims=True)
    px, py, pz, energy = (ak.flatten(p[c][best]) for c in ("px", "py", "pz", "E"))
    squared = energy**2 - px**2 - py**2 - pz**2
    # rounding may leave a little below zero
    return ak.where(squared > 0, squared, 0) ** 0.5
