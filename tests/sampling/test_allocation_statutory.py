"""A county's plan never takes less than the law, whatever else is asked, and says what that costs."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from sampling import Frame, Plan, allocate_statutory
from sampling.allocation import FloorBelowLaw, MalformedStrata, TotalAboveSize, TotalBelowFloors

counties = st.dictionaries(
    st.tuples(st.sampled_from(["540222100", "540222101", "540222102"]), st.sampled_from(["rural", "urban"])).flatmap(
        lambda cell: st.sampled_from("123").map(lambda band: "|".join((*cell, band)))
    ),
    st.integers(1, 60),
    min_size=1,
    max_size=12,
)
percents = st.integers(30, 100)


def ceiling(percent, size):
    return -(-percent * size // 100)


def totals_of(n, sizes, part):
    cells = {}
    for name in sizes:
        cell = part(name)
        taken, size = cells.get(cell, (0, 0))
        cells[cell] = (taken + n[name], size + sizes[name])
    return cells


@settings(max_examples=120, deadline=None)
@given(counties, percents, percents, percents, st.randoms(use_true_random=False))
def test_every_floor_is_kept_certain_strata_are_whole_and_the_total_is_exact(sizes, county, scheme, township, chance):
    certain = {name for name in sizes if chance.random() < 0.2}
    bands = {name.split("|")[2]: chance.randint(30, 100) for name in sizes if chance.random() < 0.3}
    spread = {name: chance.choice([0.0, 0.1, 0.3, 0.5]) for name in sizes}
    asked = {"county": county, "scheme": scheme, "township": township, "bands": bands, "certain": certain}
    least = allocate_statutory(sizes, **asked, spread=spread)
    total = chance.randint(least.smallest, sum(sizes.values()))
    found = allocate_statutory(sizes, **asked, spread=spread, total=total)
    assert least.total == least.smallest
    assert found.total == total
    for n in (least.n, found.n):
        levels = (
            (county, lambda _: ""),
            (scheme, lambda s: s.split("|")[1]),
            (township, lambda s: s.rsplit("|", 1)[0]),
            (30, lambda s: s.split("|")[0]),  # each whole township, urban and rural together
        )
        for percent, part in levels:
            assert all(taken >= ceiling(percent, size) for taken, size in totals_of(n, sizes, part).values())
        for name, size in sizes.items():
            assert min(2, size) <= n[name] <= size
            assert n[name] >= ceiling(bands.get(name.split("|")[2], 0), size)
            assert name not in certain or n[name] == size
    if least.smallest > len(sizes):
        with pytest.raises(TotalBelowFloors, match=str(least.smallest)) as refused:
            allocate_statutory(sizes, **asked, spread=spread, total=least.smallest - 1)
        assert refused.value.smallest == least.smallest


@settings(max_examples=30, deadline=None)
@given(counties)
def test_an_allocation_makes_a_plan_that_is_accepted(sizes):
    names = [name for name, size in sizes.items() for _ in range(size)]
    frame = Frame.build([f"{i:064x}" for i in range(len(names))], names)
    assert Plan.of(frame, allocate_statutory(sizes).n).to_bytes()


def test_a_small_county_by_hand():
    # 10 rural households of one township: ceil(3.0) = 3; band 1 has 9, band 2 has 1, which is taken (N = 1)
    found = allocate_statutory({"540222100|rural|1": 9, "540222100|rural|2": 1})
    assert found.n == {"540222100|rural|1": 2, "540222100|rural|2": 1}
    # 11 households need 4
    assert allocate_statutory({"540222100|rural|1": 11}).n == {"540222100|rural|1": 4}


def test_townships_rounded_up_may_ask_for_more_than_the_county():
    sizes = {f"5402221{t:02d}|rural|1": 11 for t in range(10)}
    found = allocate_statutory(sizes)
    assert found.total == 40  # not 33
    binding = {(b.level, b.reason) for b in found.bounds}
    assert ("township", "floor") in binding


def test_the_sentences_name_what_binds_in_words():
    found = allocate_statutory(
        {"540222100|rural|1": 40, "540222100|rural|2": 7, "540222101|rural|9": 3}, certain={"540222101|rural|9"}
    )
    sentences = [bound.sentence for bound in found.bounds]
    assert "乡镇 540222100|rural：共 47 户，按比例至少 15 户，抽 15 户" in sentences
    assert "层 540222101|rural|9：共 3 户，必查户全部入户，抽 3 户" in sentences


def test_risky_bands_get_the_visits_the_floors_leave_free():
    sizes = {"540222100|rural|1": 100, "540222100|rural|2": 100}
    spread = {"540222100|rural|1": 0.5, "540222100|rural|2": 0.1}
    found = allocate_statutory(sizes, spread=spread, total=60)
    assert found.n == {"540222100|rural|1": 50, "540222100|rural|2": 10}
    banded = allocate_statutory(sizes, spread=spread, total=60, bands={"2": 25})
    assert banded.n == {"540222100|rural|1": 35, "540222100|rural|2": 25}
    assert banded.variance > found.variance
    assert next(b for b in banded.bounds if b.reason == "band").price > 0


@pytest.mark.parametrize(
    ("refusal", "sizes", "arguments"),
    [
        (FloorBelowLaw, {"1|r|b": 9}, {"county": 29}),
        (FloorBelowLaw, {"1|r|b": 9}, {"scheme": 0}),
        (FloorBelowLaw, {"1|r|b": 9}, {"township": 101}),
        (FloorBelowLaw, {"1|r|b": 9}, {"county": 30.5}),
        (FloorBelowLaw, {"1|r|b": 9}, {"bands": {"b": 130}}),
        (MalformedStrata, {"1|r|b": 9}, {"bands": {"c": 30}}),
        (MalformedStrata, {"1|r|b": 9}, {"certain": {"1|r|c"}}),
        (MalformedStrata, {"1|r|b": 9}, {"spread": {}}),
        (MalformedStrata, {"1|r|b": 9}, {"spread": {"1|r|b": float("nan")}}),
        (MalformedStrata, {"1|r|b": 0}, {}),
        (MalformedStrata, {"1|r": 9}, {}),
        (MalformedStrata, {}, {}),
        (TotalAboveSize, {"1|r|b": 9}, {"total": 10}),
    ],
)
def test_a_county_that_cannot_be_planned_is_refused(refusal, sizes, arguments):
    with pytest.raises(refusal):
        allocate_statutory(sizes, **arguments)
