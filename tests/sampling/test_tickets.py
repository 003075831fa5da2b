"""The lottery, byte for byte: the published vector, a naive second implementation, and fair chances."""

import hashlib
import math
from collections import Counter
from fractions import Fraction

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Frame, normalise_entropy, seed_of, ticket
from sampling.frame import MissingStratum
from sampling.tickets import (
    Ask,
    EntropyRule,
    MalformedEntropy,
    MalformedEntropyRule,
    MalformedHash,
    MissingSize,
    SampleAboveStratum,
    TooFewDigits,
    UnknownDesign,
    draw_strata,
    pareto_probabilities,
    systematic_positions,
)
from sampling.tickets import designs as designs_room

MANIFEST = "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"
DICE = "31415926535897932384"
NAME = "540222100|rural|1"


def leaves_of(count, salt=0):
    return [hashlib.sha256(f"{salt} {i}".encode()).hexdigest() for i in range(count)]


def frame_of(count, salt=0, **extra):
    return Frame.build(leaves_of(count, salt), [NAME] * count, **extra)


def names(frame, rows):
    return [leaf.decode() for leaf in frame.leaf[rows].tolist()]


def drawn(frame, n, reserve, method, seed):
    result = draw_strata(frame, {NAME: Ask(n, reserve, method)}, seed)[NAME]
    return names(frame, result.sample), names(frame, result.reserve)


def test_seed_and_ticket_of_the_published_vector():
    # ruhu-draw/1, "A vector"
    assert hashlib.sha256(b'{"a":1}').hexdigest() == MANIFEST
    seed = seed_of(MANIFEST, DICE)
    assert seed.hex() == "c4cb658d1273f35e00e29c1905bc2828dac38c7fca5ef20c6b90bf09f512c162"
    leaf = "175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6"
    assert f"{ticket(seed, leaf):064x}" == "87bc6103b3a9e72a5787894e6e960e8b8817a6a3d80a58ee7c98fd5f1ca0021c"


# A second implementation of each design, as slow and plain as the words of the specification.


def naive_srs(frame, n, reserve, seed):
    leaves = sorted(names(frame, slice(None)), key=lambda leaf: (ticket(seed, leaf), leaf))
    return leaves[:n], leaves[n : n + reserve]


def naive_pareto(frame, n, reserve, seed):
    sizes = dict(zip(names(frame, slice(None)), frame.size.tolist(), strict=True))
    sure = []
    while True:
        rest = [leaf for leaf in sizes if leaf not in sure]
        pi = {leaf: Fraction((n - len(sure)) * sizes[leaf], sum(sizes[r] for r in rest)) for leaf in rest}
        more = [leaf for leaf in rest if pi[leaf] >= 1]
        if not more:
            break
        sure += more

    def rank(leaf):
        u = Fraction(2 * ticket(seed, leaf) + 1, 2**257)
        return u * (1 - pi[leaf]) / ((1 - u) * pi[leaf]), leaf

    order = sorted(sure, key=lambda leaf: (ticket(seed, leaf), leaf)) + sorted(pi, key=rank)
    return order[:n], order[n : n + reserve]


def naive_systematic(frame, n, reserve, seed):
    rows = sorted(zip(frame.order.tolist(), names(frame, slice(None)), strict=True))
    start = ticket(seed, NAME)
    picked = {rows[((start + k * 2**256) * len(rows)) // (n * 2**256)][1] for k in range(n)}
    by_ticket = sorted((leaf for _, leaf in rows), key=lambda leaf: (ticket(seed, leaf), leaf))
    return [x for x in by_ticket if x in picked], [x for x in by_ticket if x not in picked][:reserve]


NAIVE = {"srs": naive_srs, "pareto": naive_pareto, "systematic": naive_systematic}


@settings(max_examples=120, deadline=None)
@given(st.integers(1, 40), st.data(), st.sampled_from(sorted(NAIVE)), st.binary(min_size=32, max_size=32))
def test_every_design_agrees_with_a_naive_second_implementation(count, data, method, seed):
    n = data.draw(st.integers(1, count))
    reserve = data.draw(st.integers(0, count - n))
    values = data.draw(st.lists(st.integers(1, 9) | st.integers(1, 10**6), min_size=count, max_size=count))
    column = {"pareto": "size", "systematic": "order"}.get(method)
    frame = frame_of(count, **({column: values} if column else {}))
    assert drawn(frame, n, reserve, method, seed) == NAIVE[method](frame, n, reserve, seed)


def test_equal_heads_are_told_apart_by_the_whole_ticket(monkeypatch):
    real = designs_room.ticket_heads
    monkeypatch.setattr(designs_room, "ticket_heads", lambda seed, leaves: real(seed, leaves) >> np.uint64(61))
    frame = frame_of(60)
    assert drawn(frame, 20, 15, "srs", bytes(32)) == naive_srs(frame, 20, 15, bytes(32))


def test_equal_pareto_ranks_are_told_apart_by_leaf():
    entries = [(2, 4, b"b", 0), (1, 2, b"a", 1), (1, 3, b"c", 2)]
    assert [entry[2] for entry in designs_room._by_rank(entries)] == [b"c", b"a", b"b"]


def test_pareto_ranks_that_differ_by_less_than_the_first_comparison_are_still_ordered():
    fine = 10**60
    entries = [(fine + 1, fine, b"a", 0), (fine, fine, b"b", 1)]
    assert [entry[2] for entry in designs_room._by_rank(entries)] == [b"b", b"a"]


@settings(max_examples=50, deadline=None)
@given(st.integers(2, 60), st.data(), st.binary(min_size=32, max_size=32))
def test_a_larger_simple_draw_contains_the_smaller_and_reserves_come_next(count, data, seed):
    frame = frame_of(count)
    n = data.draw(st.integers(1, count - 1))
    sample, reserve = drawn(frame, n, 1, "srs", seed)
    assert drawn(frame, n + 1, 0, "srs", seed)[0] == sample + reserve


@settings(max_examples=50, deadline=None)
@given(st.integers(1, 30), st.binary(min_size=32, max_size=32), st.randoms())
def test_the_order_of_the_rows_does_not_matter(count, seed, chance):
    rows = list(zip(leaves_of(count), range(count), strict=True))
    lists = []
    for _ in range(2):
        chance.shuffle(rows)
        frame = Frame.build([leaf for leaf, _ in rows], [NAME] * count, order=[o for _, o in rows])
        lists.append([drawn(frame, (count + 1) // 2, 0, method, seed) for method in ("srs", "systematic")])
    assert lists[0] == lists[1]


def test_strata_are_drawn_apart_and_in_the_order_asked():
    strata = [f"54022210{i % 3}|rural|1" for i in range(30)]
    frame = Frame.build(leaves_of(30), strata)
    asked = {name: Ask(3, 1) for name in reversed(frame.strata)}
    result = draw_strata(frame, asked, bytes(32))
    assert list(result) == list(reversed(frame.strata))
    for name, lists in result.items():
        assert {frame.strata[code] for code in frame.stratum[lists.sample].tolist()} == {name}
        assert not set(lists.sample.tolist()) & set(lists.reserve.tolist())


def test_every_position_of_a_systematic_draw_can_be_chosen():
    # a peer's systematic draw of 300 of 1000 can never select the last 100 (samplics 0.6.1)
    assert systematic_positions(2**256 - 1, 1000, 300)[-1] == 999
    assert systematic_positions(0, 1000, 300)[:3] == [0, 3, 6]
    for start in (0, 2**255, 2**256 - 1):
        positions = systematic_positions(start, 1000, 999)
        assert len(set(positions)) == 999
        assert 0 <= positions[0] < positions[-1] < 1000


def test_take_all_recursion_by_hand():
    # 3 of (100, 10, 5, 5): 100 is certain, then 2·10/20 = 1 is certain as well, then 1 of two
    assert pareto_probabilities([100, 10, 5, 5], 3) == [1, 1, Fraction(1, 2), Fraction(1, 2)]
    assert pareto_probabilities([7, 7], 2) == [1, 1]


@pytest.mark.parametrize(("method", "tolerance"), [("srs", 0.0), ("systematic", 0.0), ("pareto", 0.02)])
def test_inclusion_frequencies_match_the_stated_probabilities(method, tolerance, soak):
    """The tolerance of Pareto is its known bias in tiny strata (Rosén 1997); the others have none."""
    count, n, rounds = 10, 3, 40_000 if soak else 4_000
    column = {"pareto": "size", "systematic": "order"}.get(method)
    values = [1, 2, 3, 4, 5, 6, 7, 8, 9, 10]
    frame = frame_of(count, **({column: values} if column else {}))
    counted = Counter()
    for i in range(rounds):
        sample, _ = drawn(frame, n, 0, method, hashlib.sha256(f"{method} {i}".encode()).digest())
        counted.update(sample)
    stated = (
        [float(p) for p in pareto_probabilities(frame.size.tolist(), n)] if method == "pareto" else [n / count] * count
    )
    for leaf, p in zip(names(frame, slice(None)), stated, strict=True):
        # 4.5 standard errors: a right program fails one run in 15 000
        allowed = 4.5 * math.sqrt(p * (1 - p) / rounds) + tolerance * p
        assert abs(counted[leaf] / rounds - p) <= allowed


def test_pairs_are_drawn_as_often_as_simple_sampling_says():
    count, n, rounds = 6, 3, 4_000
    frame, together = frame_of(count), Counter()
    for i in range(rounds):
        sample, _ = drawn(frame, n, 0, "srs", hashlib.sha256(f"pair {i}".encode()).digest())
        together.update((a, b) for a in sample for b in sample if a < b)
    p = n * (n - 1) / (count * (count - 1))
    assert len(together) == 15
    assert all(abs(k / rounds - p) < 4.5 * math.sqrt(p * (1 - p) / rounds) for k in together.values())


@pytest.mark.parametrize(
    ("refusal", "ask", "extra"),
    [
        (SampleAboveStratum, Ask(9, 2), {}),
        (SampleAboveStratum, Ask(-1, 0), {}),
        (SampleAboveStratum, Ask(1, -1), {}),
        (MissingSize, Ask(2, 0, "pareto"), {}),
        (MissingSize, Ask(2, 0, "systematic"), {"size": range(1, 11)}),
        (UnknownDesign, Ask(2, 0, "cube"), {}),
    ],
)
def test_a_stratum_that_cannot_be_drawn_is_refused(refusal, ask, extra):
    with pytest.raises(refusal, match=r"540222100\|rural\|1"):
        draw_strata(frame_of(10, **extra), {NAME: ask}, bytes(32))


def test_an_unknown_stratum_is_refused():
    with pytest.raises(MissingStratum):
        draw_strata(frame_of(3), {"1|r|b": Ask(1)}, bytes(32))


def test_hashes_and_seeds_of_another_form_are_refused():
    for wrong in (MANIFEST.upper(), MANIFEST[:-1], "", MANIFEST + "\n"):
        with pytest.raises(MalformedHash):
            seed_of(wrong, DICE)
    with pytest.raises(MalformedHash, match="32 bytes"):
        ticket(b"c4cb", "leaf")


@pytest.mark.parametrize(
    ("text", "canonical", "notes"),
    [
        (DICE, DICE, 0),
        (f"  {DICE[:10]}\t{DICE[10:]}\n", DICE, 1),
        ("３１４１５９２６５３５８９７９３２３８４", DICE, 1),
        ("００１４　１５９２６５３５８９７９３２３８４", "00141592653589793238" + "4", 2),
        ("0" * 20, "0" * 20, 0),
    ],
)
def test_entropy_is_normalised_and_the_change_is_shown(text, canonical, notes):
    found = EntropyRule.parse("dice:20").accept(text)
    assert found.text == canonical
    assert len(found.normalised) == notes
    assert normalise_entropy(found.text).normalised == ()


@pytest.mark.parametrize(
    ("refusal", "rule", "text"),
    [
        (TooFewDigits, "dice:20", "1" * 19),
        (TooFewDigits, "dice:30", "1" * 29),
        (MalformedEntropy, "dice:20", ""),
        (MalformedEntropy, "dice:20", "1" * 19 + "x"),
        (MalformedEntropy, "dice:20", "1" * 19 + "٣"),  # an Arabic-Indic three: turning it would be a guess
        (MalformedEntropy, "dice:20", "3.1415926535897932384"),
        (MalformedEntropy, "dice:20", f"12|{DICE}"),
        (MalformedEntropy, "lottery:ssq:2026140|dice:20", DICE),
        (MalformedEntropy, "lottery:ssq:2026140|dice:20", f"|{DICE}"),
        (MalformedEntropy, "drand:quicknet:9|dice:20", f"{'a' * 63}|{DICE}"),
        (MalformedEntropy, "drand:quicknet:9|dice:20", f"{'A' * 64}|{DICE}"),
        (MalformedEntropy, "dice:20", "no dice: the people's will decides"),
    ],
)
def test_entropy_that_the_rule_did_not_name_is_refused(refusal, rule, text):
    with pytest.raises(refusal):
        EntropyRule.parse(rule).accept(text)


@pytest.mark.parametrize(
    "rule",
    ["", "dice", "dice:19", "dice:0", "dice:x20", "dice:20|dice:20", "dice:20|lottery:ssq:1", "lottery:ssq:1",
     "drand:9|dice:20", "drand:Quick net:9|dice:20", "weather|dice:20", "dice:a:20", "dice:" + "9" * 5000],
)  # fmt: skip
def test_a_rule_without_twenty_dice_last_is_refused(rule):
    with pytest.raises(MalformedEntropyRule):
        EntropyRule.parse(rule)


def test_a_rule_reads_back_as_it_was_written():
    rule = EntropyRule.parse("drand:quicknet:27946612|lottery:ssq:2026140|dice:24")
    assert rule.text == "drand:quicknet:27946612|lottery:ssq:2026140|dice:24"
    assert [source.number for source in rule.sources] == [27946612, 2026140, 24]


def test_a_stratum_of_thousands_agrees_with_the_naive_draw_and_so_does_the_way_back(monkeypatch):
    frame = frame_of(5_000)
    expected = naive_srs(frame, 1_500, 150, bytes(32))
    assert drawn(frame, 1_500, 150, "srs", bytes(32)) == expected
    # a limit that shows too few rows is found out and lifted
    monkeypatch.setattr(designs_room, "_limits", lambda _, counts: np.full(counts.size, 2**62, dtype=np.uint64))
    assert drawn(frame, 1_500, 150, "srs", bytes(32)) == expected
