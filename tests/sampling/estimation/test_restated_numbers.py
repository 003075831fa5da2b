"""Essential published numbers restated, so that a plain clone tests them too."""

import pytest

from sampling.estimation import (
    agresti_coull,
    cell_bound,
    clopper_pearson,
    deville_variance,
    estimate_rate,
    estimate_total,
    horvitz_thompson_variance,
    hypergeometric,
    jeffreys,
    mean_taint_bound,
    reliability_factor,
    sen_yates_grundy_variance,
    stratified,
    stringer_bound,
    unequal,
    wilson,
)


def test_twenty_seen_of_two_hundred_none_marked_at_90_percent():
    # base R: binom.test, prop.test, qbeta, phyper
    assert clopper_pearson(0, 20, 0.9).upper == pytest.approx(0.139108340668265, abs=1e-12)
    assert wilson(0, 20, 0.9).upper == pytest.approx(0.119157837360964, abs=1e-12)
    assert wilson(0, 20, 0.9, continuity=True).upper == pytest.approx(0.159753854291608, abs=1e-12)
    assert jeffreys(0, 20, 0.9).upper == pytest.approx(0.0904764265378722, abs=1e-12)
    assert agresti_coull(0, 20, 0.9).lower == pytest.approx(-0.0221298738493556, abs=1e-12)
    assert hypergeometric(0, 20, 200, 0.9) == (0, 26)
    assert hypergeometric(0, 20, 200, 0.9, sides="upper") == (0, 20)


def test_an_exact_limit_is_the_last_number_not_rejected_and_not_the_first_rejected():
    # samplingbook 1.2.4 reports one unit more
    assert hypergeometric(0, 15, 50, 0.9) == (0, 7)


def test_three_of_six_by_sampford():
    # R sampling 2.11, varHT and varest
    pi, y = [0.7, 0.8, 0.4], [12.5, 7, 3.25]
    joint = [
        [0.7, 0.532954545454545, 0.229886363636364],
        [0.532954545454545, 0.8, 0.283636363636364],
        [0.229886363636364, 0.283636363636364, 0.4],
    ]
    assert estimate_total(unequal(pi), y).value == pytest.approx(34.7321428571429)
    assert horvitz_thompson_variance(y, pi, joint) == pytest.approx(53.2408442690071)
    assert sen_yates_grundy_variance(y, pi, joint) == pytest.approx(24.9061065763173)
    assert deville_variance(y, pi) == pytest.approx(33.7209688562925)


def test_a_share_of_schools():
    # R survey 4.5, svyciprop on a simple sample of 200 of 6194 with 37 marks: "beta" and "wilson"
    design = stratified(["all"] * 200, {"all": 6194})
    marks = [1] * 37 + [0] * 163
    beta = estimate_rate(design, marks, interval="korn-graubard-plain")
    assert (beta.lower, beta.upper) == pytest.approx((0.13439565859317, 0.244928254376482), abs=1e-9)
    score = estimate_rate(design, marks, interval="wilson")
    assert (score.lower, score.upper) == pytest.approx((0.137625848849591, 0.244066235717664), abs=1e-9)


def test_auditors_bounds():
    # closed forms with R's qbeta and qgamma; R MUS 0.1.6
    assert stringer_bound(60, [1, 0.5, 0.1]).rate == pytest.approx(0.0912330764846605, abs=1e-12)
    assert stringer_bound(60, [1, 0.5, 0.1], factors="poisson").rate == pytest.approx(0.0944269226789559, abs=1e-12)
    assert reliability_factor(10, 0.99) == pytest.approx(20.1446802187969)
    bound = cell_bound(79, [0.5, 0.2, 1.0], 1_313_572.59, factors="hypergeometric", digits=4)
    assert bound.upper == pytest.approx(88672.8008254557, rel=1e-6)
    assert bound.most_likely == pytest.approx(28266.7519367089)
    assert mean_taint_bound([0.5, 0.2, 1.0] + [0] * 76, 1_313_572.59).upper == pytest.approx(82971.1007551279)


def test_a_bound_never_exceeds_the_book():
    assert stringer_bound(3, [1, 1, 1], 500.0).upper == 500.0
    assert cell_bound(3, [1, 1, 1], 500.0).upper == 500.0
    assert stringer_bound(3, [], 500.0, factors="hypergeometric").upper < 500.0
