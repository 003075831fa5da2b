"""The core of benchmarks/evaluation.py on a small county: that it would see an estimate that is wrong."""

import importlib.util
import sys

import numpy as np
import pytest

from api.spot_checks.estimates.county import estimate_county

DRAWS = 300


@pytest.fixture(scope="module")
def evaluation(project):
    path = project / "benchmarks" / "evaluation.py"
    spec = importlib.util.spec_from_file_location("evaluation", path)
    module = importlib.util.module_from_spec(spec)
    before = list(sys.path)
    sys.modules["evaluation"] = module  # dataclasses look their module up
    spec.loader.exec_module(module)
    sys.path[:] = before
    yield module
    del sys.modules["evaluation"]


@pytest.fixture(scope="module")
def truth(evaluation):
    return evaluation.make_truth(600)


@pytest.fixture(scope="module")
def taken(evaluation, truth):
    return evaluation.draw_many(truth, DRAWS)


def test_every_draw_takes_what_the_plan_says(evaluation, truth, taken):
    counts = evaluation.found_by_stratum(truth, taken, np.ones(len(truth.code)))
    assert (counts == truth.counts).all()
    assert truth.wrong.sum() > 20
    assert truth.over.sum() > 0


def test_ranges_of_rates_hold_the_planted_truth_as_often_as_they_say(evaluation, truth, taken):
    for groups in ([np.arange(len(truth.strata))], evaluation.townships(truth)):
        assert evaluation.coverage_of_rates(truth, taken, truth.any_error, groups).share > 0.94


def test_ranges_around_another_truth_are_seen_to_miss_it(evaluation, truth, taken):
    other = truth.any_error.copy()
    other[np.flatnonzero(~other)[: len(other) // 10]] = True
    found = evaluation.found_by_stratum(truth, taken, truth.any_error.astype(float))
    low, high = evaluation.stratified_rate_limits(truth.sizes, truth.counts, found)
    assert ((low <= other.mean()) & (other.mean() <= high)).mean() < 0.5


def test_weighted_totals_are_unbiased_and_unweighted_ones_are_seen_to_be_biased(evaluation, truth, taken):
    for values in (truth.wrong, truth.over):
        found, true = evaluation.totals(truth, taken, values), float(values.sum())
        error = found.std(ddof=1) / np.sqrt(DRAWS)
        assert abs(found.mean() - true) < 4 * error
        naive = (taken * values).sum(axis=1) / taken.sum(axis=1) * len(truth.code)
        assert naive.mean() - true > 4 * naive.std(ddof=1) / np.sqrt(DRAWS)  # risky households are visited more often


def test_risk_strata_catch_more_wrong_households_than_a_simple_sample(truth, taken):
    caught, simple = (taken & truth.any_error).sum(axis=1).mean(), truth.counts.sum() * truth.any_error.mean()
    assert caught > 1.15 * simple


def test_the_servers_own_estimate_of_a_draw_is_the_one_that_is_evaluated(evaluation, truth, taken):
    figures = estimate_county(evaluation.sample_of(truth, taken[0])).whole.figures
    assert figures["over"].value == pytest.approx(evaluation.totals(truth, taken[:1], truth.over)[0])
    for name, mark in (("wrongly_included", truth.wrong), ("any_error", truth.any_error)):
        found = evaluation.found_by_stratum(truth, taken[:1], mark.astype(float))
        low, high = evaluation.stratified_rate_limits(truth.sizes, truth.counts, found)
        assert (figures[name].lower, figures[name].upper) == pytest.approx((low[0], high[0]))


def test_the_townships_visits_make_the_variance_smaller_without_bias(evaluation, truth, taken):
    plain = evaluation.totals(truth, taken, truth.over)
    sharper, held = evaluation.two_phase(truth, taken, truth.told_over, truth.over)
    assert sharper.var() < plain.var()
    assert abs(sharper.mean() / truth.over.sum() - 1) < 0.1
    assert held > 0.8
