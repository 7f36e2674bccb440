"""The selection once more, event by event, with uproot and numpy alone."""

from __future__ import annotations

from dataclasses import dataclass, field
from itertools import combinations
from pathlib import Path
from typing import Any

import numpy as np
import uproot

BRANCHES = {
    "Electron": ("pt", "eta", "cutBased", "sip3d"),
    "Muon": ("pt", "eta", "tightId", "sip3d", "pfRelIso04_all"),
    "Jet": ("pt", "eta", "phi", "mass", "jetId", "btagCSVV2"),
}


@dataclass
class Selected:
    """Counts by cut, pt of the objects selected in all events, observables with their weights."""

    cutflow: dict[str, int]
    pt: dict[str, list[Any]] = field(
        default_factory=lambda: {"electron": [], "muon": [], "jet": []}
    )
    observables: dict[str, list[tuple[float, float]]] = field(
        default_factory=lambda: {"4j1b": [], "4j2b": []}
    )


def select(path: Path, pt_factor: float = 1.0) -> Selected:
    """Select the events of a file; jets' momenta are multiplied by the factor before."""
    with uproot.open(path) as file:
        tree = file["Events"]
        names = [f"{c}_{column}" for c, columns in BRANCHES.items() for column in columns]
        columns = tree.arrays(names, library="np")
        weights = tree["genWeight"].array(library="np") if "genWeight" in tree else None
        count = tree.num_entries
    cuts = ("all", "one lepton", "four jets", "one b jet", "4j1b", "4j2b")
    out = Selected(dict.fromkeys(cuts, 0))
    for i in range(count):
        e = {c: columns[f"Electron_{c}"][i] for c in BRANCHES["Electron"]}
        m = {c: columns[f"Muon_{c}"][i] for c in BRANCHES["Muon"]}
        j = {c: columns[f"Jet_{c}"][i] for c in BRANCHES["Jet"]}
        electrons = e["pt"][
            (e["pt"] > 30) & (np.abs(e["eta"]) < 2.1) & (e["cutBased"] == 4) & (e["sip3d"] < 4)
        ]
        close = (m["sip3d"] < 4) & (m["pfRelIso04_all"] < 0.15)
        muons = m["pt"][
            (m["pt"] > 30) & (np.abs(m["eta"]) < 2.1) & m["tightId"].astype(bool) & close
        ]
        pt = j["pt"].astype(np.float64) * pt_factor
        good = (pt > 30) & (np.abs(j["eta"]) < 2.4) & ((j["jetId"] >> 2) % 2 == 1)
        out.pt["electron"] += list(electrons)
        out.pt["muon"] += list(muons)
        out.pt["jet"] += list(pt[good])

        jets = [
            (pt[k], float(j["eta"][k]), float(j["phi"][k]), float(j["mass"][k]), tag > 0.5)
            for k, tag in enumerate(j["btagCSVV2"])
            if good[k]
        ]
        tags = sum(tagged for *_, tagged in jets)
        passed = [True, len(electrons) + len(muons) == 1, len(jets) >= 4, tags >= 1]
        for cut, so_far in zip(cuts, np.logical_and.accumulate(passed), strict=False):
            out.cutflow[cut] += int(so_far)
        if not all(passed):
            continue
        region = "4j1b" if tags == 1 else "4j2b"
        out.cutflow[region] += 1
        value = sum(jet[0] for jet in jets) if region == "4j1b" else trijet_mass(jets)
        weight = 1.0 if weights is None else float(weights[i])
        out.observables[region].append((value, weight))
    return out


def trijet_mass(jets: list[tuple[float, ...]]) -> float:
    """Try every three jets of one event."""
    best_pt, best_mass = -1.0, 0.0
    for three in combinations(jets, 3):
        if not any(tagged for *_, tagged in three):
            continue
        px = sum(pt * np.cos(phi) for pt, _, phi, _, _ in three)
        py = sum(pt * np.sin(phi) for pt, _, phi, _, _ in three)
        pz = sum(pt * np.sinh(eta) for pt, eta, _, _, _ in three)
        e = sum(np.sqrt((pt * np.cosh(eta)) ** 2 + mass**2) for pt, eta, _, mass, _ in three)
        if np.hypot(px, py) > best_pt:
            best_pt = np.hypot(px, py)
            best_mass = np.sqrt(max(e**2 - px**2 - py**2 - pz**2, 0))
    return float(best_mass)
