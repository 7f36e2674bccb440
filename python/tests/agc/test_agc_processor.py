from __future__ import annotations

from pathlib import Path
from typing import Any

import hist
import numpy as np


def nominal(output: Any, region: str, process: str, variation: str = "nominal") -> Any:
    row = {"process": hist.loc(process), "variation": hist.loc(variation)}
    return output["hist"][region][row].values(flow=True)


def test_the_result_does_not_depend_on_the_chunks(example: Any, small_data: Path) -> None:
    fileset = example.fileset.read_fileset(small_data)
    whole = example.checks.numbers(example.run_plain.run(fileset))
    pieces = example.checks.numbers(example.run_plain.run(fileset, chunksize=400))
    assert example.checks.differences(whole, pieces) == []
    assert sum(whole["events"].values()) == 27_000


def test_every_difference_is_told(example: Any) -> None:
    def result(count: int, total: float) -> dict[str, Any]:
        bins = {"4j1b|ttbar|nominal": [0.0, total]}
        return {"events": {"a": count}, "cutflow": {}, "sumw": {}, "yields": bins}

    assert example.checks.differences(result(1, 1.0), result(1, 1.0 + 1e-12)) == []
    assert example.checks.differences(result(1, 1.0), result(2, 1.0)) == ["events: a: 1, and 2"]
    assert len(example.checks.differences(result(1, 1.0), result(1, 1.0 + 1e-6))) == 1


def test_samples_are_scaled_to_the_luminosity_by_the_sum_of_generator_weights(
    example: Any, small_data: Path
) -> None:
    samples, fileset = example.samples, example.fileset.read_fileset(small_data)
    for files_per_sample in (1, 2):
        some = example.fileset.read_fileset(small_data, files_per_sample)
        assert len(some["wjets__nominal"]["files"]) == files_per_sample
    chosen = {"wjets__nominal": fileset["wjets__nominal"]}
    scaled = example.run_plain.run(chosen)
    plain = {"wjets__nominal": {**chosen["wjets__nominal"], "metadata": {"process": "unknown"}}}
    unscaled = example.run_plain.run(plain)
    sumw = scaled["sumw"]["wjets"]["nominal"]
    expected = samples.CROSS_SECTIONS["wjets"] * samples.LUMINOSITY / sumw
    for region in ("4j1b", "4j2b"):
        raw = nominal(unscaled, region, "unknown")
        assert raw.sum() > 0
        np.testing.assert_allclose(nominal(scaled, region, "wjets"), raw * expected)


def test_samples_have_their_own_variations_and_no_others(default_output: Any) -> None:
    def filled(process: str) -> set[str]:
        histogram = default_output["hist"]["4j1b"]
        names = histogram.axes["variation"]
        return {v for v in names if nominal(default_output, "4j1b", process, v).any()}

    common = {"nominal", "pt_scale_up", "pt_res_up"}
    common |= {f"btag_var_{i}_{way}" for i in range(4) for way in ("up", "down")}
    assert filled("single_top_tW") == common
    assert filled("ttbar") == common | {"scaleup", "scaledown", "ME_var", "PS_var"}
    assert filled("wjets") == common | {"scale_var_up", "scale_var_down"}


def test_variations_up_and_down_enclose_the_nominal(default_output: Any) -> None:
    for name in [f"btag_var_{i}" for i in range(4)]:
        up, down = (nominal(default_output, "4j2b", "ttbar", f"{name}_{w}") for w in ("up", "down"))
        np.testing.assert_allclose(up + down, 2 * nominal(default_output, "4j2b", "ttbar"))
        assert up.sum() > down.sum()


def test_drawn_numbers_are_normal_and_follow_from_the_ids(example: Any) -> None:
    ids = np.repeat(np.arange(20_000), 5), np.tile(np.arange(5), 20_000)
    drawn = example.systematics.gaussian(*ids)
    assert abs(drawn.mean()) < 0.02
    assert abs(drawn.std() - 1) < 0.02
    assert abs(np.mean(drawn**4) - 3) < 0.2
    assert abs(np.corrcoef(drawn[:-1], drawn[1:])[0, 1]) < 0.02
    half = example.systematics.gaussian(*(values[50_000:] for values in ids))
    np.testing.assert_array_equal(half, drawn[50_000:])
