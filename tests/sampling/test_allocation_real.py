"""Classical allocations meet the published numbers, and their roundings keep the total."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.allocation import (
    BudgetBelowFloors,
    MalformedStrata,
    PrecisionOutOfReach,
    TotalAboveSize,
    TotalBelowFloors,
    allocate,
    balance_domains,
    equal,
    least_cost,
    neyman,
    power,
    proportional,
    round_largest_remainder,
    round_optimally,
    satisfy_all,
)

# the four strata of the stratallo vignette: N = (3000, 4000, 5000, 2000), S = (48, 79, 76, 16)
A = np.array([144000.0, 316000.0, 380000.0, 32000.0])
ONES = np.ones(4)


def test_box_constrained_neyman_restated():
    # R stratallo 3.0.1 opt() and round_oric(), alloc_box_small.json: "box", "box3" and "minimal_N100"
    cases = [
        (A, 400, [100, 90, 70, 50], [300, 400, 200, 90], [100, 113.505747126437, 136.494252873563, 50]),
        (A, 900, [100, 90, 70, 50], [300, 400, 200, 90], [245.454545454545, 400, 200, 54.5454545454545]),
        ([1040, 180, 30, 90], 80, [10] * 4, [30] * 4, [30, 26.6666666666667, 10, 13.3333333333333]),
    ]
    for weights, total, lower, upper, expected in cases:
        found = neyman(weights, ONES, total=total, lower=lower, upper=upper)
        assert found == pytest.approx(expected, rel=1e-9)
    assert round_optimally(neyman(A, ONES, total=190), A**2).tolist() == [31, 69, 83, 7]


def test_every_box_of_the_oracles(oracle):
    for case in oracle("alloc_box_small.json")["inputs"]:
        found = neyman(case["A"], ONES, total=case["n"], lower=case.get("m"), upper=case.get("M"))
        assert found == pytest.approx(case["x"], rel=1e-9)
        assert round_optimally(found, np.array(case["A"], dtype=float) ** 2).tolist() == case["x_oric"]
    ten = oracle("alloc_box_pop10.json")
    given_ten = ten["inputs"]
    for case in ten["expected"]:
        found = neyman(given_ten["N"], given_ten["S"], total=case["n"], lower=given_ten["m"], upper=given_ten["M"])
        assert found == pytest.approx(case["x"], rel=1e-9)
        weight = (np.array(given_ten["N"], dtype=float) * given_ten["S"]) ** 2
        assert round_optimally(found, weight).tolist() == case["x_oric"]


@pytest.mark.parametrize("name", ["alloc_box_pop507_floor30.json", "alloc_box_pop969_floor30.json"])
def test_floors_of_thirty_percent_on_hundreds_of_strata(oracle, name):
    data = oracle(name)
    strata = data["inputs"]
    size, spread = np.array(strata["N"]), np.array(strata["S"])
    assert len(data["expected"]) == 8
    for case in data["expected"]:
        found = neyman(size, spread, total=case["n"], lower=strata["m"], upper=size)
        assert found == pytest.approx(case["x"], rel=1e-8)
        whole = allocate(size, spread, total=case["n"], lower=strata["m"])
        real = np.sum(size * spread**2 * (size - found) / found)
        # whole visits cost next to nothing against the real optimum, and never beat it
        assert real * (1 - 1e-12) <= whole.variance <= real * 1.001


def test_least_cost_restated_and_of_the_oracle(oracle):
    data = oracle("alloc_mincost.json")
    strata = data["inputs"]
    # R stratallo 3.0.1 optcost(): the first case, without and with upper bounds
    assert data["expected"][0]["upper"] == [29.8843038951022, 65.5794446586965, 70, 6.64095642113382]
    for case in data["expected"]:
        weights = np.array(strata["A"], dtype=float)
        for key, extra in (
            ("no_bounds", {}),
            ("upper", {"upper": strata["M"]}),
            ("costed", {"cost": strata["unit_costs_costed"]}),
        ):
            found = least_cost(weights, ONES, case["V"], finite_part=case["A0"], **extra)
            assert found == pytest.approx(case[key], rel=1e-8)


def test_the_textbook_example_of_four_aims():
    # Valliant, Dever & Kreuter, Practical Tools, ch. 3; PracTools 1.7.5 strAlloc(), alloc_cost_practools.json
    size = np.array([215, 65, 252, 50, 149, 144])
    spread = np.array([26787207, 10645109, 6909676, 11085034, 9817762, 44553355])
    cost = [1400, 200, 300, 600, 450, 1000]
    assert proportional(size, 100)[:3] == pytest.approx([24.5714285714286, 7.42857142857143, 28.8], rel=1e-9)
    assert neyman(size, spread, total=100) == pytest.approx(
        [34.6416828348418, 4.16194710977725, 10.4734873315489, 3.33380444542347, 8.79897037998571, 38.5901078984229],
        rel=1e-9,
    )
    assert neyman(size, spread, budget=100_000, cost=cost) == pytest.approx(
        [30.6054034136602, 9.72847358639308, 19.9891270991554, 4.49912066758511, 13.7116192127243, 40.3403013275735],
        rel=1e-9,
    )
    wanted = (0.05 * 11664181 * size.sum()) ** 2
    assert least_cost(size, spread, wanted, cost=cost) == pytest.approx(
        [104.549217115489, 33.2328341972497, 68.2836151771138, 15.3691665862569, 46.8394105021399, 137.803997058843],
        rel=1e-9,
    )


def test_the_textbook_example_of_the_oracle(oracle):
    data = oracle("alloc_cost_practools.json")
    i, expected = data["inputs"], data["expected"]
    size = np.array(i["Nh"])
    assert proportional(size, i["n.tot"]) == pytest.approx(expected["prop"]["nh"], rel=1e-9)
    found = {
        "neyman": neyman(size, i["Sh"], total=i["n.tot"]),
        "totcost": neyman(size, i["Sh"], budget=i["cost"], cost=i["ch"]),
        "totvar": least_cost(size, i["Sh"], (i["CV0"] * i["ybarU"] * size.sum()) ** 2, cost=i["ch"]),
    }
    for key, n in found.items():
        assert n == pytest.approx(expected[key]["nh"], rel=1e-9)
        assert n / n.sum() == pytest.approx(expected[key]["share"], rel=1e-9)
        spread = np.array(i["Sh"], dtype=float)
        error = np.sqrt(np.sum(size * spread**2 * (size - n) / n)) / size.sum()
        assert error == pytest.approx(expected[key]["se"], rel=1e-9)


def test_two_domains_of_unequal_standing(oracle):
    data = oracle("alloc_multidomain_controlled_precision.json")
    i = data["inputs"]
    domain = np.repeat([0, 1], i["H_counts"])
    for case in data["expected"]:
        found = balance_domains(i["N"], i["S"], domain, i["rho2"], case["n"])
        assert found.n == pytest.approx(case["x"], rel=1e-8)
        assert found.level == pytest.approx(case["raw"]["Topt"], rel=1e-8)


def test_two_domains_restated():
    # R stratallo 3.0.1 dopt(), alloc_multidomain_controlled_precision.json, n = 300
    found = balance_domains(
        [140, 110, 135, 190], [180**0.5, 20**0.5, 5**0.5, 2.0], [0, 0, 1, 1], [4 * 0.4, 9 * 0.6], 300
    )
    assert found.n == pytest.approx([140, 72.3236985538419, 38.8150305819176, 48.8612708642406], rel=1e-8)


def test_several_precisions_at_once_are_all_reached_and_no_dearer_than_the_oracle(oracle):
    data = oracle("alloc_bethel.json")
    strata, errors = data["inputs"]["strata"], data["inputs"]["errors"][0]
    size = np.array([s["N"] for s in strata])
    spreads = np.array([[s[f"S{j}"] for s in strata] for j in (1, 2)])
    totals = np.array([sum(s["N"] * s[f"M{j}"] for s in strata) for j in (1, 2)])
    aims = np.array([errors["CV1"], errors["CV2"]])
    found = satisfy_all(size, spreads, (aims * totals) ** 2, lower=[2] * 4)
    variances = np.sum(size * spreads**2 * (size - found) / found, axis=1)
    assert np.all(np.sqrt(variances) / totals <= aims * (1 + 1e-9))
    assert found.sum() == pytest.approx(sum(data["expected"]["real"]), rel=1e-2)


def test_several_precisions_equal_one_when_one_rules():
    # the second variable asks for nothing; then Bethel is least_cost
    alone = least_cost([100, 200], [1.0, 3.0], 9000.0)
    both = satisfy_all([100, 200], [[1.0, 3.0], [1.0, 1.0]], [9000.0, 1e9])
    assert both == pytest.approx(alone, rel=1e-6)


def test_equal_and_power_allocations_by_hand():
    assert equal([100, 100, 4], 64).tolist() == [30, 30, 4]
    # Bankier (1988): exponent 0 with equal variation is equal allocation, exponent 1 is proportional
    assert power([100, 400], [1, 1], 50, exponent=0) == pytest.approx([25, 25])
    assert power([100, 400], [1, 1], 50, exponent=1) == pytest.approx([10, 40])
    assert power([10, 400], [1, 0], 9) == pytest.approx([9, 0])


@settings(max_examples=80, deadline=None)
@given(st.lists(st.tuples(st.integers(1, 50), st.floats(0.1, 9)), min_size=1, max_size=12), st.floats(0, 1))
def test_the_real_optimum_sums_to_the_total_and_no_move_improves_it(strata, fraction):
    size, spread = (np.array(c, dtype=float) for c in zip(*strata, strict=True))
    lower = np.minimum(1.0, size)
    total = lower.sum() + fraction * (size.sum() - lower.sum())
    n = neyman(size, spread, total=total, lower=lower, upper=size)
    assert n.sum() == pytest.approx(total, rel=1e-9)
    assert np.all((n >= lower * (1 - 1e-12)) & (n <= size * (1 + 1e-12)))
    slope = (size * spread / n) ** 2
    may_grow, may_shrink = n < size * (1 - 1e-9), n > lower * (1 + 1e-9)
    if may_grow.any() and may_shrink.any():
        assert slope[may_grow].max() <= slope[may_shrink].min() * (1 + 1e-6)


@settings(max_examples=60, deadline=None)
@given(st.lists(st.tuples(st.integers(2, 40), st.floats(0.1, 9)), min_size=2, max_size=6), st.randoms())
def test_optimal_rounding_equals_the_best_of_all_roundings(strata, chance):
    size, spread = (np.array(c, dtype=float) for c in zip(*strata, strict=True))
    total = chance.randint(len(strata), int(size.sum()))
    real = neyman(size, spread, total=total, lower=np.ones(size.size), upper=size)
    weight = (size * spread) ** 2
    found = round_optimally(real, weight)
    down, up = np.floor(real + 1e-9), np.ceil(real - 1e-9)
    roundings = itertools.product(*({a, b} for a, b in zip(down, up, strict=True)))
    best = min(np.sum(weight / np.array(n)) for n in roundings if sum(n) == total)
    assert found.sum() == total
    assert np.sum(weight / found) == pytest.approx(best, rel=1e-12)
    assert round_largest_remainder(real).sum() == total


@pytest.mark.parametrize(
    ("refusal", "ask"),
    [
        (MalformedStrata, lambda: proportional([1, -1], 1)),
        (MalformedStrata, lambda: proportional([1, float("inf")], 1)),
        (MalformedStrata, lambda: proportional([[1, 2]], 1)),
        (TotalAboveSize, lambda: proportional([1, 2], 4)),
        (TotalAboveSize, lambda: equal([1, 2], 4)),
        (MalformedStrata, lambda: neyman([1, 2], [1, 1])),
        (MalformedStrata, lambda: neyman([1, 2], [1, 1], total=1, budget=1)),
        (MalformedStrata, lambda: neyman([1, 2], [1], total=1)),
        (MalformedStrata, lambda: neyman([1, 2], [1, 1], total=1, cost=[0, 1])),
        (MalformedStrata, lambda: neyman([1, 2], [1, 1], total=2, lower=[1, 2], upper=[1, 1])),
        (TotalBelowFloors, lambda: neyman([1, 2], [1, 1], total=1, lower=[1, 1])),
        (TotalBelowFloors, lambda: neyman([1, 2], [1, 1], total=float("nan"))),
        (BudgetBelowFloors, lambda: neyman([1, 2], [1, 1], budget=1, lower=[1, 1])),
        (PrecisionOutOfReach, lambda: least_cost([1, 2], [1, 1], -100.0)),
        (PrecisionOutOfReach, lambda: least_cost([10, 20], [1, 1], 1.0, upper=[1, 1])),
        (MalformedStrata, lambda: round_largest_remainder([1.5, 1.2])),
        (MalformedStrata, lambda: round_optimally([0.5, 1.5], [1, 1])),
        (MalformedStrata, lambda: round_optimally([1.5, 1.2], [1, 1])),
        (MalformedStrata, lambda: balance_domains([1, 2], [1, 1], [0, 2], [1, 1], 2)),
        (MalformedStrata, lambda: balance_domains([1, 2], [1, 1], [0, 1], [1, 0], 2)),
        (TotalAboveSize, lambda: balance_domains([1, 2], [1, 1], [0, 1], [1, 1], 4)),
        (MalformedStrata, lambda: satisfy_all([1, 2], [1, 1], [1])),
        (PrecisionOutOfReach, lambda: satisfy_all([1, 2], [[1, 1]], [0])),
    ],
)
def test_bad_input_is_refused_each_by_its_own_class(refusal, ask):
    with pytest.raises(refusal):
        ask()
