from __future__ import annotations

from pathlib import Path
from typing import Any

import matplotlib
import pytest


def test_the_fit_of_the_default_data_finds_the_truth(example: Any, default_output: Any) -> None:
    result = example.fit.fit(default_output["hist"])
    assert 0 < result.uncertainty < 0.5
    assert abs(result.ttbar_norm - 1) < result.uncertainty
    fitted = dict(zip(result.results.labels, result.results.bestfit, strict=True))
    # pseudo-data are half of each alternative
    assert abs(fitted["ttbar matrix element"] - 0.5) < 0.3
    assert abs(fitted["ttbar parton shower"] - 0.5) < 0.3
    others = ("matrix element", "parton shower", "ttbar_norm", "staterror")
    nuisance = {k: v for k, v in fitted.items() if not any(part in k for part in others)}
    assert len(nuisance) == 9
    assert all(abs(value) < 1 for value in nuisance.values())


def test_too_few_events_are_said_in_a_sentence(example: Any, tmp_path: Path) -> None:
    example.make_data.make(tmp_path, events=100)
    output = example.run_plain.run(example.fileset.read_fileset(tmp_path))
    with pytest.raises(ValueError, match="process more data"):
        example.fit.fit(output["hist"])


def test_every_figure_can_be_drawn(
    example: Any, default_output: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    matplotlib.use("Agg")
    histograms, plots = default_output["hist"], example.plots
    result = example.fit.fit(histograms)
    figures = (
        plots.stacks(histograms),
        plots.variations(histograms["4j1b"], "4j1b", {"pt_scale_up": "Energy scale up"}),
        plots.before_and_after(histograms, result),
        plots.pulls(result),
    )
    for i, figure in enumerate(figures):
        figure.savefig(tmp_path / f"{i}.png")
        labels = [ax.get_xlabel() for ax in figure.axes]
        assert any("[GeV]" in label or "theta" in label for label in labels)
        titles = [ax.get_title(loc="left") for ax in figure.axes]
        assert "Simulated toy data" in titles
    matplotlib.pyplot.close("all")
