"""The fit of the ttbar cross section, with cabinetry and pyhf."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

import cabinetry
import hist
import numpy as np

from utils.model import workspace


@dataclass(frozen=True)
class Fit:
    """A fit that converged: the model, cabinetry's result, and predictions before and after."""

    ttbar_norm: float
    uncertainty: float
    results: Any
    data: list[float]
    before: Any
    after: Any

    def numbers(self) -> dict[str, float]:
        """Return what a check looks at."""
        return {"ttbar_norm": self.ttbar_norm, "uncertainty": self.uncertainty}


def fit(histograms: Mapping[str, hist.Hist]) -> Fit:
    """Fit the signal strength of ttbar to the pseudo-data.

    Raises
    ------
    ValueError
        Where a bin expects nothing: too few events were processed for a fit.
    """
    model, data = cabinetry.model_utils.model_and_data(workspace(histograms))
    before = cabinetry.model_utils.prediction(model)
    expected = np.concatenate([np.sum(channel, axis=0) for channel in before.model_yields])
    if not (expected > 0).all():
        raise ValueError(
            f"{(expected <= 0).sum()} bins of the fit expect no events: "
            "process more data (0.2 M events are enough)."
        )
    results = cabinetry.fit.fit(model, data)
    index = model.config.poi_index
    return Fit(
        ttbar_norm=float(results.bestfit[index]),
        uncertainty=float(results.uncertainty[index]),
        results=results,
        data=data,
        before=before,
        after=cabinetry.model_utils.prediction(model, fit_results=results),
    )
