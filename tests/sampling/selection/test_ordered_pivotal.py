"""Ordered pivotal sampling without a loop against the duels fought one by one."""

import itertools

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import Strata, inclusion_probabilities, ordered_pivotal


def duels(pi):
    """Exact distribution over samples of the duels in list order (Deville & Tillé 1998), by recursion."""
    found = {}

    def fight(champion, carried, rest, chosen, chance):
        if chance < 1e-15:
            return
        if not rest:
            final = chosen | ({champion} if carried > 0.5 else set())
            found[frozenset(final)] = found.get(frozenset(final), 0) + chance
            return
        rival, others = rest[0], rest[1:]
        p, total = pi[rival], carried + pi[rival]
        if total < 1 - 1e-12:
            fight(champion, total, others, chosen, chance * carried / total)
            fight(rival, total, others, chosen, chance * p / total)
        else:
            left = max(0.0, total - 1)
            fight(rival, left, others, chosen | {champion}, chance * (1 - p) / (2 - total))
            fight(champion, left, others, chosen | {rival}, chance * (1 - carried) / (2 - total))

    fight(0, pi[0], list(range(1, len(pi))), set(), 1.0)
    return found


@pytest.mark.parametrize(
    "pi",
    [
        [0.2, 0.7, 0.8, 0.5, 0.4, 0.4],
        [0.07, 0.17, 0.41, 0.61, 0.83, 0.91],
        [0.9, 0.9, 0.9, 0.9, 0.4],
        [0.25] * 8,
        [0.5] * 6,
        [0.3, 0.7, 0.2, 0.8],
    ],
)
def test_samples_come_as_often_as_from_duels_fought_one_by_one(pi):
    expected = duels(pi)
    assert sum(expected.values()) == pytest.approx(1)
    times, units = 20_000, len(pi)
    strata = Strata.of(np.repeat(np.arange(times), units))
    draw = ordered_pivotal(np.tile(pi, times), strata, rng=np.random.default_rng(5))
    seen = {}
    for row in draw.selected.reshape(times, units):
        key = frozenset(np.flatnonzero(row).tolist())
        seen[key] = seen.get(key, 0) + 1
    assert set(seen) <= {key for key, chance in expected.items() if chance > 0}
    square = sum((seen.get(key, 0) - times * c) ** 2 / (times * c) for key, c in expected.items() if c > 1e-4)
    freedom = sum(c > 1e-4 for c in expected.values()) - 1
    assert square < freedom + 5 * np.sqrt(2 * freedom) + 5


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_sizes_are_exact_and_no_stretch_of_the_list_is_missed(seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 4, 60)
    strata = Strata.of(label)
    n = np.maximum(1, rng.integers(0, strata.sizes + 1))
    pi = inclusion_probabilities(rng.lognormal(0, 1, 60), n, strata)
    order = rng.random(60)
    draw = ordered_pivotal(pi, strata, order=order, rng=rng)
    assert np.unique(draw.sample).size == draw.sample.size
    np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=strata.count), n)
    for h in range(strata.count):
        along = np.flatnonzero(strata.code == h)
        along = along[np.argsort(order[along])]
        gap = np.cumsum(draw.selected[along]) - np.cumsum(pi[along])
        assert np.abs(gap).max() < 2  # each piece of probability 1 yields one unit, give or take the one carried


def test_the_walk_is_one_unit_per_piece():
    pi = [0.25] * 400
    draw = ordered_pivotal(pi, rng=np.random.default_rng(1))
    per_piece = np.bincount(draw.sample // 4, minlength=100)
    assert per_piece.sum() == 100
    assert per_piece.tolist() == [1] * 100  # pieces end on units: no unit is carried


def test_frame_order_matters_only_through_the_given_order():
    rng = np.random.default_rng(8)
    pi = inclusion_probabilities(rng.random(50) + 0.1, 20)
    order = rng.permutation(50)
    u = rng.random((2, 20))
    plain = ordered_pivotal(pi, order=order, uniforms=u)
    back = np.argsort(order)
    listed = ordered_pivotal(pi[back], uniforms=u)
    assert back[listed.sample].tolist() == plain.sample.tolist()
    assert list(itertools.pairwise(order[plain.sample])) != []
