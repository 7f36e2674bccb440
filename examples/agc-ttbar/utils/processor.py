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
from utils.selection import PT_MIN, candidate_jets, good_electrons, good_muons, jet_cuts
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
        Also return the transverse momenta of the leptons and jets selected in all events.
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
        one_lepton = ak.to_numpy(ak.sum(electrons, axis=1) + ak.sum(muons, axis=1) == 1)

        # the rest looks at these events alone
        left = events[one_lepton]
        candidates = candidate_jets(left.Jet)
        filled = {region: empty_histogram(label) for region, (label, _) in OBSERVABLES.items()}
        # data, and the samples of a generator variation, have nothing else to vary
        varied = simulated and sample == "nominal"
        for variation in KINEMATIC if varied else ("nominal",):
            jets = vary_jets(candidates, left, variation)
            jets = jets[jets.pt > PT_MIN]
            cuts = jet_cuts(jets)
            if variation == "nominal":
                counts = {cut: int(mask.sum()) for cut, mask in cuts.items()}
            for region, (_, observable) in OBSERVABLES.items():
                inside = jets[cuts[region]]
                factors: dict[str, Any] = {sample if variation == "nominal" else variation: 1.0}
                if varied and variation == "nominal":
                    factors |= weight_variations(process, inside)
                inside_weights = weights[one_lepton][cuts[region]]
                fill(filled[region], process, observable(inside), inside_weights, factors)
        cutflow = {"all": len(events), "one lepton": int(one_lepton.sum()), **counts}
        out: dict[str, Any] = {
            "hist": filled,
            "sumw": {process: {sample: float(weights.sum())}},
            "cutflow": {dataset: cutflow},
        }
        if self._objects:
            out["objects"] = {dataset: selected_momenta(events, electrons, muons)}
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


def empty_histogram(label: str) -> hist.Hist:
    """Return a histogram of one observable, from 50 to 550 GeV, by process and variation."""
    return hist.Hist(
        hist.axis.Regular(25, 50, 550, name="observable", label=label),
        hist.axis.StrCategory([], name="process", growth=True),
        hist.axis.StrCategory([], name="variation", growth=True),
        storage=hist.storage.Weight(),
    )


def fill(
    histogram: hist.Hist, process: str, values: Any, weights: Any, factors: Mapping[str, Any]
) -> None:
    """Fill the values once for each variation, with the weights times its factor."""
    for variation, factor in factors.items():
        histogram.fill(values, process, variation, weight=weights * factor)


def ordered(histogram: hist.Hist, factors: Mapping[tuple[str, str], float]) -> hist.Hist:
    """Return the histogram scaled, its categories sorted: the order of chunks no longer shows.

    A variation without a sample of its own was made from the nominal one, and scales with it.
    """
    processes, variations = sorted(histogram.axes["process"]), sorted(histogram.axes["variation"])
    out = hist.Hist(
        histogram.axes["observable"],
        hist.axis.StrCategory(processes, name="process", growth=True),
        hist.axis.StrCategory(variations, name="variation", growth=True),
        storage=hist.storage.Weight(),
    )
    for process in processes:
        for variation in variations:
            factor = factors.get((process, variation), factors.get((process, "nominal"), 1.0))
            row = {"process": hist.loc(process), "variation": hist.loc(variation)}
            view = histogram[row].view(flow=True)
            index = (slice(None), processes.index(process), variations.index(variation))
            filled = out.view(flow=True)
            filled["value"][index] = view["value"] * factor
            filled["variance"][index] = view["variance"] * factor**2
    return out


def selected_momenta(
    events: Any, electrons: Any, muons: Any
) -> dict[str, processor.column_accumulator]:
    """Return the transverse momenta of the selected leptons and jets of all events, in order."""
    jets = candidate_jets(events.Jet)
    chosen = {
        "electron": events.Electron.pt[electrons],
        "muon": events.Muon.pt[muons],
        "jet": jets.pt[jets.pt > PT_MIN],
    }
    return {
        name: processor.column_accumulator(ak.to_numpy(ak.flatten(pt)))
        for name, pt in chosen.items()
    }
