"""What the visits say: rates, totals, money, each with an interval and the words a report must add.

Start with :func:`stratified` (how the sample was drawn) and :func:`estimate_rate`; the other designs and
estimators fit together in the same way: every estimator takes any design.

Examples
--------
Three bands of a township, 30 % visited, what was found:

>>> visited = ["high"] * 4 + ["middle"] * 18 + ["low"] * 69
>>> wrong = [1, 0, 0, 0] + [1] * 2 + [0] * 16 + [0] * 69
>>> design = stratified(visited, {"high": 12, "middle": 60, "low": 230})
>>> rate = estimate_rate(design, wrong)
>>> round(rate.value, 4), round(rate.lower, 4), round(rate.upper, 4)
(0.032, 0.0099, 0.0795)
>>> rate.interval.method
'korn-graubard on effective size'
"""

from sampling.estimation.calibration import CalibratedDesign, calibrate, poststratify
from sampling.estimation.coverage import (
    Coverage,
    LowestCoverage,
    draw_outcomes,
    lowest_rate_coverage,
    rate_interval_coverage,
)
from sampling.estimation.designs import (
    ClusteredDesign,
    Design,
    SpatialDesign,
    StratifiedDesign,
    UnequalDesign,
    clustered,
    deville_variance,
    horvitz_thompson_variance,
    nearest_neighbour_variance,
    sen_yates_grundy_variance,
    spatial,
    stevens_olsen_variance,
    stratified,
    unequal,
)
from sampling.estimation.monetary import (
    MonetaryBound,
    cell_bound,
    mean_taint_bound,
    reliability_factor,
    stringer_bound,
)
from sampling.estimation.nonresponse import RespondingDesign, adjust_for_nonresponse, respondents
from sampling.estimation.parts import (
    estimate_disagreement,
    estimate_domains,
    estimate_groups,
    merge_strata,
)
from sampling.estimation.proportions import (
    agresti_coull,
    clopper_pearson,
    exact_hypergeometric,
    hypergeometric,
    jeffreys,
    korn_graubard,
    wald,
    wilson,
    wilson_effective,
)
from sampling.estimation.rate_limits import RATE_INTERVALS, RateInterval, stratified_rate_limits
from sampling.estimation.rates import estimate_rate
from sampling.estimation.replicates import Replicates, bootstrap, jackknife
from sampling.estimation.results import Estimate, Interval, TooFew
from sampling.estimation.totals import design_effect, estimate_mean, estimate_ratio, estimate_total
from sampling.estimation.two_phase import estimate_two_phase

__all__ = [
    "RATE_INTERVALS",
    "CalibratedDesign",
    "ClusteredDesign",
    "Coverage",
    "Design",
    "Estimate",
    "Interval",
    "LowestCoverage",
    "MonetaryBound",
    "RateInterval",
    "Replicates",
    "RespondingDesign",
    "SpatialDesign",
    "StratifiedDesign",
    "TooFew",
    "UnequalDesign",
    "adjust_for_nonresponse",
    "agresti_coull",
    "bootstrap",
    "calibrate",
    "cell_bound",
    "clopper_pearson",
    "clustered",
    "design_effect",
    "deville_variance",
    "draw_outcomes",
    "estimate_disagreement",
    "estimate_domains",
    "estimate_groups",
    "estimate_mean",
    "estimate_rate",
    "estimate_ratio",
    "estimate_total",
    "estimate_two_phase",
    "exact_hypergeometric",
    "horvitz_thompson_variance",
    "hypergeometric",
    "jackknife",
    "jeffreys",
    "korn_graubard",
    "lowest_rate_coverage",
    "mean_taint_bound",
    "merge_strata",
    "nearest_neighbour_variance",
    "poststratify",
    "rate_interval_coverage",
    "reliability_factor",
    "respondents",
    "sen_yates_grundy_variance",
    "spatial",
    "stevens_olsen_variance",
    "stratified",
    "stratified_rate_limits",
    "stringer_bound",
    "unequal",
    "wald",
    "wilson",
    "wilson_effective",
]
