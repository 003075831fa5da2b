"""Every refusal has its own class, says where and what, and what to do."""

import numpy as np
import pytest

from sampling import refusals
from sampling.errors import SamplingError
from sampling.estimation import (
    adjust_for_nonresponse,
    calibrate,
    cell_bound,
    clopper_pearson,
    clustered,
    deville_variance,
    draw_outcomes,
    estimate_groups,
    estimate_mean,
    estimate_rate,
    estimate_ratio,
    estimate_total,
    estimate_two_phase,
    hypergeometric,
    jackknife,
    merge_strata,
    nearest_neighbour_variance,
    poststratify,
    respondents,
    spatial,
    stratified,
    stratified_rate_limits,
    stringer_bound,
    unequal,
)

DESIGN = stratified(["a"] * 3, {"a": 9})
LONELY = stratified(["a", "a", "b"], {"a": 4, "b": 3})


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        ("EmptySample", lambda: stratified([], {"a": 3})),
        ("EmptySample", lambda: estimate_mean(unequal([]), [])),
        ("EmptySample", lambda: deville_variance([1, 2], [1.0, 0.5])),
        ("EmptySample", lambda: nearest_neighbour_variance([1.0], [0.5], [[0, 0]])),
        ("NonFiniteValues", lambda: estimate_mean(DESIGN, [1, np.nan, 2])),
        ("NonFiniteValues", lambda: calibrate(DESIGN, [[1], [np.inf], [1]], [9])),
        ("NonFiniteValues", lambda: spatial([0.5], [[np.nan, 0]])),
        ("NegativeValues", lambda: estimate_total(DESIGN, [1, -2, 3], largest=10)),
        ("NegativeValues", lambda: stringer_bound(10, [], -5)),
        ("WrongLength", lambda: estimate_mean(DESIGN, [1, 2])),
        ("WrongLength", lambda: estimate_rate(DESIGN, [1, 0, 1], within=[1, 0])),
        ("WrongLength", lambda: stratified(["a", "a"], {"a": 5}, units=["u"])),
        ("WrongLength", lambda: poststratify(DESIGN, ["x"], {"x": 9})),
        ("WrongLength", lambda: estimate_groups(estimate_mean, DESIGN, [1.0], lambda x: x)),
        ("WrongLength", lambda: unequal([0.5, 0.5], joint=[[1]], variance="sen-yates-grundy")),
        ("WrongLength", lambda: estimate_two_phase([1, 2, 3], [1, 1, 0], [1])),
        ("NotYesOrNo", lambda: estimate_rate(DESIGN, [1, 0, 2])),
        ("NotYesOrNo", lambda: respondents(DESIGN, [1, 0, 0.5])),
        ("SampleAboveStratum", lambda: stratified(["a"] * 4, {"a": 3})),
        ("SampleAboveStratum", lambda: clustered(["u", "v"], 1)),
        ("UnknownStratum", lambda: stratified(["a", "z"], {"a": 3})),
        ("UnknownStratum", lambda: clustered(["u", "u"], 5, strata=["a", "b"])),
        ("UnsampledStratum", lambda: stratified(["a"], {"a": 3, "b": 2})),
        ("UnsampledStratum", lambda: merge_strata(["a"], {"a": 1}, {"z": "a"})),
        ("UnsampledStratum", lambda: estimate_two_phase([1, 2], [1, 0], [1], strata=["a", "b"])),
        ("LonelyStratum", lambda: estimate_mean(LONELY, [1, 2, 3])),
        ("LonelyStratum", lambda: jackknife(LONELY)),
        ("ImpossibleProbability", lambda: unequal([0.5, 0.0])),
        ("ImpossibleProbability", lambda: unequal([0.5, 1.1])),
        ("ImpossibleJoint", lambda: unequal([0.5, 0.5], variance="sen-yates-grundy")),
        ("ImpossibleJoint", lambda: unequal([0.5, 0.5], joint=[[0.5, 0], [0, 0.5]], variance="sen-yates-grundy")),
        ("ImpossibleJoint", lambda: unequal([0.5, 0.5], joint=[[0.5, 0.6], [0.6, 0.5]], variance="horvitz-thompson")),
        ("ImpossibleJoint", lambda: unequal([0.5, 0.5], joint=[[0.5, 0.2], [0.3, 0.5]], variance="horvitz-thompson")),
        ("ImpossibleCount", lambda: clopper_pearson(5, 4)),
        ("ImpossibleCount", lambda: clopper_pearson(1.5, 4)),
        ("ImpossibleCount", lambda: hypergeometric(1, 12, 10)),
        ("ImpossibleCount", lambda: stratified_rate_limits([5], [6], [1])),
        ("ImpossibleCount", lambda: draw_outcomes([5], [2], [6])),
        ("ImpossibleCount", lambda: stratified(["a"], {"a": 2.5})),
        ("ImpossibleConfidence", lambda: estimate_rate(DESIGN, [1, 0, 0], confidence=95)),
        ("ImpossibleConfidence", lambda: clopper_pearson(1, 4, float("nan"))),
        ("UnknownMethod", lambda: estimate_rate(DESIGN, [1, 0, 0], interval="normal")),
        ("UnknownMethod", lambda: estimate_rate(unequal([0.5, 0.5]), [1, 0], interval="guaranteed")),
        ("UnknownMethod", lambda: unequal([0.5], variance="brewer")),
        ("UnknownMethod", lambda: stringer_bound(10, [], 1.0, factors="normal")),
        ("DuplicateUnits", lambda: stratified(["a", "a"], {"a": 5}, units=["u", "u"])),
        ("ZeroDenominator", lambda: estimate_ratio(DESIGN, [1, 2, 3], [0, 0, 0])),
        ("EmptyClass", lambda: estimate_mean(DESIGN, [1, 2, 3], within=[0, 0, 0])),
        ("EmptyClass", lambda: adjust_for_nonresponse(DESIGN, [1, 1, 0], ["x", "x", "y"])),
        ("EmptyClass", lambda: poststratify(DESIGN, ["x"] * 3, {"x": 5, "y": 4})),
        ("CollinearAuxiliaries", lambda: calibrate(DESIGN, [[1, 2]] * 3, [9, 18])),
        ("CollinearAuxiliaries", lambda: estimate_two_phase([2, 2, 2], [1, 1, 0], [1, 3], slope="combined")),
        ("ImpossibleTaint", lambda: stringer_bound(10, [1.2])),
        ("ImpossibleTaint", lambda: cell_bound(10, [-0.1], 100)),
    ],
)
def test_bad_input_is_refused_by_its_own_class(refusal, ask):
    with pytest.raises(getattr(refusals, refusal)) as caught:
        ask()
    assert caught.value.where
    assert caught.value.what
    assert caught.value.remedy


def test_every_refusal_class_is_shown_to_be_raised():
    (cases,) = (mark.args[1] for mark in test_bad_input_is_refused_by_its_own_class.pytestmark)
    shown = {name for name, _ in cases}
    written = {n for n, c in vars(refusals).items() if isinstance(c, type) and issubclass(c, SamplingError)}
    assert written - {"SamplingError"} == shown


def test_a_refusal_names_the_rows():
    with pytest.raises(refusals.NonFiniteValues, match="positions 1, 2"):
        estimate_mean(DESIGN, [1, np.nan, np.inf])
    with pytest.raises(refusals.NotYesOrNo, match="positions 0, 1, 2, 3, 4 and 5 more"):
        estimate_rate(stratified(["a"] * 10, {"a": 10}), [7] * 10)
