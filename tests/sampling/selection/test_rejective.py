"""Sampford and conditional Poisson at rates where rejecting whole samples would never end."""

import time

import numpy as np
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import (
    Strata,
    conditional_poisson,
    given_size,
    inclusion_probabilities,
    sampford,
    working_probabilities,
)


def test_sampford_draws_thirty_percent_of_a_large_stratum_in_no_time():
    # svy 0.35 refuses at 30 %
    rng = np.random.default_rng(1)
    pi = inclusion_probabilities(rng.lognormal(0, 0.7, 5_000), 1_500)
    began = time.process_time()
    draw = sampford(pi, rng=rng)
    assert draw.sample.size == 1_500
    assert time.process_time() - began < 5


@settings(max_examples=40, deadline=None)
@given(st.integers(0, 2**32), st.sampled_from([sampford, conditional_poisson]))
def test_sizes_are_exact_and_certainties_in_for_any_strata(seed, design):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, 6, 70)
    strata = Strata.of(label)
    n = np.maximum(1, rng.integers(0, strata.sizes + 1))
    pi = inclusion_probabilities(rng.lognormal(0, 1, 70), n, strata)
    draw = design(pi, strata, rng=rng)
    np.testing.assert_array_equal(np.bincount(strata.code[draw.sample], minlength=strata.count), n)
    assert np.unique(draw.sample).size == draw.sample.size
    assert draw.selected[pi >= 1 - 1e-9].all()


def test_working_probabilities_give_back_the_wanted_ones_in_villages_and_cities_alike():
    rng = np.random.default_rng(3)
    size = [2, 3, 10, 60, 700, 3000]
    strata = Strata.of(np.repeat(np.arange(6), size))
    n = np.array([1, 2, 3, 20, 210, 900])
    pi = inclusion_probabilities(rng.uniform(0.3, 1.5, sum(size)), n, strata)
    loose = np.flatnonzero(pi < 1)
    assert loose.size == pi.size
    working = working_probabilities(pi, strata)
    again = given_size.first_order(working, strata.start[:-1], n)
    np.testing.assert_allclose(again, pi, rtol=0, atol=1e-11)


def test_very_unequal_probabilities_are_met():
    pi = np.array([0.97, 0.01, 0.02, 0.9, 0.05, 0.05])
    working = working_probabilities(pi)
    again = given_size.first_order(working, np.array([0]), np.array([2]))
    np.testing.assert_allclose(again, pi, rtol=0, atol=1e-11)
