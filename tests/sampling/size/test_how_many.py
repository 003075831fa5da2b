"""Sample sizes: against tables, against search by brute force, and the refusals."""

# ruff: noqa: N803, N806 - N is the field's letter

import math

import numpy as np
import pytest
from scipy import stats

from sampling.refusals import ImpossibleConfidence, ImpossibleCount, NonFiniteValues, WrongLength
from sampling.size import (
    chance_to_discover,
    expected_half_width_of_rate,
    plan_two_phase,
    power_of_rate,
    precision_of_allocation,
    precision_of_mean,
    size_after_full_visit,
    size_for_mean,
    size_for_money,
    size_for_power,
    size_for_rate,
    size_for_stratified_rate,
    size_for_total,
    size_to_discover,
    smallest_rate_seen,
)
from sampling.size.refusals import ImpossibleTarget, OutOfReach, SampleAbovePopulation


def test_every_planned_discovery_sample_of_the_audit_table(oracle):
    rows = oracle("plan_hypergeom_zero_expected.csv")
    assert len(rows) == 36
    for row in rows:
        ours = size_to_discover(int(row["N"]), float(row["t"]), float(row["conf"]))
        assert ours == int(row["n0"]), row


@pytest.mark.parametrize(
    ("N", "rate", "level", "n"), [(500, 0.08, 0.9, 27), (1000, 0.02, 0.9, 108), (5000, 0.04, 0.9, 57)]
)
def test_discovery_samples_restated_from_the_audit_table(N, rate, level, n):
    # hypergeometric, none expected, computed with base R
    assert size_to_discover(N, rate, level) == n


def test_a_discovery_sample_is_the_smallest_that_discovers():
    for N, rate, allowed in ((200, 0.05, 0), (333, 0.03, 1), (60, 0.1, 2)):
        n = size_to_discover(N, rate, 0.95, allowed)
        marked = max(1, math.floor(N * rate + 0.5))
        miss = [
            sum(math.comb(marked, j) * math.comb(N - marked, m - j) for j in range(allowed + 1)) / math.comb(N, m)
            for m in (n - 1, n)
        ]
        assert miss[1] <= 0.05 < miss[0]
    assert chance_to_discover(60, 200, 5) == pytest.approx(1 - math.comb(195, 60) / math.comb(200, 60))


def test_monetary_unit_plan_of_the_audit_package(oracle):
    case = oracle("mus_planning_evaluation.json")
    book = sum(float(row["book.value"]) for row in oracle("mus_frame.csv"))
    plan = size_for_money(book, case["inputs"]["tolerable.error"], case["inputs"]["expected.error"])
    assert plan.n == case["expected"]["n"]
    assert plan.interval == pytest.approx(case["expected"]["interval"], rel=1e-6)


def test_monetary_unit_plan_restated():
    # R MUS 0.1.6: book value 1 313 572.59, tolerable 60 000, expected 6 000
    plan = size_for_money(1_313_572.59, 60_000, 6_000)
    assert (plan.n, round(plan.interval, 4)) == (79, 16627.5011)
    assert size_for_money(1_000_000, 50_000).n == size_to_discover(1_000_000, 0.05)


@pytest.mark.parametrize("method", ["wald", "korn-graubard"])
@pytest.mark.parametrize(
    ("half_width", "rate", "N"),
    [(0.05, 0.5, 1000), (0.03, 0.05, 2000), (0.02, 0.01, 500), (0.04, 0.2, None), (0.01, 0, 300)],
)
def test_the_size_for_a_rate_is_the_smallest_that_reaches_it(half_width, rate, N, method):
    answer = size_for_rate(half_width, rate, N, method=method)
    assert answer.half_width <= half_width
    if answer.n > 1:
        assert expected_half_width_of_rate(answer.n - 1, rate, N, method=method) > half_width


def test_cochran_s_plant_nursery():
    # Cochran (1977), sec. 4.4 uses n0 = z²pq/e² and n = n0 / (1 + (n0 − 1)/N)
    n0 = 1.959963984540054**2 * 0.25 / 0.05**2
    assert size_for_rate(0.05, 0.5, 3200, method="wald").n == math.ceil(n0 / (1 + (n0 - 1) / 3200))


@pytest.mark.parametrize(("half_width", "sd", "N"), [(10, 50, None), (10, 50, 200), (3, 100, 5000), (1e6, 1, 10)])
def test_the_size_for_a_mean_reaches_it_and_barely(half_width, sd, N):
    answer = size_for_mean(half_width, sd, N)
    assert precision_of_mean(answer.n, sd, N) <= half_width
    if answer.n > 2:
        few = max(2, int(answer.n * 0.995) - 1)
        assert precision_of_mean(few, sd, N) > half_width
    if N is not None:
        total = size_for_total(half_width * N, sd, N)
        assert total.n == answer.n
        assert total.half_width == pytest.approx(answer.half_width * N)


def test_a_whole_population_leaves_no_width():
    assert expected_half_width_of_rate(40, 0.3, 40) == 0
    assert precision_of_mean(40, 5, 40) == 0
    assert size_for_rate(1e-9, 0.5, 40).n == 40


def chances(n, N, rate):
    k = np.arange(n + 1)
    return stats.binom.pmf(k, n, rate) if N is None else stats.hypergeom.pmf(k, N, round(N * rate), n)


@pytest.mark.parametrize(
    ("n", "N", "side"), [(40, None, "above"), (40, 150, "above"), (60, None, "two"), (50, 120, "below")]
)
def test_power_agrees_with_a_direct_search(n, N, side):
    standard, true = (0.3, 0.1) if side == "below" else (0.05, 0.2)
    answer = power_of_rate(n, standard, true, N, side=side)
    tail = 0.025 if side == "two" else 0.05
    null, other, power, risk = chances(n, N, standard), chances(n, N, true), 0.0, 0.0
    for k in range(n + 1):
        low, high = null[: k + 1].sum() <= tail, null[k:].sum() <= tail
        if (low and side != "above") or (high and side != "below"):
            power += other[k]
            risk += null[k]
    assert answer.power == pytest.approx(power)
    assert answer.risk == pytest.approx(risk)
    assert answer.risk <= 0.05


def test_the_size_for_power_holds_from_there_on():
    answer = size_for_power(0.02, 0.10, 0.8, 600)
    assert all(power_of_rate(n, 0.02, 0.10, 600).power >= 0.8 for n in range(answer.n, answer.n + 10))
    before = [power_of_rate(n, 0.02, 0.10, 600).power for n in range(answer.n - 1, answer.n + 9)]
    assert min(before) < 0.8


def test_precision_of_an_allocation_matches_cochran_5_52():
    plan = precision_of_allocation([12, 60, 230], [4, 18, 69], [0.25, 0.1, 0.02])
    parts = [(12, 4, 0.25), (60, 18, 0.1), (230, 69, 0.02)]
    variance = sum((N / 302) ** 2 * (N - n) / (N - 1) * p * (1 - p) / n for N, n, p in parts)
    assert plan.standard_error == pytest.approx(math.sqrt(variance))
    assert plan.rate == pytest.approx((3 + 6 + 4.6) / 302)
    assert 0 < plan.upper_if_none < 0.05


def test_a_stratified_size_reaches_its_half_width_in_every_stratum_count():
    sizes, rates = [12, 60, 230], [0.12, 0.04, 0.01]
    counts = size_for_stratified_rate(0.03, sizes, rates)
    assert precision_of_allocation(sizes, counts, rates).half_width <= 0.03
    fewer = [max(2, n - 4) for n in counts]
    assert precision_of_allocation(sizes, fewer, rates).half_width > 0.03


def test_first_visits_save_second_ones():
    alone, after = size_for_mean(10, 50, 1000).n, size_after_full_visit(10, 50, 0.9, 1000).n
    assert after < alone / 3
    # with equal spreads the difference leaves √(2 − 2ρ)·S
    assert (
        size_after_full_visit(10, 50, 0.9, 1000, slope="difference").n == size_for_mean(10, 50 * math.sqrt(0.2), 1000).n
    )


def test_a_two_phase_plan_is_the_best_split_of_the_money():
    plan = plan_two_phase(1000, 1, 20, 50, 0.9)
    assert plan.cost <= 1000

    def width(n1):
        n2 = (1000 - n1) / 20
        return 1.959964 * 50 * math.sqrt((1 - 0.81) / n2 + 0.81 / n1)

    best = min(width(n1) for n1 in range(50, 960) if (1000 - n1) / 20 <= n1)
    assert plan.half_width == pytest.approx(best, rel=0.01)
    assert plan.half_width < plan.single_half_width
    assert not plan_two_phase(1000, 15, 20, 50, 0.2).worthwhile


def test_none_found_rules_out_what_the_limit_says():
    limit = smallest_rate_seen(60, 200)
    assert chance_to_discover(60, 200, round(limit * 200)) < 0.95 <= chance_to_discover(60, 200, round(limit * 200) + 1)


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (ImpossibleTarget, lambda: size_for_rate(0, 0.5)),
        (ImpossibleTarget, lambda: size_for_rate(math.nan, 0.5)),
        (ImpossibleTarget, lambda: size_for_rate(0.05, 1.2)),
        (ImpossibleTarget, lambda: size_for_mean(1, -3)),
        (ImpossibleTarget, lambda: size_to_discover(100, 0)),
        (ImpossibleTarget, lambda: size_for_money(100, 100)),
        (ImpossibleTarget, lambda: size_for_money(100, 10, 10)),
        (ImpossibleTarget, lambda: plan_two_phase(100, 1, 5, 1, 1.0)),
        (ImpossibleTarget, lambda: size_for_power(0.1, 0.2, 1.0)),
        (ImpossibleCount, lambda: size_for_rate(0.05, 0.5, 10.5)),
        (ImpossibleCount, lambda: size_for_rate(0.05, 0.5, 0)),
        (ImpossibleCount, lambda: precision_of_mean(1, 5, 10)),
        (ImpossibleCount, lambda: chance_to_discover(5, 10, 11)),
        (ImpossibleConfidence, lambda: size_for_rate(0.05, 0.5, 10, 95)),
        (ImpossibleConfidence, lambda: size_to_discover(100, 0.1, 1.0)),
        (SampleAbovePopulation, lambda: expected_half_width_of_rate(11, 0.5, 10)),
        (SampleAbovePopulation, lambda: power_of_rate(11, 0.1, 0.2, 10)),
        (OutOfReach, lambda: size_to_discover(100, 0.02, 0.9, 2)),
        (OutOfReach, lambda: size_for_power(0.2, 0.1)),
        (OutOfReach, lambda: size_for_power(0.1, 0.101, 0.8, 50)),
        (OutOfReach, lambda: plan_two_phase(10, 1, 20, 50, 0.9)),
        (WrongLength, lambda: precision_of_allocation([10, 20], [3], [0.1, 0.1])),
        (NonFiniteValues, lambda: precision_of_allocation([10, 20], [3, 3], [0.1, math.nan])),
        (ImpossibleCount, lambda: precision_of_allocation([10, 20], [11, 3], [0.1, 0.1])),
    ],
)
def test_an_impossible_question_is_refused_by_its_own_class_and_says_what_to_do(refusal, ask):
    with pytest.raises(refusal) as caught:
        ask()
    assert caught.value.remedy
