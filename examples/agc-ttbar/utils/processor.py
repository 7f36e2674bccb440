"""The analysis as coffea runs it: from a chunk of events to histograms and counts."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

import awkward as ak
import hist
import numpy as np
from coffea import processor

from utils.observables import scalar_sum, trijet_mass
from utils.samples import CROSS_SECTIONS, LUMINOSITY
from utils.selection import PT_MIN, candidate_jets, cut_masks, good_electrons, good_muons
from utils.systematics import KINEMATIC, vary_jets, weight_variations

OBSERVABLES: dict[str, tuple[str, Any]] = {
    "4j1b": (r"$H_T$ [GeV]", scalar_sum),
    "4j2b": (r"$m_{bjj}$ [GeV]", trijet_mass),
}
"""Each region's observable: its name on an axis, and how it follows from the jets."""


class TtbarProcessor(processor.ProcessorABC):
    """Single-lepton ttbar selection in two regions, with its systematic variations.

    Parameters
    ----------
    objects : bool
        Also return the transverse momenta of the selected leptons and jets, per sample.
    cross_sections : mapping
        In picobarn, by process. A process that is not in it (as data) stays unscaled.
    luminosity : float
        In inverse picobarn.

    Notes
    -----
    Returns `hist` (by region: axes `observable`, `process`, `variation`), `cutflow` (events by
    dataset and cut, without weights), `sumw` (sum of the generator weights, by process and
    variation) and, when asked for, `objects`.
    Chunks are filled with generator weights; the whole is scaled to the luminosity at the end, when
    their sum is known, so that it is right whatever part of a sample was processed.
    """

    def __init__(
        self,
        objects: bool = False,
        cross_sections: Mapping[str, float] = CROSS_SECTIONS,
        luminosity: float = LUMINOSITY,
    ) -> None:
        self._objects = objects
        self._cross_sections = dict(cross_sections)
        self._luminosity = luminosity

    def process(self, events: Any) -> dict[str, Any]:
        """Process a chunk."""
        dataset = events.metadata["dataset"]
        process = events.metadata.get("process", dataset)
        sample = events.metadata.get("variation", "nominal")
        simulated = "genWeight" in events.fields
        weights = np.ones(len(events))
        if simulated:
            weights = ak.to_numpy(events.genWeight).astype(np.float64)
        electrons, muons = good_electrons(events.Electron), good_muons(events.Muon)
        one_lepton = ak.sum(electrons, axis=1) + ak.sum(muons, axis=1) == 1

        # the rest looks at these events alone
        ids = events[["run", "luminosityBlock", "event"]][one_lepton]
        candidates = candidate_jets(events.Jet[one_lepton])
        out: dict[str, Any] = {
            "hist": {region: empty(label) for region, (label, _) in OBSERVABLES.items()},
            "sumw": {process: {sample: float(weights.sum())}},
        }
        # samples of a generator variation, and data, have nothing else to vary
        for variation in KINEMATIC if simulated and sample == "nominal" else ("nominal",):
            jets = vary_jets(candidates, ids, variation)
            jets = jets[jets.pt > PT_MIN]
            passed = cut_masks(np.ones(len(jets), bool), jets)
            name = variation if sample == "nominal" else sample
            with_weights = simulated and name == "nominal"
            for region in OBSERVABLES:
                chosen = ak.to_numpy(passed[region])
                fill(out["hist"][region], region, process, name, jets[chosen],
                     weights[one_lepton][chosen], with_weights)
            if variation == "nominal":
                counts = {cut: int(ak.sum(mask)) for cut, mask in passed.items()}
                out["cutflow"] = {dataset: counts | {"all": len(events)}}
                if self._objects:
                    out["objects"] = {dataset: momenta(events, electrons, muons, one_lepton, jets)}
        return out

    def postprocess(self, accumulator: dict[str, Any]) -> dict[str, Any]:
        """Scale to the luminosity, and put the categories in order."""
        factors = {
            (process, sample): self._cross_sections[process] * self._luminosity / sumw
            for process, samples in accumulator["sumw"].items()
            for sample, sumw in samples.items()
            if process in self._cross_sections and sumw != 0
        }
        scaled = {r: ordered(h, factors) for r, h in accumulator["hist"].items()}
        return {**accumulator, "hist": scaled}
