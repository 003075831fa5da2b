"""Which households look doubtful, why, and in how many bands; weights learned from findings, adopted by people.

Examples
--------
>>> model = RiskModel((Indicator("related", 5, "干部近亲属"), Indicator("vehicle", 3, "名下有机动车")))
>>> scores = score_risk(model, [[1, 1], [0, 1], [0, 0]])
>>> band_by_cuts(scores.score, [3, 8]).band.tolist()
[2, 1, 0]
"""

from sampling.risk.bands import Bands, band_by_cuts, band_by_quantiles, dalenius_hodges, geometric_bands
from sampling.risk.optimal_bands import OptimalBands, lavallee_hidiroglou, neyman_counts
from sampling.risk.refit import (
    LogisticFit,
    Performance,
    Refit,
    adopt,
    fit_logistic,
    propose_weights,
    rank_performance,
)
from sampling.risk.score import Contribution, Indicator, RiskModel, RiskScores, make_model, score_risk

__all__ = [
    "Bands",
    "Contribution",
    "Indicator",
    "LogisticFit",
    "OptimalBands",
    "Performance",
    "Refit",
    "RiskModel",
    "RiskScores",
    "adopt",
    "band_by_cuts",
    "band_by_quantiles",
    "dalenius_hodges",
    "fit_logistic",
    "geometric_bands",
    "lavallee_hidiroglou",
    "make_model",
    "neyman_counts",
    "propose_weights",
    "rank_performance",
    "score_risk",
]
