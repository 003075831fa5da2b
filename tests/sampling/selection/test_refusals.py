"""Bad input: each kind has its own refusal, which names the stratum or row and says what to do."""

import dataclasses

import numpy as np
import pytest

from sampling.errors import SamplingError
from sampling.selection import Strata, errors, madow, ordered_pivotal, pareto, simple_random, systematic

RNG = np.random.default_rng(1)
LABELS = ["a", "a", "b"]


@pytest.mark.parametrize(
    ("attempt", "refusal", "says"),
    [
        (lambda: simple_random([], 1, rng=RNG), errors.EmptyInput, "no units"),
        (lambda: simple_random(0, 0, rng=RNG), errors.EmptyInput, "no units"),
        (lambda: simple_random([["a"]], 1, rng=RNG), errors.WrongLength, "2 dimensions"),
        (lambda: simple_random(LABELS, {"a": 1}, rng=RNG), errors.UnknownStratum, "leaves out b"),
        (lambda: simple_random(LABELS, {"a": 1, "b": 1, "c": 1}, rng=RNG), errors.UnknownStratum, "names c"),
        (lambda: simple_random(LABELS, {"a": 3, "b": 1}, rng=RNG), errors.SampleAboveStratum, "stratum a has 2"),
        (lambda: simple_random(LABELS, {"a": -1, "b": 1}, rng=RNG), errors.NegativeValue, "stratum a"),
        (lambda: simple_random(LABELS, {"a": 1.5, "b": 1}, rng=RNG), errors.NotWhole, "1.5"),
        (lambda: simple_random(LABELS, {"a": np.nan, "b": 1}, rng=RNG), errors.NotWhole, "nan"),
        (lambda: simple_random(LABELS, ["1", "1"], rng=RNG), errors.NotWhole, "whole"),
        (lambda: simple_random(LABELS, [1, 1, 1], rng=RNG), errors.WrongLength, "2 strata"),
        (lambda: simple_random(LABELS, 1, rng=RNG, reserve=1), errors.SampleAboveStratum, "stratum b"),
        (lambda: simple_random(LABELS, 1), errors.NoSourceOfChance, "either rng or uniforms"),
        (lambda: simple_random(LABELS, 1, rng=RNG, uniforms=[0.1] * 3), errors.NoSourceOfChance, "both"),
        (lambda: simple_random(LABELS, 1, uniforms=[0.1, 0.2]), errors.WrongLength, "3 are needed"),
        (lambda: simple_random(LABELS, 1, uniforms=[0.1, np.nan, 0.2]), errors.NotFinite, "row 1"),
        (lambda: simple_random(LABELS, 1, uniforms=[0.1, 0.2, 1.0]), errors.UniformOutOfRange, "row 2"),
        (lambda: systematic(LABELS, 1, order=[1, 2], rng=RNG), errors.WrongLength, "order"),
        (lambda: systematic(LABELS, 1, starts=[0.5]), errors.WrongLength, "2 are needed"),
        (lambda: pareto([0.5, 0.5, 0.0], rng=RNG), errors.ProbabilityOutOfRange, "row 2"),
        (lambda: pareto([0.5, 0.5, -0.1], rng=RNG), errors.ProbabilityOutOfRange, "row 2"),
        (lambda: pareto([0.5, 0.5, 1.1], rng=RNG), errors.ProbabilityOutOfRange, r"1\.1"),
        (lambda: madow([0.5, 0.6], rng=RNG), errors.FractionalTotal, r"1\.1"),
        (lambda: madow([0.5, np.inf], rng=RNG), errors.NotFinite, "row 1"),
        (lambda: ordered_pivotal([0.5, 0.5], LABELS, rng=RNG), errors.WrongLength, "3 units"),
        (lambda: ordered_pivotal([0.5, 0.5], uniforms=[0.5]), errors.WrongLength, "2 are needed"),
    ],
)
def test_bad_input_is_refused_in_words(attempt, refusal, says):
    with pytest.raises(refusal, match=says) as caught:
        attempt()
    assert isinstance(caught.value, SamplingError)
    assert caught.value.remedy


def test_a_draw_cannot_be_changed():
    draw = simple_random(5, 2, rng=np.random.default_rng(1))
    with pytest.raises(dataclasses.FrozenInstanceError):
        draw.design = "another"
    with pytest.raises(ValueError, match="read-only"):
        draw.sample[0] = 4
    with pytest.raises(ValueError, match="read-only"):
        draw.probability[0] = 1.0


def test_the_callers_own_arrays_stay_his():
    u = np.array([0.3, 0.1, 0.2])
    simple_random(3, 1, uniforms=u)
    u[0] = 0.5
    assert u[0] == 0.5


def test_every_draw_says_that_it_is_not_publicly_recomputable():
    draw = pareto([0.5, 0.5], rng=np.random.default_rng(1))
    assert draw.publicly_recomputable is False
    assert "not publicly recomputable" in repr(draw)


def test_a_stratum_is_asked_for_by_its_label():
    draw = simple_random(LABELS, {"a": 1, "b": 1}, uniforms=[0.9, 0.1, 0.5])
    assert draw.sample_of("a").tolist() == [1]
    assert draw.sample_of("b").tolist() == [2]
    with pytest.raises(errors.UnknownStratum, match="c is not"):
        draw.sample_of("c")


@pytest.mark.parametrize(
    "labels",
    [["b", "a", "b"], [7, 3, 7], [10**12, 5, 10**12], [-1, -2, -1], np.array([2, 1, 2], dtype=np.uint8)],
)
def test_labels_of_any_kind_are_grouped_alike(labels):
    strata = Strata.of(labels)
    assert strata.sizes.tolist() == [1, 2]
    assert strata.code.tolist() == [1, 0, 1]
    assert strata.grouped.tolist() == [1, 0, 2]
    assert strata.labels[strata.code].tolist() == list(labels)


def test_weights_of_the_drawn_units_add_up_to_the_frame():
    draw = simple_random(np.repeat([0, 1], [20, 7]), [6, 3], rng=np.random.default_rng(2))
    assert draw.weight.sum() == pytest.approx(27)
