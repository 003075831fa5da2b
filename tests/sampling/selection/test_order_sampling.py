"""Order sampling with given random numbers: ranks, ties, certainties, and frames in any order."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import (
    Strata,
    inclusion_probabilities,
    pareto,
    ranks,
    sequential_poisson,
    simple_random,
    successive,
)
from sampling.selection.ranking import ranked

# order_sampling_fixed_uniforms.json: closed forms of Rosén (1997)
U = [0.2655087, 0.3721239, 0.5728534, 0.9082078, 0.2016819, 0.8983897, 0.9446753, 0.6607978, 0.629114, 0.0617863]
TARGET = np.arange(1, 11) * 4 / 55
Q_PARETO = [4.60895306043788, 3.48194160042085, 4.8056678511156, 24.1170438501311, 0.442108634390226]
Q_SUCCESSIVE = [4.08670547489199, 2.96091037449392, 3.45596794751238, 6.9471369227327, 0.498352993438244]
Q_SEQUENTIAL = [3.650744625, 2.5583518125, 2.62557808333333, 3.1219643125, 0.554625225]


@pytest.mark.parametrize(
    ("design", "expected"),
    [
        ("Pareto order sampling", Q_PARETO),
        ("successive order sampling", Q_SUCCESSIVE),
        ("sequential Poisson sampling", Q_SEQUENTIAL),
    ],
)
def test_ranks_agree_with_the_closed_forms(design, expected):
    np.testing.assert_allclose(ranks(TARGET, U, design)[:5], expected, rtol=1e-12)


@pytest.mark.parametrize("draw", [pareto, successive, sequential_poisson])
def test_the_smallest_ranks_are_drawn(draw):
    assert sorted(draw(TARGET, uniforms=U).sample + 1) == [5, 8, 9, 10]


def test_ranks_and_samples_agree_with_the_reference_file(oracle):
    reference = oracle("order_sampling_fixed_uniforms.json")
    u, target = reference["inputs"]["u"], reference["inputs"]["lambda"]
    for name, draw, design in (
        ("pareto", pareto, "Pareto order sampling"),
        ("successive", successive, "successive order sampling"),
        ("uniform", sequential_poisson, "sequential Poisson sampling"),
    ):
        expected = reference["expected"]
        np.testing.assert_allclose(ranks(target, u, design), expected[f"Q_{name}"], rtol=1e-12)
        assert sorted(draw(target, uniforms=u).sample + 1) == expected[f"sample_{name}_1based"]


@settings(deadline=None)
@given(st.integers(1, 60), st.integers(1, 6), st.integers(0, 2**32))
def test_the_one_pass_ranking_equals_a_sort_of_each_stratum(units, strata, seed):
    rng = np.random.default_rng(seed)
    label = rng.integers(0, strata, units)
    # few distinct values, so that ties are common; infinity and large ones must sort too
    key = rng.choice([0.0, 1e-300, 0.25, 0.25 + 2**-54, 0.5, 0.7, 3.0, 1e12, np.inf], units)
    expected = [k for h in np.unique(label) for k in sorted(np.flatnonzero(label == h), key=lambda k: (key[k], k))]
    assert ranked(Strata.of(label), key).tolist() == expected


def test_numbers_that_differ_in_the_last_bit_are_told_apart():
    u = np.array([np.nextafter(0.3, 1), 0.3, np.nextafter(0.3, 0)])
    assert simple_random(3, 3, uniforms=u).sample.tolist() == [2, 1, 0]
    many = Strata.of(np.repeat(np.arange(70_000), 3))  # more strata than sixteen bits, fewer bits for the key
    assert simple_random(many, 3, uniforms=np.tile(u, 70_000)).sample[-3:].tolist() == [209_999, 209_998, 209_997]


def test_an_unsorted_frame_gives_the_same_households_as_a_sorted_one():
    # R prnsamplr 1.0.0 takes run lengths from the unsorted frame: 535 units for 324
    rng = np.random.default_rng(1)
    label = np.repeat(["a", "b", "c"], [535, 200, 61])
    u, size = rng.random(label.size), rng.lognormal(size=label.size)
    n = {"a": 324, "b": 60, "c": 19}
    shuffle = rng.permutation(label.size)
    for draw in (
        lambda at: simple_random(label[at], n, uniforms=u[at], reserve=5),
        lambda at: pareto(inclusion_probabilities(size[at], n, label[at]), label[at], uniforms=u[at], reserve=5),
    ):
        plain, mixed = draw(np.arange(label.size)), draw(shuffle)
        assert mixed.n.tolist() == [324, 60, 19]
        assert shuffle[mixed.sample].tolist() == plain.sample.tolist()
        assert shuffle[mixed.reserve].tolist() == plain.reserve.tolist()


def test_certainties_are_always_in_and_come_first():
    pi = [0.5, 1.0, 0.25, 0.25]
    for u in np.random.default_rng(0).random((50, 4)):
        assert pareto(pi, uniforms=u).sample[0] == 1


def test_reserves_are_the_next_in_order():
    draw = simple_random(5, 2, uniforms=[0.9, 0.1, 0.5, 0.3, 0.7], reserve=2)
    assert draw.sample.tolist() == [1, 3]
    assert draw.reserve.tolist() == [2, 4]
    assert draw.reserve_of(0).tolist() == [2, 4]


def test_one_million_units_are_drawn_in_every_stratum_exactly(soak):
    units = 1_000_000 if soak else 50_000
    label = np.random.default_rng(3).integers(0, 200, units)
    strata = Strata.of(label)
    n = -(-30 * strata.sizes // 100)
    draw = simple_random(strata, n, rng=np.random.default_rng(4))
    np.testing.assert_array_equal(np.bincount(label[draw.sample]), n)
    assert np.unique(draw.sample).size == n.sum()
