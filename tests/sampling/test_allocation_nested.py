"""Whole visits under floors in a nest: as good as trying everything, and honest about what binds."""

import itertools
import math
from fractions import Fraction
from unittest.mock import patch

import numpy as np
import pytest
from hypothesis import assume, given, settings
from hypothesis import strategies as st

from sampling.allocation import (
    BudgetBelowFloors,
    FloorAboveSize,
    Group,
    GroupsNotNested,
    MalformedStrata,
    PrecisionOutOfReach,
    TotalAboveSize,
    TotalBelowFloors,
    allocate,
    floor_of,
    marginal,
)


def objective(size, spread, n):
    return float(np.sum((np.array(size) * np.array(spread)) ** 2 / np.array(n)))


def everything(lower, upper):
    return itertools.product(*(range(a, b + 1) for a, b in zip(lower, upper, strict=True)))


def keeps(n, groups):
    return all(sum(n[h] for h in group.members) >= group.floor for group in groups)


small_strata = st.lists(
    st.tuples(st.integers(1, 7), st.sampled_from([0.1, 0.5, 0.5, 1.0, 2.0, 3.7])), min_size=2, max_size=5
)


def nest_of(sizes, chance):
    """A nest: everyone, the first half, and the first two of it, with floors that can be kept."""
    strata = list(range(len(sizes)))
    nested = [strata, strata[: max(2, len(strata) // 2)], strata[:1], strata[-1:]]
    if len(strata) == 2:
        nested = [strata, strata[:1]]
    return [
        Group(f"g{i}", members, chance.randint(0, sum(sizes[h] for h in members))) for i, members in enumerate(nested)
    ]


@settings(max_examples=80, deadline=None)
@given(small_strata, st.randoms(use_true_random=False))
def test_the_allocation_equals_an_exhaustive_optimum(strata, chance):
    sizes, spreads = map(list, zip(*strata, strict=True))
    groups = nest_of(sizes, chance)
    lower = [min(size, chance.choice([1, 2])) for size in sizes]
    feasible = [n for n in everything(lower, sizes) if keeps(n, groups)]
    smallest = min(sum(n) for n in feasible)
    total = chance.randint(smallest, sum(sizes))
    # both ways of giving: one by one, and by a threshold as for large totals
    with patch.object(marginal, "_HANDFUL", chance.choice([0, 300])):
        found = allocate(sizes, spreads, total=total, groups=groups, lower=lower)
    best = min(objective(sizes, spreads, n) for n in feasible if sum(n) == total)
    assert found.total == total
    assert keeps(found.n, groups)
    assert np.all((found.n >= lower) & (found.n <= sizes))
    assert found.smallest == smallest
    assert objective(sizes, spreads, found.n) == pytest.approx(best, rel=1e-12)
    if smallest > len(sizes):
        with pytest.raises(TotalBelowFloors) as refused:
            allocate(sizes, spreads, total=smallest - 1, groups=groups, lower=lower)
        assert refused.value.smallest == smallest


@settings(max_examples=60, deadline=None)
@given(small_strata, st.floats(0, 1), st.floats(0.05, 1), st.floats(0.05, 1), st.randoms(use_true_random=False))
def test_wanted_precisions_of_a_stratum_a_group_and_all_take_as_few_visits_as_an_exhaustive_search(
    strata, overall, of_group, of_stratum, chance
):
    sizes, spreads = map(list, zip(*strata, strict=True))

    def variance(n, members):
        return sum(sizes[h] * spreads[h] ** 2 * (sizes[h] - n[h]) / n[h] for h in members)

    ones, members = [1] * len(sizes), list(range(len(sizes) // 2 + 1))
    everyone = range(len(sizes))
    group = Group("half", members, chance.randint(0, len(members)), of_group * variance(ones, members))
    first = Group("first stratum", [0], 0, of_stratum * variance(ones, [0]))
    wanted = overall * variance(ones, everyone)
    found = allocate(sizes, spreads, variance=wanted, groups=[first, group])
    slack = 1 + 1e-12
    fewest = min(
        sum(n)
        for n in everything(ones, sizes)
        if keeps(n, [group])
        and variance(n, [0]) <= first.variance * slack
        and variance(n, members) <= group.variance * slack
        and variance(n, everyone) <= wanted * slack
    )
    assert found.variance <= wanted * slack
    assert variance(found.n, members) <= group.variance * slack
    # a group precision that is met exactly may round either way
    assert variance(found.n, [0]) <= first.variance * slack
    assert fewest <= found.total <= fewest + (1 if 1 in {of_group, of_stratum, overall} else 0)


@settings(max_examples=60, deadline=None)
@given(small_strata, st.randoms(use_true_random=False))
def test_more_visits_never_take_one_away_and_never_vary_more(strata, chance):
    sizes, spreads = map(list, zip(*strata, strict=True))
    groups = nest_of(sizes, chance)
    before = allocate(sizes, spreads, groups=groups)
    for total in range(before.total, sum(sizes) + 1):
        after = allocate(sizes, spreads, total=total, groups=groups)
        assert np.all(after.n >= before.n)
        assert after.variance <= before.variance
        before = after


@settings(max_examples=40, deadline=None)
@given(small_strata, st.randoms(use_true_random=False))
def test_the_order_of_the_strata_does_not_matter(strata, chance):
    sizes, spreads = map(list, zip(*strata, strict=True))
    total = chance.randint(len(sizes), sum(sizes))
    order = list(range(len(sizes)))
    chance.shuffle(order)
    first = allocate(sizes, spreads, total=total)
    second = allocate([sizes[h] for h in order], [spreads[h] for h in order], total=total)
    assert first.variance == pytest.approx(second.variance, rel=1e-12)


@settings(max_examples=60, deadline=None)
@given(small_strata, st.randoms(use_true_random=False))
def test_the_price_of_a_floor_is_what_one_visit_less_would_save(strata, chance):
    sizes, spreads = map(list, zip(*strata, strict=True))
    strict = chance.randint(2, sizes[0]) if sizes[0] > 1 else 0
    assume(strict)
    group = Group("first", [0], strict)
    total = chance.randint(allocate(sizes, spreads, groups=[group]).total, sum(sizes))
    with_floor = allocate(sizes, spreads, total=total, groups=[group])
    looser = allocate(sizes, spreads, total=total, groups=[Group("first", [0], strict - 1)])
    saved = with_floor.variance - looser.variance
    price = sum(b.price for b in with_floor.bindings if b.kind == "floor")
    assert price == pytest.approx(saved, rel=1e-9, abs=1e-9 * max(1.0, with_floor.variance))
    assert with_floor.floor_cost >= saved - 1e-9 * max(1.0, with_floor.variance)


def test_the_thirty_small_counties_of_the_oracle(oracle):
    counties = oracle("alloc_nested_floor30_exact.json")["expected"]
    assert len(counties) == 30
    for county in counties:
        size, spread, lower, groups = [], [], [], []
        for place, strata in enumerate(county["townships"]):
            members = range(len(size), len(size) + len(strata))
            groups.append(Group(f"township {place}", list(members), county["township_floor"][place]))
            size += [s["N"] for s in strata]
            spread += [s["S"] for s in strata]
            lower += [s["lo"] for s in strata]
        found = allocate(size, spread, total=county["n"], groups=groups, lower=lower)
        assert objective(size, spread, found.n) == pytest.approx(county["optimum_sum_A2_over_n"], rel=1e-12)
        assert found.variance == pytest.approx(county["variance_of_total"], rel=1e-12)


def test_the_first_county_of_the_oracle_restated():
    # exhaustive dynamic programme, alloc_nested_floor30_exact.json, id 0
    size, lower = [8, 15, 6, 12, 4, 18, 16], [2, 2, 2, 2, 4, 2, 2]
    spread = [2.824, 0.381, 0.241, 0.204, 0.391, 3.684, 1.881]
    groups = [Group("1", [0, 1, 2], 9), Group("2", [3, 4], 5), Group("3", [5, 6], 11)]
    found = allocate(size, spread, total=26, groups=groups, lower=lower)
    assert found.variance == pytest.approx(606.3062702999999, rel=1e-12)
    assert keeps(found.n, groups)


def test_two_hundred_thousand_strata_in_ten_thousand_townships(soak):
    chance = np.random.default_rng(1)
    size = chance.integers(2, 400, 200_000 if soak else 20_000)
    spread = chance.random(size.size)
    floors = -(-30 * size.reshape(-1, 20).sum(axis=1) // 100)
    groups = [Group(str(t), np.arange(t * 20, t * 20 + 20), int(f)) for t, f in enumerate(floors)]
    total = int(size.sum()) * 36 // 100
    found = allocate(size, spread, total=total, groups=groups, lower=np.minimum(size, 2))
    assert found.total == total
    assert np.all(found.n.reshape(-1, 20).sum(axis=1) >= floors)
    # no visit can be moved to where it tells more: first order condition of the exact optimum, between strata
    # of townships above their floor
    free = np.repeat(found.n.reshape(-1, 20).sum(axis=1) > floors, 20)
    weight = (size * spread) ** 2
    n = found.n.astype(float)
    best_gain = (weight / (n * (n + 1)))[found.n < size].max()
    least_loss = (weight / (np.maximum(n - 1, 0.5) * n))[free & (found.n > np.minimum(size, 2))].min()
    assert best_gain <= least_loss * (1 + 1e-12)


def test_strata_without_spread_come_last_and_share_evenly():
    found = allocate([100, 100, 50], [0.0, 0.0, 1.0], total=150)
    assert found.n.tolist() == [50, 50, 50]


def test_a_budget_is_never_overspent_and_leaves_less_than_a_visit():
    cost = [3.0, 1.0, 2.5]
    found = allocate([100, 80, 60], [1.0, 2.0, 3.0], budget=200.0, cost=cost)
    spent = float(np.dot(found.n, cost))
    assert 200 - min(cost) < spent <= 200
    # a cheaper stratum of equal weight gets more
    assert allocate([50, 50], [1.0, 1.0], budget=90, cost=[1.0, 4.0]).n.tolist() == [30, 15]


def test_precision_for_less_money_when_visits_differ_in_cost():
    size, spread, cost = [200, 200], [1.0, 1.0], [1.0, 9.0]
    cheap = allocate(size, spread, variance=1000.0, cost=cost)
    plain = allocate(size, spread, variance=1000.0)
    assert cheap.variance <= 1000
    assert np.dot(cheap.n, cost) < np.dot(plain.n, cost)


@pytest.mark.parametrize(
    ("refusal", "arguments", "smallest"),
    [
        (TotalBelowFloors, {"total": 6, "groups": [Group("a", [0, 1], 7)]}, 8),
        (TotalBelowFloors, {"total": 8, "lower": [4, 4, 4]}, 12),
        (TotalAboveSize, {"total": 31}, None),
        (BudgetBelowFloors, {"budget": 5, "cost": [2, 2, 2]}, 6),
        (PrecisionOutOfReach, {"variance": -1.0}, 0),
        (PrecisionOutOfReach, {"variance": math.nan}, 0),
        (PrecisionOutOfReach, {"variance": 1.0, "upper": [5, 5, 5]}, 30),
        (PrecisionOutOfReach, {"groups": [Group("a", [0], variance=1.0)], "upper": [5, 5, 5]}, 10),
        (FloorAboveSize, {"groups": [Group("a", [0, 1], 21)]}, 20),
        (FloorAboveSize, {"lower": [11, 1, 1]}, None),
        (FloorAboveSize, {"upper": [11, 1, 1]}, None),
        (GroupsNotNested, {"groups": [Group("a", [0, 1], 2), Group("b", [1, 2], 2)]}, None),
        (MalformedStrata, {"groups": [Group("a", [], 2)]}, None),
        (MalformedStrata, {"groups": [Group("a", [0, 0], 2)]}, None),
        (MalformedStrata, {"groups": [Group("a", [3], 2)]}, None),
        (MalformedStrata, {"lower": [0, 1, 1]}, None),
        (MalformedStrata, {"lower": [1.5, 1, 1]}, None),
        (MalformedStrata, {"lower": [1, 1]}, None),
        (MalformedStrata, {"cost": [0, 1, 1]}, None),
        (MalformedStrata, {"spread": [1, math.nan, 1]}, None),
        (MalformedStrata, {"spread": [1, -1, 1]}, None),
        (MalformedStrata, {"spread": ["a", 1, 1]}, None),
        (MalformedStrata, {"total": 9, "variance": 3.0}, None),
    ],
)
def test_what_cannot_be_kept_is_refused_with_what_can(refusal, arguments, smallest):
    with pytest.raises(refusal) as refused:
        allocate([10, 10, 10], **arguments)
    if smallest is not None:
        assert refused.value.smallest == pytest.approx(smallest)


def test_no_strata_at_all_are_refused():
    with pytest.raises(MalformedStrata):
        allocate([])


def test_floors_of_every_whole_percent_are_the_exact_ceiling():
    for percent in range(101):
        for size in (0, 1, 7, 100, 12_345, 20_000_000):
            assert floor_of(percent, size) == math.ceil(Fraction(percent, 100) * size)
