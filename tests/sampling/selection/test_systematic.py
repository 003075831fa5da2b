"""Systematic draws: the last unit can be reached, frequencies over all starts are exact, order is obeyed."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import Strata, inclusion_probabilities, madow, systematic


def test_every_unit_up_to_the_last_can_be_reached_with_three_hundred_of_a_thousand():
    # samplics 0.6.1 rounds the interval to 3 and can never select the last 100 units
    starts = (np.arange(1000) + 0.5) / 1000
    strata = Strata.of(np.repeat(np.arange(1000), 1000))
    draw = systematic(strata, 300, starts=starts)
    times = np.bincount(draw.sample % 1000, minlength=1000)
    assert times.tolist() == [300] * 1000


@settings(deadline=None)
@given(st.integers(1, 50), st.floats(0, 1), st.floats(0, 1, exclude_max=True))
def test_a_draw_has_its_size_and_no_unit_twice_for_any_start(units, rate, start):
    n = round(rate * units)
    draw = systematic(units, n, starts=[start])
    assert draw.sample.size == np.unique(draw.sample).size == n
    if n:
        assert 0 <= draw.sample.min() <= draw.sample.max() < units


def test_a_start_a_hair_below_one_stays_within_the_list():
    draw = systematic(7, 7, starts=[np.nextafter(1, 0)])
    assert draw.sample.tolist() == list(range(7))


def test_the_walk_follows_the_given_order_within_each_stratum():
    label = ["b", "a", "b", "a", "b", "a"]
    order = [3, 9, 1, 7, 2, 8]
    draw = systematic(label, 1, order=order, starts=[0.0, 0.99])
    assert draw.sample.tolist() == [3, 0]


def test_neighbours_on_the_list_are_never_drawn_together_below_half():
    draw = systematic(20, 6, rng=np.random.default_rng(1))
    assert np.diff(np.sort(draw.sample)).min() >= 3


def test_madow_over_all_starts_gives_the_stated_probabilities():
    pi = np.array([0.07, 0.17, 0.41, 0.61, 0.83, 0.91, 1.0])
    steps = 100  # the cumulated probabilities are hundredths, so a hundred starts are all there are
    strata = Strata.of(np.repeat(np.arange(steps), 7))
    draw = madow(np.tile(pi, steps), strata, starts=(np.arange(steps) + 0.5) / steps)
    np.testing.assert_allclose(draw.selected.reshape(steps, 7).mean(axis=0), pi, atol=1e-12)


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_madow_keeps_the_size_of_every_stratum(seed):
    rng = np.random.default_rng(seed)
    label = np.sort(rng.integers(0, 5, 80))
    strata = Strata.of(label)
    n = rng.integers(0, strata.sizes + 1)
    n = np.maximum(n, 1)
    pi = inclusion_probabilities(rng.lognormal(0, 1.5, 80), n, strata)
    draw = madow(pi, strata, rng=rng)
    np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=strata.count), n)
    assert draw.selected[pi == 1].all()


def test_reserves_need_numbers_of_their_own_when_starts_are_given():
    with pytest.raises(ValueError, match="give either rng or uniforms"):
        systematic(10, 3, starts=[0.5], reserve=2)
    draw = systematic(10, 3, starts=[0.5], uniforms=np.linspace(0.9, 0, 10), reserve=2)
    assert draw.sample.tolist() == [1, 5, 8]
    assert draw.reserve.tolist() == [9, 7]
