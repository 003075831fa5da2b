"""Plans: hand-computed small counties, floors that no option undercuts, impossible wishes explained."""

import numpy as np
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.problems import Invalid
from api.spot_checks.planning.make import plan_sizes
from api.spot_checks.planning.options import PlanOptions, read_options
from api.spot_checks.planning.widths import Sized, width_of

TWO_TOWNS = {
    "540222100|rural|certain": 3, "540222100|rural|high": 10, "540222100|rural|low": 27,
    "540222201|rural|low": 20,
}  # fmt: skip


def n_of(sizes, **options):
    plan = plan_sizes(sizes, PlanOptions(**options)).plan
    return {name.rpartition("|")[2]: row.n for name, row in plan.strata.items()}


def test_the_fewest_visits_of_two_towns_are_those_counted_by_hand():
    made = plan_sizes(TWO_TOWNS, PlanOptions())
    # 40 households give 12, 20 give 6; the three certain ones count towards their town's twelve
    assert sum(row.n for row in made.plan.strata.values()) == 18
    assert made.plan.strata["540222100|rural|certain"].n == 3
    assert made.plan.strata["540222201|rural|low"].n == 6
    assert dict(made.smallest) == {"law": 18, "least": 0, "band": 0, "certain": 0, "width": 0}


def test_each_rule_says_what_it_adds():
    made = plan_sizes(TWO_TOWNS, PlanOptions(bands={"high": 80, "low": 30}, least=4))
    # low 27 → 9 (30 %), high 10 → 8, certain 3 → all: 20 instead of the town's 12
    assert {name: row.n for name, row in made.plan.strata.items()} == {
        "540222100|rural|certain": 3, "540222100|rural|high": 8, "540222100|rural|low": 9, "540222201|rural|low": 6,
    }  # fmt: skip
    # "least" asks for 3 + 4 + 4 = 11 of the town's 12: nothing more; the bands for 3 + 8 + 9 = 20
    assert dict(made.smallest) == {"law": 18, "least": 0, "band": 8, "certain": 0, "width": 0}
    assert made.lower["540222100|rural|high"] == (8, "band")
    assert made.lower["540222100|rural|certain"] == (3, "certain")


def test_proportional_neyman_and_equal_share_what_no_floor_asks_for():
    sizes = {"540222100|rural|high": 100, "540222100|rural|low": 300}
    assert n_of(sizes, aim="total", total=200, allocation="proportional") == {"high": 50, "low": 150}
    assert n_of(sizes, aim="total", total=180, allocation="equal") == {"high": 90, "low": 90}
    # Neyman: 100·√(.35·.65) : 300·√(.05·.95) = 47.7 : 65.4, so 84.3 and 115.7 of 200
    assert n_of(sizes, aim="total", total=200, allocation="neyman") == {"high": 84, "low": 116}


def test_a_wanted_width_of_the_county_is_reached_and_not_with_one_less():
    sizes = {"540222100|rural|high": 100, "540222100|rural|low": 300}
    made = plan_sizes(sizes, PlanOptions(aim="width", width_county=30))
    names, size = sorted(sizes), np.array([sizes[name] for name in sorted(sizes)])
    total = sum(row.n for row in made.plan.strata.values())

    def width(plan):
        return width_of(Sized(names, size, np.array([plan.strata[name].n for name in names]))).half_width

    assert width(made.plan) <= 0.03
    assert width(plan_sizes(sizes, PlanOptions(aim="total", total=total - 1)).plan) > 0.03
    wide = plan_sizes(sizes, PlanOptions(aim="width", width_county=500))
    assert sum(row.n for row in wide.plan.strata.values()) == 120  # the floor already tells more


def test_a_wanted_width_of_every_township_raises_those_that_need_it():
    sizes = {"540222100|rural|low": 400, "540222201|rural|low": 40}
    made = plan_sizes(sizes, PlanOptions(aim="width", width_township=60))
    for name, size in sizes.items():
        n = made.plan.strata[name].n
        assert width_of(Sized([name], np.array([size]), np.array([n]))).half_width <= 0.06
    assert made.plan.strata["540222100|rural|low"].n == 120  # its floor suffices
    assert made.plan.strata["540222201|rural|low"].n > 12
    assert made.lower["540222201|rural|low"][1] == "width"
    assert made.smallest["width"] == made.plan.strata["540222201|rural|low"].n - 12


def test_team_days_decide_how_many_and_too_few_of_them_are_refused_with_what_would_do():
    enough = plan_sizes(TWO_TOWNS, PlanOptions(aim="days", teams=2, days=3, per_day=5))
    assert sum(row.n for row in enough.plan.strata.values()) == 30
    everybody = plan_sizes(TWO_TOWNS, PlanOptions(aim="days", teams=2, days=30, per_day=5))
    assert sum(row.n for row in everybody.plan.strata.values()) == 60
    with pytest.raises(Invalid, match="只够 10 户，至少要 18 户") as refused:
        plan_sizes(TWO_TOWNS, PlanOptions(aim="days", teams=2, days=1, per_day=5))
    assert (refused.value.where, refused.value.values["need"], refused.value.values["each"]) == ("days", 4, 2)


def test_a_total_that_cannot_be_is_refused_with_the_smallest_that_can_and_why():
    with pytest.raises(Invalid, match="至少 26 户") as refused:
        plan_sizes(TWO_TOWNS, PlanOptions(aim="total", total=25, bands={"high": 80, "low": 30}))
    assert refused.value.where == "total"
    assert {name: refused.value.values[name] for name in ("law", "band", "certain")} == {
        "law": 18, "band": 7, "certain": 1,
    }  # fmt: skip
    with pytest.raises(Invalid, match="超过名册的 60 户"):
        plan_sizes(TWO_TOWNS, PlanOptions(aim="total", total=61))
    for aim, where in (("total", "total"), ("width", "width_county")):
        with pytest.raises(Invalid, match="请填写") as refused:
            plan_sizes(TWO_TOWNS, PlanOptions(aim=aim))
        assert refused.value.where == where


@pytest.mark.parametrize(
    ("asked", "where"),
    [
        ({"floor_county": "29"}, "floor_county"),
        ({"floor_scheme": "101"}, "floor_scheme"),
        ({"floor_township": "三十"}, "floor_township"),
        ({"floor_township": "30.5"}, "floor_township"),
        ({"band_high": "101"}, "band_high"),
        ({"band_high": "-1"}, "band_high"),
        ({"least": "1"}, "least"),
        ({"total": "0"}, "total"),
        ({"total": "1e3"}, "total"),
        ({"total": "９"}, "total"),
        ({"width_county": "0"}, "width_county"),
        ({"width_county": "nan"}, "width_county"),
        ({"width_township": "51"}, "width_township"),
        ({"design": "cube"}, "design"),
        ({"allocation": "favours"}, "allocation"),
        ({"aim": "none"}, "aim"),
        ({"teams": "0"}, "teams"),
        ({"days": "367"}, "days"),
        ({"per_day": "101"}, "per_day"),
    ],
)
def test_what_cannot_be_asked_is_refused_at_its_field(asked, where):
    with pytest.raises(Invalid) as refused:
        read_options(asked)
    assert refused.value.where == where


def test_a_campaign_above_the_law_is_the_least_that_can_be_asked():
    assert read_options({}, floor_percent=50).floor_township == 50
    with pytest.raises(Invalid, match="50%"):
        read_options({"floor_township": "40"}, floor_percent=50)
    with pytest.raises(Invalid, match="50%"):
        plan_sizes(TWO_TOWNS, PlanOptions(), floor_percent=50)
    with pytest.raises(Invalid, match="30%"):
        plan_sizes(TWO_TOWNS, PlanOptions(floor_township=10), floor_percent=10)


options = st.builds(
    PlanOptions,
    floor_county=st.integers(30, 100),
    floor_scheme=st.integers(30, 100),
    floor_township=st.integers(30, 100),
    bands=st.dictionaries(st.sampled_from(["low", "middle", "high"]), st.integers(0, 100)),
    least=st.integers(2, 12),
    design=st.sampled_from(["srs", "pareto", "systematic"]),
    allocation=st.sampled_from(["neyman", "proportional", "equal"]),
    aim=st.sampled_from(["fewest", "total", "days"]),
    total=st.integers(1, 900),
    teams=st.integers(1, 5),
    days=st.integers(1, 20),
)
counties = st.dictionaries(
    st.builds(
        "{}|{}|{}".format,
        st.sampled_from(["540222100", "540222201", "540222202"]),
        st.sampled_from(["urban", "rural"]),
        st.sampled_from(["certain", "high", "middle", "low"]),
    ),
    st.integers(1, 60),
    min_size=1,
)


@settings(max_examples=200, deadline=None)
@given(sizes=counties, asked=options)
def test_no_options_get_below_a_floor_and_what_is_refused_can_be_had_with_the_number_named(sizes, asked):
    try:
        made = plan_sizes(sizes, asked)
    except Invalid as refused:
        fewest = refused.values.get("fewest")
        if fewest is None:  # more than there are
            assert asked.total > sum(sizes.values())
            return
        assert (asked.total if asked.aim == "total" else asked.capacity) < fewest
        made = plan_sizes(sizes, PlanOptions(**{**vars(asked), "aim": "total", "total": fewest}))
        assert sum(row.n for row in made.plan.strata.values()) == fewest
    percents = {"county": asked.floor_county, "scheme": asked.floor_scheme, "township": asked.floor_township}
    cells = {}
    for name, row in made.plan.strata.items():
        town, scheme, band = name.split("|")
        assert min(2, row.size) <= row.n <= row.size == sizes[name]
        assert row.n >= min(asked.least, row.size)
        assert row.n >= -(-asked.bands.get(band, 0) * row.size // 100)
        assert row.n + row.reserve <= row.size
        if band == "certain":
            assert row.n == row.size
        for cell in (("county", ""), ("scheme", scheme), ("township", town, scheme), ("county", town)):
            counted = cells.setdefault(cell, [0, 0])
            counted[0] += row.size
            counted[1] += row.n
    for cell, (size, n) in cells.items():
        assert n >= -(-30 * size // 100)
        if cell[0] != "county" or cell[1] == "":
            assert n >= -(-percents[cell[0]] * size // 100)


@settings(deadline=None)
@given(asked=options)
def test_options_written_into_an_address_are_read_back_the_same(asked):
    kept = PlanOptions(**{**vars(asked), "bands": {b: p for b, p in asked.bands.items() if p}})
    assert read_options(kept.query()) == kept
    assert read_options(kept.query(prefix="a_"), prefix="a_") == kept
