"""Probabilities proportional to size: totals, certainties, and the reference numbers."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling.selection import inclusion_probabilities, madow
from sampling.selection.errors import (
    EmptyInput,
    NegativeValue,
    NotFinite,
    SampleAboveStratum,
    WrongLength,
    ZeroSize,
)

SIZES = [1, 2, 3, 4, 5, 100, 200, 0, 7.5]
# R sampling 2.11 inclusionprobabilities(SIZES, n), restated from inclusion_probabilities.json
EXPECTED = {
    2: [2 / 245, 4 / 245, 6 / 245, 8 / 245, 10 / 245, 200 / 245, 1, 0, 15 / 245],
    3: [2 / 45, 4 / 45, 6 / 45, 8 / 45, 10 / 45, 1, 1, 0, 15 / 45],
    4: [4 / 45, 8 / 45, 12 / 45, 16 / 45, 20 / 45, 1, 1, 0, 30 / 45],
    6: [0.2, 0.4, 0.6, 0.8, 1, 1, 1, 0, 1],
}


@pytest.mark.parametrize("n", [2, 3, 4, 6])
def test_units_too_large_for_chance_are_taken_and_the_rest_scaled_again(n):
    pi = inclusion_probabilities(SIZES, n, allow_zero=True)
    np.testing.assert_allclose(pi, EXPECTED[n], rtol=0, atol=1e-12)


def test_small_frame_agrees_with_the_reference_file(oracle):
    reference = oracle("inclusion_probabilities.json")
    for n in reference["inputs"]["n"]:
        pi = inclusion_probabilities(reference["inputs"]["a"], n, allow_zero=True)
        np.testing.assert_allclose(pi, reference["expected"][f"n{n}"], rtol=0, atol=1e-12)


def test_belgian_municipalities_agree_with_the_reference_file(oracle):
    rows = oracle("belgian_pik.csv")
    size = np.array([float(row["Tot04"]) for row in rows])
    for n, column in ((50, "pik50"), (200, "pik200")):
        expected = np.array([float(row[column]) for row in rows])
        np.testing.assert_allclose(inclusion_probabilities(size, n), expected, rtol=0, atol=1e-12)


def test_strata_computed_together_equal_strata_computed_alone():
    rng = np.random.default_rng(4)
    size = rng.lognormal(0, 2, 300)
    label = rng.integers(0, 7, 300)
    n = {h: int((label == h).sum() * 0.4) for h in range(7)}
    together = inclusion_probabilities(size, n, label)
    for h in range(7):
        alone = inclusion_probabilities(size[label == h], n[h])
        np.testing.assert_allclose(together[label == h], alone, rtol=0, atol=1e-14)


@settings(deadline=None)
@given(
    st.lists(st.floats(1e-3, 1e6), min_size=1, max_size=40),
    st.floats(0, 1),
    st.floats(1e-3, 1e3),
)
def test_totals_are_exact_and_the_unit_of_measure_does_not_matter(sizes, rate, unit):
    n = round(rate * len(sizes))
    pi = inclusion_probabilities(sizes, n)
    assert pi.sum() == pytest.approx(n, abs=1e-9)
    assert np.all((pi >= 0) & (pi <= 1))
    assert np.all(np.diff(pi[np.argsort(sizes)]) >= -1e-12)
    np.testing.assert_allclose(inclusion_probabilities(np.array(sizes) * unit, n), pi, rtol=0, atol=1e-9)


def test_a_stratum_of_two_million_still_adds_up_to_a_whole_number():
    # added one after another, as numpy.bincount does, the sum is off by more than a plan may be
    size = np.random.default_rng(5).lognormal(0, 1, 2_000_000)
    pi = inclusion_probabilities(size, 600_001)
    assert pi.sum() == pytest.approx(600_001, abs=1e-6)
    assert madow(pi, starts=[0.5]).sample.size == 600_001


def test_taking_everybody_makes_everybody_certain():
    assert np.all(inclusion_probabilities([0.1, 0.2, 0.7, 0.1], 4) == 1)


@pytest.mark.parametrize(
    ("size", "n", "refusal", "says"),
    [
        ([1.0, -2.0], 1, NegativeValue, "row 1"),
        ([1.0, 0.0], 1, ZeroSize, "row 1"),
        ([1.0, np.nan], 1, NotFinite, "row 1"),
        ([1.0, np.inf], 1, NotFinite, "row 1"),
        ([1.0, 2.0], 3, SampleAboveStratum, "3"),
        ([], 0, EmptyInput, "no units"),
        ([[1.0, 2.0]], 1, WrongLength, "shape"),
    ],
)
def test_an_unusable_size_is_refused_with_its_row(size, n, refusal, says):
    with pytest.raises(refusal, match=says):
        inclusion_probabilities(size, n)


def test_more_units_than_have_a_size_are_refused():
    with pytest.raises(SampleAboveStratum, match="positive size"):
        inclusion_probabilities([1.0, 0.0, 2.0], 3, allow_zero=True)
