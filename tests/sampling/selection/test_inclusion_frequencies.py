"""Monte-Carlo: every design draws every unit as often as it states. Repetitions are strata, so one call does all."""

import numpy as np
import pytest

from sampling.selection import (
    Strata,
    conditional_poisson,
    conditional_poisson_joint,
    inclusion_probabilities,
    madow,
    madow_joint,
    ordered_pivotal,
    pareto,
    pareto_joint,
    sampford,
    sampford_joint,
    sequential_poisson,
    simple_random,
    successive,
    systematic,
)

PI = np.arange(1, 11) * 4 / 55
SIZES = np.array([1.0, 2, 2, 3, 3, 3, 5, 8, 12, 60])


def repeated(draw, pi, times, seed):
    strata = Strata.of(np.repeat(np.arange(times), pi.size))
    drawn = draw(np.tile(pi, times), strata, rng=np.random.default_rng(seed))
    return drawn.selected.reshape(times, pi.size).astype(float)


def deviates(frequency, probability, times):
    spread = np.sqrt(np.maximum(probability * (1 - probability), 1e-12) / times)
    return np.abs(frequency - probability) / spread


@pytest.mark.parametrize("draw", [sampford, conditional_poisson, madow, ordered_pivotal])
@pytest.mark.parametrize("pi", [PI, inclusion_probabilities(SIZES, 4)], ids=["steps", "with a certainty"])
def test_units_are_drawn_as_often_as_stated(draw, pi, soak):
    times = 200_000 if soak else 4_000
    seen = repeated(draw, pi, times, seed=11)
    np.testing.assert_array_equal(seen.sum(axis=1), round(pi.sum()))
    assert np.all(deviates(seen.mean(axis=0), pi, times)[pi < 1] < 4)
    assert np.all(seen[:, pi == 1] == 1)


@pytest.mark.parametrize(
    ("draw", "joint"),
    [
        (sampford, sampford_joint),
        (conditional_poisson, conditional_poisson_joint),
        (pareto, pareto_joint),
        (madow, madow_joint),
    ],
)
def test_pairs_are_drawn_as_often_as_stated(draw, joint, soak):
    times = 200_000 if soak else 4_000
    seen = repeated(draw, PI, times, seed=12)
    expected = joint(PI)
    off = np.triu_indices(10, 1)
    together = (seen.T @ seen / times)[off]
    possible = expected[off] > 1e-12
    assert np.all(together[~possible] == 0)
    assert np.all(deviates(together, expected[off], times)[possible] < 4.5)


@pytest.mark.parametrize("draw", [simple_random, systematic])
def test_equal_chances_are_equal(draw, soak):
    times, units, n = (100_000 if soak else 4_000), 13, 4
    strata = Strata.of(np.repeat(np.arange(times), units))
    seen = draw(strata, n, rng=np.random.default_rng(13)).selected.reshape(times, units)
    assert np.all(deviates(seen.mean(axis=0), np.full(units, n / units), times) < 4)


def test_what_general_libraries_call_weighted_is_not_proportional_to_size():
    # numpy's Generator.choice(p=, replace=False) and pandas' weighted sample rank by log(1-u)/size
    rng = np.random.default_rng(15)
    theirs = np.zeros(10)
    for _ in range(2_000):
        theirs[rng.choice(10, 4, replace=False, p=PI / 4)] += 1
    assert deviates(theirs / 2_000, PI, 2_000).max() > 5
    ours = repeated(sampford, PI, 2_000, seed=14).mean(axis=0)
    assert deviates(ours, PI, 2_000).max() < 4


def test_successive_ranks_miss_their_targets_by_more_than_pareto_ranks():
    times = 100_000
    off = [np.abs(repeated(draw, PI, times, seed=18).mean(axis=0) / PI - 1).max() for draw in (successive, pareto)]
    assert off[0] > off[1]
    assert off[1] < 0.015


def test_sequential_poisson_misses_its_targets_in_a_small_stratum_and_says_so():
    times = 20_000
    strata = Strata.of(np.repeat(np.arange(times), 10))
    draw = sequential_poisson(np.tile(PI, times), strata, rng=np.random.default_rng(16))
    assert not draw.exact
    assert deviates(draw.selected.reshape(times, 10).mean(axis=0), PI, times).max() > 5


def test_horvitz_thompson_totals_are_unbiased_under_sampford():
    times = 20_000
    y = np.array([3.0, 1, 4, 1, 5, 9, 2, 6, 5, 3])
    totals = repeated(sampford, PI, times, seed=17) @ (y / PI)
    assert abs(totals.mean() - y.sum()) < 4 * totals.std() / np.sqrt(times)
