"""Which leptons, jets and events the analysis takes.

The cuts are those of the public AGC. Branches that differ between NanoAOD versions are handled by
what exists: see `B_TAGGERS` and `is_tight_lepton_veto`.
"""

from __future__ import annotations

from typing import Any

import awkward as ak
import numpy as np
from numpy.typing import NDArray

PT_MIN = 30.0
"""Smallest transverse momentum of leptons and jets, in GeV."""

B_TAGGERS: dict[str, float] = {"btagCSVV2": 0.5, "btagDeepB": 0.4941, "btagDeepFlavB": 0.3033}
"""B-tag discriminators and their cuts, in order of preference: NanoAOD's versions differ."""


def good_electrons(electrons: Any) -> Any:
    """Return the mask of tight electrons from the primary vertex."""
    return (
        (electrons.pt > PT_MIN)
        & (abs(electrons.eta) < 2.1)
        & (electrons.cutBased == 4)
        & (electrons.sip3d < 4)
    )


def good_muons(muons: Any) -> Any:
    """Return the mask of tight, isolated muons from the primary vertex."""
    return (
        (muons.pt > PT_MIN)
        & (abs(muons.eta) < 2.1)
        & muons.tightId
        & (muons.sip3d < 4)
        & (muons.pfRelIso04_all < 0.15)
    )


def is_tight_lepton_veto(jets: Any) -> Any:
    """Return the mask of jets that pass `tightLepVeto`: bit 3 of `jetId` in every NanoAOD version.

    Comparing the whole number would not do: bit 1 (loose) is set in 2016 and never in 2017.
    """
    return (jets.jetId & 4) == 4


def b_tagged(jets: Any) -> Any:
    """Return the mask of b-tagged jets, by the first discriminator the file has."""
    for name, cut in B_TAGGERS.items():
        if name in jets.fields:
            return jets[name] > cut
    raise ValueError(f"The jets have no b tag: the file has none of {', '.join(B_TAGGERS)}.")


def candidate_jets(jets: Any) -> Any:
    """Return what the analysis needs of central, well identified jets, of any pt: that varies.

    The result has `pt`, `eta`, `phi`, `mass` (64-bit, GeV), `b` (tagged or not) and `index` in the
    event.
    """
    central = (abs(jets.eta) < 2.4) & is_tight_lepton_veto(jets)
    columns = {
        name: ak.values_astype(jets[name], np.float64) for name in ("pt", "eta", "phi", "mass")
    }
    columns |= {"b": b_tagged(jets), "index": ak.local_index(jets.pt, axis=1)}
    return ak.zip(columns)[central]


def jet_cuts(jets: Any) -> dict[str, NDArray[np.bool_]]:
    """Return which events pass each cut on the selected jets, in order.

    Each is within the one before, but for the last two: the regions, which split `one b jet`.
    """
    four = ak.to_numpy(ak.num(jets.pt) >= 4)
    tags = ak.to_numpy(ak.sum(jets.b, axis=1))
    return {
        "four jets": four,
        "one b jet": four & (tags >= 1),
        "4j1b": four & (tags == 1),
        "4j2b": four & (tags >= 2),
    }
