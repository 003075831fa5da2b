"""The local pivotal method in rounds against LPM 1 fought pair by pair, and its spread, sizes and chances."""

from importlib import import_module

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import Strata, errors, inclusion_probabilities
from sampling.spatial import local_pivotal, moran_balance, voronoi_balance


def pair_by_pair(pi, xy):
    """Exact distribution of LPM 1: any mutual nearest pair duels, one at a time, until all are decided."""
    found = {}

    def fight(p, chance):
        live = [k for k in range(len(p)) if 1e-9 < p[k] < 1 - 1e-9]
        if len(live) < 2:
            key = frozenset(k for k in range(len(p)) if p[k] > 0.5)
            found[key] = found.get(key, 0) + chance
            return
        near = {k: min((j for j in live if j != k), key=lambda j, k=k: np.hypot(*(xy[j] - xy[k]))) for k in live}
        i, j = next((k, near[k]) for k in live if near[near[k]] == k)
        total = p[i] + p[j]
        if total < 1 - 1e-9:
            ends = [(total, 0.0, p[i] / total), (0.0, total, p[j] / total)]
        else:
            first = (1 - p[j]) / (2 - total)
            ends = [(1.0, total - 1, first), (total - 1, 1.0, 1 - first)]
        for one, two, share in ends:
            after = list(p)
            after[i], after[j] = one, two
            if share > 0:
                fight(after, chance * share)

    fight(list(pi), 1.0)
    return found


@pytest.mark.parametrize("pi", [[0.2, 0.7, 0.8, 0.5, 0.4, 0.4], [0.3] * 10, [0.5] * 6])
def test_samples_come_as_often_as_from_duels_pair_by_pair(pi):
    rng = np.random.default_rng(7)
    units, times = len(pi), 4_000
    xy = rng.random((units, 2))
    expected = pair_by_pair(pi, xy)
    assert sum(expected.values()) == pytest.approx(1)
    strata = Strata.of(np.repeat(np.arange(times), units))
    draw = local_pivotal(np.tile(pi, times), np.tile(xy, (times, 1)), strata, rng=rng)
    seen = {}
    for row in draw.selected.reshape(times, units):
        key = frozenset(np.flatnonzero(row).tolist())
        seen[key] = seen.get(key, 0) + 1
    assert set(seen) <= set(expected)
    common = [key for key, chance in expected.items() if chance * times > 3]
    square = sum((seen.get(key, 0) - times * expected[key]) ** 2 / (times * expected[key]) for key in common)
    freedom = len(common) - 1
    assert square < freedom + 5 * np.sqrt(2 * freedom) + 5


def test_units_are_drawn_as_often_as_stated(soak):
    times = 20_000 if soak else 1_500
    rng = np.random.default_rng(8)
    xy = rng.random((30, 2))
    pi = inclusion_probabilities(np.append(rng.lognormal(0, 0.7, 29), 100), 10)
    strata = Strata.of(np.repeat(np.arange(times), 30))
    draw = local_pivotal(np.tile(pi, times), np.tile(xy, (times, 1)), strata, rng=rng)
    seen = draw.selected.reshape(times, 30)
    assert seen.sum(axis=1).tolist() == [10] * times
    spread = np.sqrt(np.maximum(pi * (1 - pi), 1e-12) / times)
    assert np.all(np.abs(seen.mean(axis=0) - pi)[pi < 1] < 4 * spread[pi < 1])
    assert seen[:, pi == 1].all()


def test_the_sample_is_spread_as_the_literature_says():
    # SAMPLING: for 60 of 400, simple 0.36, GRTS 0.18, local pivotal 0.12
    rng = np.random.default_rng(9)
    xy = rng.random((400, 2))
    pi = np.full(400, 0.15)
    strata = Strata.of(np.repeat(np.arange(40), 400))
    draw = local_pivotal(np.tile(pi, 40), np.tile(xy, (40, 1)), strata, rng=rng)
    samples = [np.flatnonzero(row) for row in draw.selected.reshape(40, 400)]
    assert np.mean([voronoi_balance(pi, xy, sample) for sample in samples]) < 0.14
    assert np.mean([moran_balance(pi, xy, sample) for sample in samples[:10]]) < -0.15


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from(["plane", "line", "grid", "one spot", "space", "town and steppe"]))
def test_sizes_are_exact_for_any_lie_of_the_land(seed, land):
    rng = np.random.default_rng(seed)
    xy = {
        "plane": lambda: rng.random((90, 2)),
        "line": lambda: np.arange(90.0)[:, None],
        "grid": lambda: rng.integers(0, 4, (90, 2)),
        "one spot": lambda: np.zeros((90, 2)),
        "space": lambda: rng.random((90, 3)),
        "town and steppe": lambda: np.r_[rng.random((60, 2)) * 1e-5, rng.standard_cauchy((30, 2))],
    }[land]()
    strata = Strata.of(rng.integers(0, 7, 90))
    n = np.maximum(1, rng.integers(0, strata.sizes + 1))
    pi = inclusion_probabilities(rng.lognormal(0, 1, 90), n, strata)
    draw = local_pivotal(pi, xy, strata, rng=rng)
    np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=strata.count), n)
    assert draw.selected[pi == 1].all()


def test_strata_are_drawn_alike_in_few_blocks_and_in_many(monkeypatch):
    rng = np.random.default_rng(10)
    xy, strata = rng.random((600, 2)), Strata.of(np.sort(rng.integers(0, 20, 600)))
    pi = inclusion_probabilities(np.ones(600), np.maximum(1, strata.sizes // 3), strata)
    for block in (1, 100, 600):
        monkeypatch.setattr(import_module("sampling.spatial.local_pivotal"), "BLOCK", block)
        draw = local_pivotal(pi, xy, strata, rng=np.random.default_rng(11))
        np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=20), draw.n)
        shares = [
            voronoi_balance(pi[own], xy[own], np.flatnonzero(draw.selected[own]))
            for own in (strata.code == h for h in range(20))
        ]
        assert np.mean(shares) < 0.2  # simple random: 0.36


def test_thousands_on_one_spot_of_a_line_are_drawn_too():
    strata = Strata.of(np.repeat([0, 1, 2], 3000))
    draw = local_pivotal(np.full(9000, 0.25), np.zeros((9000, 1)), strata, rng=np.random.default_rng(13))
    assert np.bincount(strata.code[draw.sample]).tolist() == [750] * 3


def test_only_the_nearest_duel():
    # pairs 1 apart, 10 between pairs: one of each pair, whatever radius the search begins with
    xy = np.c_[np.arange(2000.0) // 2 * 11 + np.arange(2000) % 2, np.zeros(2000)]
    draw = local_pivotal(np.full(2000, 0.5), xy, rng=np.random.default_rng(12))
    assert (draw.sample // 2).tolist() == list(range(1000))


def test_households_of_one_spot_share_its_draws_evenly():
    xy = np.repeat(np.random.default_rng(1).random((50, 2)), 20, axis=0)
    draw = local_pivotal(np.full(1000, 0.3), xy, rng=np.random.default_rng(2))
    assert np.bincount(draw.sample // 20, minlength=50).tolist() == [6] * 50


def test_strata_on_the_same_ground_do_not_touch_each_other():
    rng = np.random.default_rng(3)
    xy = np.repeat(rng.random((100, 2)), 2, axis=0)
    label = np.tile(["a", "b"], 100)
    draw = local_pivotal(np.full(200, 0.25), xy, label, rng=rng)
    assert draw.n.tolist() == [25, 25]
    assert len(draw.sample_of("a")) == 25


def test_reserves_follow_and_are_not_drawn():
    draw = local_pivotal(
        np.full(40, 0.25), np.random.default_rng(4).random((40, 2)), rng=np.random.default_rng(5), reserve=4
    )
    assert draw.reserve.size == 4
    assert not set(draw.reserve) & set(draw.sample)


@pytest.mark.parametrize(
    ("pi", "xy", "refusal", "says"),
    [
        ([0.5, 0.5], [[0, 0]], errors.WrongLength, "2 rows"),
        ([0.5, 0.5], [[0, 0], [np.inf, 0]], errors.NotFinite, "row 1"),
        ([0.5, 0.4], [[0, 0], [1, 0]], errors.FractionalTotal, r"0\.9"),
        ([1.0, 0.0], [[0, 0], [1, 0]], errors.ProbabilityOutOfRange, "row 1"),
    ],
)
def test_bad_input_is_refused_in_words(pi, xy, refusal, says):
    with pytest.raises(refusal, match=says):
        local_pivotal(pi, xy, rng=np.random.default_rng(1))
