from __future__ import annotations

from pathlib import Path
from typing import Any

import hist
import numpy as np
import pytest
from independent import Selected, select


def run(example: Any, path: Path, process: str, **options: Any) -> Any:
    fileset = {"sample": {"files": {str(path): "Events"}, "metadata": {"process": process}}}
    return example.run_plain.run(fileset, **options)


def assert_same_selection(output: Any, expected: Selected) -> None:
    assert output["cutflow"]["sample"] == expected.cutflow
    for kind, pt in expected.pt.items():
        np.testing.assert_array_equal(output["objects"]["sample"][kind].value, pt)


@pytest.mark.parametrize("sample", ["ttbar__nominal", "ttbar__ME_var", "wjets__nominal"])
def test_counts_and_momenta_equal_an_independent_selection(
    example: Any, small_data: Path, sample: str
) -> None:
    path = small_data / sample / f"{sample}_0000.root"
    expected = select(path)
    assert min(expected.cutflow.values()) > 0
    assert_same_selection(run(example, path, "toy", objects=True), expected)


@pytest.mark.filterwarnings("ignore:Branch Photon")
def test_counts_and_momenta_of_real_nanoaod_equal_an_independent_selection(
    example: Any, real_file: Path
) -> None:
    expected = select(real_file)
    assert len(expected.pt["muon"]) > 0
    assert_same_selection(run(example, real_file, "real", objects=True), expected)


@pytest.mark.parametrize(("variation", "factor"), [("nominal", 1.0), ("pt_scale_up", 1.03)])
@pytest.mark.parametrize("region", ["4j1b", "4j2b"])
def test_histograms_equal_an_independent_computation(
    example: Any, small_data: Path, region: str, variation: str, factor: float
) -> None:
    path = small_data / "ttbar__nominal" / "ttbar__nominal_0000.root"
    # a process without a cross section is left as its generator weights are
    filled = run(example, path, "toy")["hist"][region]
    row = filled[{"process": hist.loc("toy"), "variation": hist.loc(variation)}]
    values, weights = np.transpose(select(path, factor).observables[region])
    edges = np.linspace(50, 550, 26)
    np.testing.assert_allclose(row.values(), np.histogram(values, edges, weights=weights)[0])
    squares = np.histogram(values, edges, weights=weights**2)[0]
    np.testing.assert_allclose(row.variances(), squares)


def test_a_file_without_b_tags_is_refused_by_a_sentence(example: Any) -> None:
    import awkward as ak

    with pytest.raises(ValueError, match="btagCSVV2, btagDeepB, btagDeepFlavB"):
        example.selection.b_tagged(ak.Array({"pt": [[40.0]]}))


def test_the_first_b_tagger_that_exists_is_taken(example: Any) -> None:
    import awkward as ak

    newer = ak.Array([[{"btagDeepB": 0.6, "btagDeepFlavB": 0.1}]])
    older = ak.Array([[{"btagCSVV2": 0.4, "btagDeepB": 0.9}]])
    assert example.selection.b_tagged(newer).to_list() == [[True]]
    assert example.selection.b_tagged(older).to_list() == [[False]]
