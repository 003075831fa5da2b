"""Estimators against hand computation, a plain second implementation, and repeated draws."""

from itertools import combinations

import numpy as np
import pytest

from sampling.estimation import (
    TooFew,
    adjust_for_nonresponse,
    bootstrap,
    calibrate,
    clustered,
    estimate_disagreement,
    estimate_domains,
    estimate_groups,
    estimate_mean,
    estimate_rate,
    estimate_ratio,
    estimate_total,
    estimate_two_phase,
    jackknife,
    merge_strata,
    poststratify,
    respondents,
    stratified,
    unequal,
)

STRATA = ["a"] * 4 + ["b"] * 3
Y = np.array([3.0, 5, 4, 8, 20, 26, 17])
X = np.array([2.0, 5, 3, 7, 18, 22, 19])
DESIGN = stratified(STRATA, {"a": 12, "b": 6})


def test_a_stratified_total_by_hand():
    # a: mean 5, s² = 14/3, N²(1 − f)/n·s² = 144·(2/3)/4·14/3 = 112; b: mean 21, s² = 21, 36·(1/2)/3·21 = 126
    answer = estimate_total(DESIGN, Y)
    assert answer.value == pytest.approx(12 * 5 + 6 * 21)
    assert answer.standard_error**2 == pytest.approx(112 + 126)
    assert (answer.n, answer.N, answer.weights.sum()) == (7, 18, 18)


def draws(sizes, counts):
    """Every possible stratified sample of a small population, as positions."""
    starts = np.concatenate([[0], np.cumsum(sizes)])
    parts = [list(combinations(range(starts[h], starts[h + 1]), counts[h])) for h in range(len(sizes))]
    samples = [()]
    for part in parts:
        samples = [(*one, *more) for one in samples for more in part]
    return [np.array(one) for one in samples]


def test_over_every_possible_draw_total_and_variance_are_unbiased():
    population = np.array([1.0, 4, 2, 9, 3, 7, 7, 1])
    labels, sizes = np.array(["a"] * 5 + ["b"] * 3), {"a": 5, "b": 3}
    totals, variances = [], []
    for chosen in draws([5, 3], [3, 2]):
        answer = estimate_total(stratified(labels[chosen], sizes), population[chosen])
        totals.append(answer.value)
        variances.append(answer.standard_error**2)
    assert np.mean(totals) == pytest.approx(population.sum())
    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_over_every_possible_draw_two_stage_totals_and_variances_are_unbiased():
    villages = [np.array([1.0, 4, 2]), np.array([9.0, 3]), np.array([5.0, 6, 1, 7])]
    totals, variances, chances = [], [], []
    for pair in combinations(range(3), 2):
        inner = [list(combinations(range(len(villages[v])), 2)) for v in pair]
        for first in inner[0]:
            for second in inner[1]:
                y = np.concatenate([villages[pair[0]][list(first)], villages[pair[1]][list(second)]])
                held = [len(villages[pair[0]])] * 2 + [len(villages[pair[1]])] * 2
                design = clustered([pair[0]] * 2 + [pair[1]] * 2, 3, units_held=held)
                answer = estimate_total(design, y)
                totals.append(answer.value)
                variances.append(answer.standard_error**2)
                chances.append(1 / 3 / len(inner[0]) / len(inner[1]))
    chances = np.array(chances)
    mean = chances @ np.array(totals)
    assert mean == pytest.approx(sum(v.sum() for v in villages))
    assert chances @ np.array(variances) == pytest.approx(chances @ (np.array(totals) - mean) ** 2)


def test_a_domain_is_a_ratio_and_the_ratio_of_equal_columns_is_one():
    inside = np.array([1, 0, 1, 1, 0, 1, 1])
    domain, ratio = estimate_mean(DESIGN, Y, within=inside), estimate_ratio(DESIGN, Y * inside, inside)
    assert (domain.value, domain.standard_error) == pytest.approx((ratio.value, ratio.standard_error))
    same = estimate_ratio(DESIGN, Y, Y)
    assert (same.value, same.standard_error) == pytest.approx((1, 0))
    total = estimate_ratio(DESIGN, Y, X, known_denominator=200.0)
    assert total.value == pytest.approx(200 * ratio_by_hand(Y, X))


def ratio_by_hand(y, x):
    w = np.array([3.0] * 4 + [2.0] * 3)
    return (w @ y) / (w @ x)


def test_jackknife_and_bootstrap_agree_with_the_formula():
    formula = estimate_total(DESIGN, Y).standard_error ** 2
    assert jackknife(DESIGN).variance(lambda w: w @ Y) == pytest.approx(formula)
    drawn = bootstrap(DESIGN, 3000, np.random.default_rng(5))
    assert drawn.variance(lambda w: w @ Y) == pytest.approx(formula, rel=0.12)
    assert drawn.replicates.sum(axis=1).mean() == pytest.approx(18, rel=0.01)
    ratio = estimate_ratio(DESIGN, Y, X).standard_error ** 2
    assert jackknife(DESIGN).variance(lambda w: (w @ Y) / (w @ X)) == pytest.approx(ratio, rel=0.25)


def test_calibrated_weights_meet_their_totals_and_lower_the_variance():
    table = np.column_stack([np.ones(7), X])
    fitted = calibrate(DESIGN, table, [18, 190])
    assert fitted.weights @ table == pytest.approx([18, 190])
    assert estimate_total(fitted, X).standard_error == pytest.approx(0, abs=1e-9)
    assert estimate_total(fitted, Y).standard_error < estimate_total(DESIGN, Y).standard_error


def test_the_ratio_estimator_is_a_calibration_with_weights_1_over_x():
    fitted = calibrate(DESIGN, X, [190.0], scale=1 / X)
    ratio = estimate_ratio(DESIGN, Y, X, known_denominator=190.0)
    assert estimate_total(fitted, Y).value == pytest.approx(ratio.value)


def test_post_strata_meet_their_sizes_and_post_stratifying_by_the_strata_changes_nothing():
    classes = ["m", "f", "f", "m", "m", "f", "m"]
    fitted = poststratify(DESIGN, classes, {"m": 7, "f": 11})
    assert fitted.weights[[c == "m" for c in classes]].sum() == pytest.approx(7)
    same = estimate_total(poststratify(DESIGN, STRATA, {"a": 12, "b": 6}), Y)
    plain = estimate_total(DESIGN, Y)
    assert (same.value, same.standard_error) == pytest.approx((plain.value, plain.standard_error))


def test_respondents_of_a_stratum_stand_for_it():
    responded = np.array([1, 1, 0, 1, 1, 1, 0])
    design, units = respondents(DESIGN, responded)
    simple = estimate_total(design, Y[units])
    classes = adjust_for_nonresponse(DESIGN, responded, STRATA)
    weighted = estimate_total(classes, np.where(responded, Y, 0))
    assert simple.value == pytest.approx(weighted.value)
    # drawing and answering together make a simple sample of the respondents
    one = stratified(["a"] * 6, {"a": 20})
    heard = np.array([1, 1, 0, 1, 1, 0])
    values = np.array([2.0, 5, 0, 9, 4, 0])
    few, units = respondents(one, heard)
    both = estimate_mean(adjust_for_nonresponse(one, heard), values).standard_error
    assert both == pytest.approx(estimate_mean(few, values[units]).standard_error, rel=0.06)
    assert classes.response_rates() == pytest.approx({"a": 0.75, "b": 2 / 3})


def test_what_a_silent_household_might_have_said_changes_nothing():
    responded = [1, 1, 0, 1, 1, 1, 0]
    adjusted = adjust_for_nonresponse(DESIGN, responded)
    one, two = (estimate_mean(adjusted, np.where(responded, Y, junk)) for junk in (0.0, 1e6))
    assert (one.value, one.standard_error, one.n) == (two.value, two.standard_error, 5)
    rate = estimate_rate(adjusted, [1, 0, 1, 0, 0, 1, 1])
    assert (rate.n, rate.found) == (5, 2)


def test_two_phases_over_every_possible_draw_the_difference_is_unbiased():
    first = np.array([1.0, 4, 2, 9, 3, 7, 6])
    truth = np.array([1.0, 4, 5, 9, 3, 7, 9])
    labels = ["a"] * 4 + ["b"] * 3
    totals, variances = [], []
    for chosen in draws([4, 3], [2, 2]):
        checked = np.zeros(7)
        checked[chosen] = 1
        answer = estimate_two_phase(first, checked, truth[checked == 1], strata=labels)
        totals.append(answer.value)
        variances.append(answer.standard_error**2)
    assert np.mean(totals) == pytest.approx(truth.sum())
    assert np.mean(variances) == pytest.approx(np.var(totals))


def test_two_phase_regression_by_hand_and_its_gain():
    rng = np.random.default_rng(4)
    first = rng.gamma(2, 50, 300)
    truth = 0.8 * first + rng.normal(0, 8, 300)
    checked = np.zeros(300)
    checked[rng.permutation(300)[:60]] = 1
    seen = checked == 1
    answer = estimate_two_phase(first, checked, truth[seen], slope="separate", quantity="mean")
    b = np.cov(first[seen], truth[seen])[0, 1] / first[seen].var(ddof=1)
    assert answer.value == pytest.approx(truth[seen].mean() + b * (first.mean() - first[seen].mean()))
    residual = truth[seen] - b * first[seen]
    spread = ((residual - residual.mean()) ** 2).sum() / 58
    assert answer.standard_error**2 == pytest.approx(spread * (1 / 60 - 1 / 300))
    alone = estimate_mean(stratified(["all"] * 60, {"all": 300}), truth[seen])
    assert answer.standard_error < alone.standard_error / 3
    one_stratum = estimate_two_phase(first, checked, truth[seen], slope="combined", quantity="mean")
    assert one_stratum.value == pytest.approx(answer.value)


def test_a_sampled_first_phase_costs_precision():
    first, truth = np.array([1.0, 2, 3, 4, 5, 6]), np.array([1.0, 3, 5])
    full = estimate_two_phase(first, [1, 0, 1, 0, 1, 0], truth)
    part = estimate_two_phase(first, [1, 0, 1, 0, 1, 0], truth, sizes={"all": 12})
    # N²(1/n₁ − 1/N)s²_y = 144·(1/12)·4 = 48 on top of the second phase, blown up by 4
    assert part.value == pytest.approx(2 * full.value)
    assert part.standard_error**2 == pytest.approx(4 * full.standard_error**2 + 48)


def test_too_few_visits_say_so_instead_of_guessing():
    design = stratified(["t1|a"] * 6 + ["t2|a"] * 2, {"t1|a": 20, "t2|a": 9})
    groups = estimate_groups(estimate_rate, design, [1] + [0] * 7, lambda label: label.split("|")[0])
    assert groups["t1"].found == 1
    assert isinstance(groups["t2"], TooFew)
    assert "2 seen, 5 needed" in str(groups["t2"])
    domains = estimate_domains(estimate_total, design, np.arange(8.0), [0, 0, 0, 0, 0, 1, 1, 1])
    assert not domains[1].enough


def test_a_group_seen_entirely_is_answered_however_small():
    design = stratified(["x", "y", "y"], {"x": 1, "y": 6})
    assert estimate_groups(estimate_rate, design, [1, 0, 0], {"x": "x", "y": "y"})["x"].value == 1


def test_a_lonely_visit_makes_its_group_too_few_and_merging_helps():
    strata, sizes = ["a"] * 6 + ["b"], {"a": 20, "b": 4}
    answer = estimate_groups(estimate_mean, stratified(strata, sizes), np.arange(7.0), lambda _: "all")
    assert "one unit" in answer["all"].reason
    merged = stratified(*merge_strata(strata, sizes, {"b": "a"}))
    assert estimate_mean(merged, np.arange(7.0)).N == 24
    centred = stratified(strata, sizes, lonely="centre")
    assert estimate_mean(centred, np.arange(7.0)).standard_error > 0


def test_disagreement_per_surveyor():
    answers = estimate_disagreement(
        stratified(["a"] * 12, {"a": 40}), [1] * 12, [1] * 9 + [0] * 3, by=["u"] * 6 + ["v"] * 6
    )
    assert answers[None].value == pytest.approx(0.25)
    assert (answers["u"].found, answers["v"].found) == (0, 3)


def test_no_amount_found_is_a_bound_and_not_zero_yuan():
    design = stratified(["a"] * 20, {"a": 100})
    open_end = estimate_total(design, [0] * 20)
    assert open_end.upper == np.inf
    bound = estimate_total(design, [0] * 20, largest=4000)
    assert bound.upper == pytest.approx(estimate_rate(design, [0] * 20).upper * 100 * 4000)
    assert "not shown to be zero" in bound.note


def test_units_with_certain_selection_add_no_variance():
    design = unequal([1.0, 1.0, 0.5, 0.5])
    one, two = (estimate_total(design, [a, b, 3, 4]).standard_error for a, b in ((0, 0), (50, 90)))
    assert one == two > 0


def test_every_estimate_names_what_it_is():
    for answer in (estimate_rate(DESIGN, Y > 7), estimate_total(DESIGN, Y), estimate_ratio(DESIGN, Y, X)):
        text = str(answer)
        for word in (answer.method, answer.interval.method, "95%", "n 7", "N 18"):
            assert word in text
