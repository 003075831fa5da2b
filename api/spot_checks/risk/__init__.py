"""Risk: what speaks for a closer look at a household, weighed as people have adopted it, with every reason kept.

The rule: signs are read from what is stored, weights are set by a named person with a note, and whoever is related to
those who decide is visited whatever the weights say. Nothing is learned unless somebody adopts it.
"""

from api.spot_checks.risk.adopt import model_in_force
from api.spot_checks.risk.assess import Risk, assess_risk
from api.spot_checks.risk.model import (
    BAND_NAMES,
    BANDS,
    CERTAIN,
    CERTAIN_SIGNS,
    CUTS,
    EXPECTED_WRONG,
    MODEL,
    RiskWeights,
)

__all__ = [
    "BANDS",
    "BAND_NAMES",
    "CERTAIN",
    "CERTAIN_SIGNS",
    "CUTS",
    "EXPECTED_WRONG",
    "MODEL",
    "Risk",
    "RiskWeights",
    "assess_risk",
    "model_in_force",
]
