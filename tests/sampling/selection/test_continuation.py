"""A larger draw contains the smaller; its chances are known."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import (
    Strata,
    continued,
    inclusion_probabilities,
    ordered_pivotal,
    pareto,
    sequential_poisson,
    shortened,
    simple_random,
)
from sampling.selection.errors import NotNested, SampleAboveStratum


@settings(deadline=None)
@given(st.integers(0, 2**32), st.integers(2, 40))
def test_with_the_same_numbers_a_larger_simple_draw_begins_with_the_smaller(seed, units):
    u = np.random.default_rng(seed).random(units)
    whole = simple_random(units, units, uniforms=u).sample
    for n in range(units):
        draw = simple_random(units, n, uniforms=u, reserve=units - n)
        assert draw.sample.tolist() == whole[:n].tolist()
        assert draw.reserve.tolist() == whole[n:].tolist()


@settings(deadline=None)
@given(st.integers(0, 2**32))
def test_sequential_poisson_draws_of_one_size_measure_are_nested(seed):
    rng = np.random.default_rng(seed)
    size, u = rng.uniform(0.5, 1.5, 30), rng.random(30)
    drawn = [set(sequential_poisson(inclusion_probabilities(size, n), uniforms=u).sample) for n in (3, 6, 9)]
    assert drawn[0] < drawn[1] < drawn[2]


def test_a_simple_draw_continues_with_the_numbers_it_has():
    first = simple_random(Strata.of(["a"] * 30 + ["b"] * 20), {"a": 9, "b": 6}, rng=np.random.default_rng(1))
    second = continued(first, {"a": 12, "b": 6}, reserve=2)
    assert second.sample_of("a")[:9].tolist() == first.sample_of("a").tolist()
    assert second.sample_of("b").tolist() == first.sample_of("b").tolist()
    assert second.probability[0] == 12 / 30
    assert second.exact


@pytest.mark.parametrize("design", [pareto, ordered_pivotal])
@settings(deadline=None)
@given(seed=st.integers(0, 2**32))
def test_any_draw_is_continued_by_a_second_one_around_the_first(design, seed):
    rng = np.random.default_rng(seed)
    label = np.repeat([0, 1, 2], [20, 10, 5])
    pi = inclusion_probabilities(rng.lognormal(0, 1, 35), [6, 3, 2], label)
    first = design(pi, label, rng=rng)
    second = continued(first, [9, 3, 5], rng=rng, reserve=[2, 1, 0])
    assert np.bincount(label[second.sample]).tolist() == [9, 3, 5]
    for h in range(3):
        assert second.sample_of(h)[: first.n[h]].tolist() == first.sample_of(h).tolist()
    assert not set(second.reserve) & set(second.sample)
    assert second.reserves.tolist() == [2, 1, 0]
    assert second.probability[label == 1].tolist() == first.probability[label == 1].tolist()


def test_chances_after_continuation_are_close_to_those_stated():
    times = 4_000
    size = np.array([1.0, 2, 2, 3, 3, 4, 5, 8, 9, 12])
    strata = Strata.of(np.repeat(np.arange(times), 10))
    rng = np.random.default_rng(3)
    first = pareto(inclusion_probabilities(np.tile(size, times), 2, strata), strata, rng=rng)
    second = continued(first, 4, rng=rng)
    seen = second.selected.reshape(times, 10).mean(axis=0)
    assert not second.exact
    np.testing.assert_allclose(seen, second.probability[:10], rtol=0.08)


def test_a_part_of_a_draw_has_the_share_of_its_chances():
    times = 4_000
    pi = np.arange(1, 11) * 4 / 55
    strata = Strata.of(np.repeat(np.arange(times), 10))
    rng = np.random.default_rng(4)
    part = shortened(ordered_pivotal(np.tile(pi, times), strata, rng=rng), 2, rng=rng)
    seen = part.selected.reshape(times, 10).mean(axis=0)
    assert np.all(np.abs(seen - pi / 2) < 4 * np.sqrt(pi / 2 * (1 - pi / 2) / times))
    np.testing.assert_allclose(part.probability[:10], pi / 2)


def test_a_second_stage_samples_the_frame_and_not_the_first_sample():
    # svy 0.35: a second draw samples the first
    first = simple_random(100, 30, rng=np.random.default_rng(5))
    seen = set()
    for seed in range(40):
        seen |= set(simple_random(first.strata, 30, rng=np.random.default_rng(seed)).sample.tolist())
    assert len(seen) == 100


def test_a_draw_cannot_be_made_smaller_or_larger_than_it_can_be():
    draw = simple_random(10, 4, rng=np.random.default_rng(6))
    with pytest.raises(NotNested, match="is 3 but 4 are drawn"):
        continued(draw, 3)
    with pytest.raises(SampleAboveStratum, match="10 units"):
        continued(draw, 11)
    with pytest.raises(NotNested, match="keep at least one"):
        shortened(draw, 5, rng=np.random.default_rng(1))
    pps = pareto([0.5, 0.5, 1.0], rng=np.random.default_rng(1))
    with pytest.raises(ValueError, match="rng"):
        continued(pps, 3)
