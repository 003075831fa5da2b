"""A frame is the same whatever the row order, reads back byte for byte, and names the rows it refuses."""

import math

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Frame, freeze, leaf_of, opens, parse_frame, parse_key, read_frame
from sampling.frame import (
    DuplicateUnits,
    EmptyFrame,
    MalformedFile,
    MalformedHousehold,
    MalformedLeaf,
    MalformedSize,
    MalformedStratum,
    MissingStratum,
    SizeAndOrder,
    WrongLength,
)

LEAVES = [c * 64 for c in "0af"]
STRATA = ["540222100|rural|1", "540222100|rural|2", "540222100|rural|1"]


def test_the_leaf_of_the_published_vector():
    # ruhu-draw/1, "A vector"
    leaf = leaf_of(bytes.fromhex("000102030405060708090a0b0c0d0e0f"), "540222100201-0001")
    assert leaf == "175acf14117ebf566410db5d1dc7b74c67a34efff1eb8960327b5c7890ae41a6"
    assert opens(leaf, bytes(range(16)), "540222100201-0001")
    assert not opens(leaf, bytes(range(16)), "540222100201-0002")


def test_the_public_file_is_header_and_rows_by_leaf():
    frame = Frame.build(LEAVES[::-1], STRATA, size=[3, 2, 1])
    assert frame.to_bytes() == (
        b"leaf,stratum,size\n"
        + b"0" * 64
        + b",540222100|rural|1,1\n"
        + b"a" * 64
        + b",540222100|rural|2,2\n"
        + b"f" * 64
        + b",540222100|rural|1,3\n"
    )


@settings(max_examples=40, deadline=None)
@given(
    st.dictionaries(
        st.binary(min_size=32, max_size=32).map(bytes.hex),
        st.tuples(st.sampled_from(["1|城镇|甲", "1|r|b", "2|r|b"]), st.integers(1, 2**63 - 1)),
        min_size=1,
        max_size=30,
    ),
    st.sampled_from([None, "size", "order"]),
    st.randoms(),
)
def test_any_row_order_gives_the_same_bytes_and_they_read_back(units, column, chance):
    rows = list(units.items())
    files = set()
    for _ in range(2):
        chance.shuffle(rows)
        extra = {column: [value for _, (_, value) in rows]} if column else {}
        frame = Frame.build([leaf for leaf, _ in rows], [s for _, (s, _) in rows], **extra)
        files.add(frame.to_bytes())
    (data,) = files
    again = parse_frame(data)
    assert again.to_bytes() == data
    assert again.fingerprint == frame.fingerprint
    assert again.counts == frame.counts
    assert sum(again.counts.values()) == len(units)


def test_a_frame_of_more_rows_than_one_chunk_is_written_whole(tmp_path):
    n = 70_000
    frame = Frame.build(np.array([b"%064x" % i for i in range(n)]), ["1|r|b"] * n)
    with (tmp_path / "frame.csv").open("wb") as file:
        frame.write(file)
    again = read_frame(tmp_path / "frame.csv")
    assert (len(again), again.fingerprint) == (n, frame.fingerprint)
    assert frame.rows_of("1|r|b").size == n


@pytest.mark.parametrize(
    ("refusal", "rows", "leaf", "stratum", "extra"),
    [
        (EmptyFrame, (), [], [], {}),
        (WrongLength, (), LEAVES, STRATA[:2], {}),
        (WrongLength, (), LEAVES, STRATA, {"size": [[1], [2], [3]]}),
        (SizeAndOrder, (), LEAVES, STRATA, {"size": [1, 2, 3], "order": [1, 2, 3]}),
        (MalformedLeaf, (1,), [LEAVES[0], "A" * 64, LEAVES[2]], STRATA, {}),
        (MalformedLeaf, (2,), [*LEAVES[:2], "f" * 63], STRATA, {}),
        (DuplicateUnits, (1,), [LEAVES[0], LEAVES[0], LEAVES[2]], STRATA, {}),
        (MissingStratum, (1,), LEAVES, ["1|r|b", "", "1|r|b"], {}),
        (MissingStratum, (2,), LEAVES, ["1|r|b", "1|r|b", None], {}),
        (MalformedStratum, (1,), LEAVES, ["1|r|b", "1|r", "1|r|b"], {}),
        (MalformedStratum, (0, 2), LEAVES, ["1|r |b", "1|r|b", "1|r |b"], {}),
        (MalformedStratum, (0,), LEAVES, ["1|r,|b", "1|r|b", "1|r|b"], {}),
        (MalformedStratum, (0,), LEAVES, ["1|ru\u0308|b", "1|r|b", "1|r|b"], {}),
        (MalformedSize, (1,), LEAVES, STRATA, {"size": [1, math.nan, 2]}),
        (MalformedSize, (1,), LEAVES, STRATA, {"size": [1, math.inf, 2]}),
        (MalformedSize, (0, 2), LEAVES, STRATA, {"size": [0, 1, -1]}),
        (MalformedSize, (2,), LEAVES, STRATA, {"size": [1, 2, 2.5]}),
        (MalformedSize, (2,), LEAVES, STRATA, {"order": [0, 2, "3"]}),
        (MalformedSize, (2,), LEAVES, STRATA, {"order": [0, 2, 2**63]}),
    ],
)
def test_every_refusal_names_its_rows(refusal, rows, leaf, stratum, extra):
    with pytest.raises(refusal) as refused:
        Frame.build(leaf, stratum, **extra)
    assert refused.value.rows == rows
    assert refused.value.remedy in str(refused.value)


@pytest.mark.parametrize(
    ("line", "data"),
    [
        ("line 1", b"\xef\xbb\xbfleaf,stratum\n"),
        ("line 1", b"leaf;stratum\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|r|b\r\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|r|b"),
        ("line 3", b"leaf,stratum\n" + b"a" * 64 + b",1|r|b\n\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b',"1|r|b"\n'),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|r|b,7\n"),
        ("line 2", b"leaf,stratum,size\n" + b"a" * 64 + b",1|r|b,07\n"),
        ("line 2", b"leaf,stratum,size\n" + b"a" * 64 + b",1|r|b,0\n"),
        ("line 2", b"leaf,stratum,size\n" + b"a" * 64 + b",1|r|b,9999999999999999999\n"),
        ("line 3", b"leaf,stratum\n" + b"b" * 64 + b",1|r|b\n" + b"a" * 64 + b",1|r|b\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|\xc3|b\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|u\xcc\x88|b\n"),
        ("line 2", b"leaf,stratum\n" + b"a" * 64 + b",1|b\n"),
        ("no rows", b"leaf,stratum\n"),
        ("no rows", b""),
    ],
)
def test_bytes_in_another_form_are_refused_with_their_line(line, data):
    with pytest.raises(MalformedFile, match=line):
        parse_frame(data)


def test_a_leaf_twice_in_a_file_is_a_duplicate():
    row = b"a" * 64 + b",1|r|b\n"
    with pytest.raises(DuplicateUnits, match="line 3"):
        parse_frame(b"leaf,stratum\n" + row + row)


def test_a_key_opens_every_leaf_of_its_frame_and_reads_back():
    codes = [f"540222100201-{i:04d}" for i in range(20)]
    frame, key = freeze(codes, ["540222100|rural|1"] * 20)
    again = parse_key(key.to_bytes())
    assert again.to_bytes() == key.to_bytes()
    assert sorted(again.code_of(leaf.decode()) for leaf in frame.leaf.tolist()) == codes
    assert again.leaf_by_code[codes[3]] in again.opened


def test_salts_kept_from_an_earlier_freezing_give_the_same_frame():
    salts = [bytes([i]) * 16 for i in range(3)]
    first, _ = freeze(["a", "b", "c"], STRATA, salts=salts)
    second, _ = freeze(["c", "a", "b"], [STRATA[2], *STRATA[:2]], salts=[salts[2], *salts[:2]])
    assert first.fingerprint == second.fingerprint


def test_a_key_whose_code_was_edited_is_refused():
    _, key = freeze(["h-1"], ["1|r|b"])
    with pytest.raises(MalformedFile, match="do not open"):
        parse_key(key.to_bytes().replace(b"h-1", b"h-2"))


@pytest.mark.parametrize(
    "data",
    [
        b"leaf,salt\n",
        b"leaf,salt,household_code\n",
        b"leaf,salt,household_code\n1,2\n",
        b"leaf,salt,household_code\n1,2,3\n",
    ],
)
def test_a_key_in_another_form_is_refused(data):
    with pytest.raises(MalformedFile):
        parse_key(data)


@pytest.mark.parametrize(
    ("refusal", "codes", "salts"),
    [
        (DuplicateUnits, ["a", "b", "a"], None),
        (MalformedHousehold, ["a", "b c", "d"], None),
        (MalformedHousehold, ["a", "b", ""], None),
        (MalformedHousehold, ["a", "b", "c"], [b"short"] * 3),
        (WrongLength, ["a", "b", "c"], [bytes(16)]),
    ],
)
def test_households_that_cannot_be_keyed_are_refused(refusal, codes, salts):
    with pytest.raises(refusal):
        freeze(codes, STRATA, salts=salts)


def test_an_unknown_stratum_is_refused_by_name():
    with pytest.raises(MissingStratum, match=r"9\|x\|y"):
        Frame.build(LEAVES, STRATA).rows_of("9|x|y")
