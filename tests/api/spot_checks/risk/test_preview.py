from collections import Counter
from datetime import date

import pytest
import sqlalchemy as sa
import world

from api.collection.tables import Assignment
from api.problems import Forbidden, NotFound
from api.registry.tables import DepartmentRecord, Household
from api.spot_checks.frame import freeze_frame
from api.spot_checks.lists import selected
from api.spot_checks.plan import make_plan, totals
from api.spot_checks.risk.adopt import adopt_model
from api.spot_checks.risk.cuts import suggest_cuts
from api.spot_checks.risk.find import conceal_own, find_row, movers, own_checks, ranked
from api.spot_checks.risk.keep import signs_of_county
from api.spot_checks.risk.model import DEFAULTS
from api.spot_checks.risk.preview import preview_model, row_shown
from api.spot_checks.tables import FrameUnit

TODAY = date(2026, 7, 1)
VILLAGE = world.VILLAGE


@pytest.fixture
def compared(county, tried):
    def compare(**changes):
        return preview_model(county, DEFAULTS, tried(**changes), percent=30)

    return compare


def test_the_preview_counts_households_with_each_sign_and_bands_before_and_after(compared):
    found = compared(subsidy=5, vehicle=0, company=0)
    assert {name: number for name, number in found.signs.items() if number} == {
        "relative": 1, "official": 1, "vehicle": 1, "company": 1, "subsidy": 1, "death": 1, "income_over": 1,
        "income_near": 1, "unchanged": 1, "above_gap": 1,
    }  # fmt: skip
    assert dict(found.county.before) == {"certain": 2, "high": 4, "middle": 0, "low": 42}
    assert dict(found.county.after) == {"certain": 2, "high": 4, "middle": 0, "low": 42}
    assert [(town.code, town.size, town.before["high"], town.after["high"]) for town in found.townships] == [
        (world.TOWNSHIP, 24, 3, 3),
        (world.NEXT_TOWNSHIP, 24, 1, 1),
    ]
    assert (found.up, found.down) == (1, 1)


def test_who_moves_is_listed_upwards_first_with_from_to_and_reasons(county, compared):
    found = compared(subsidy=5, vehicle=0, company=0)
    rows = [row_shown(county, found, row) for row in movers(county, found)]
    told = ("household_code", "band_before", "band", "score_before", "score")
    assert [tuple(row[name] for name in told) for row in rows] == [
        (f"{VILLAGE}-0003", "low", "high", 1, 5),
        (f"{VILLAGE}-0002", "high", "low", 9, 0),
    ]  # fmt: skip
    assert [reason["points"] for reason in rows[1]["reasons"]] == [0, 0]
    assert [county.codes[row] for row in movers(county, found, text=f"{VILLAGE}-0002")] == [f"{VILLAGE}-0002"]
    assert [county.codes[row] for row in movers(county, found, text="户主3")] == [f"{VILLAGE}-0003"]


def test_without_a_change_nobody_moves(county, compared):
    found = compared()
    assert movers(county, found) == []
    assert (found.up, found.down) == (0, 0)


def test_the_preview_is_what_freezing_then_does(session, campaign, county, tried, viewer):
    changes = {"subsidy": 3, "death": 1, "relative": 0, "cuts": (2, 4)}
    found = preview_model(county, DEFAULTS, tried(**changes), percent=30)
    adopt_model(session, campaign, world.COUNTY, tried(**changes), viewer("county"), note="虚构的理由")
    frame = freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY)
    frozen = {unit.household_code: unit for unit in session.scalars(sa.select(FrameUnit))}
    assert len(frozen) == len(county.codes) == 48
    for row, code in enumerate(county.codes):
        shown = row_shown(county, found, row)
        assert frozen[code].stratum.rpartition("|")[2] == shown["band"]
        assert frozen[code].reasons == shown["reasons"]
    assert Counter(unit.stratum.rpartition("|")[2] for unit in frozen.values()) == Counter(found.county.after)
    assert found.workload_after.visits == totals(make_plan(session, frame, campaign))["n"]


def test_the_list_is_ranked_by_band_and_score_and_filtered(county, compared):
    found = compared()
    top = [county.codes[row] for row in ranked(county, found)[:4]]
    assert top == [f"{VILLAGE}-0001", f"{world.VILLAGES[2]}-0001", f"{VILLAGE}-0002", f"{VILLAGE}-0005"]
    assert len(ranked(county, found, band="high")) == 4
    assert [county.codes[row] for row in ranked(county, found, band="high", area=world.NEXT_TOWNSHIP)] == [
        f"{world.VILLAGES[2]}-0002"
    ]
    assert [county.codes[row] for row in ranked(county, found, sign="vehicle")] == [f"{VILLAGE}-0002"]


def test_whoever_is_to_check_a_household_sees_no_score_of_it(session, campaign, county, tried, viewer):
    county_viewer = viewer("county")
    household = session.scalars(sa.select(Household).where(Household.code == f"{VILLAGE}-0003")).one()
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=campaign.id, household_id=household.id,
            account_id=county_viewer.account_id, purpose="spot_check",
        )
    )  # fmt: skip
    session.flush()
    hidden = own_checks(session, county_viewer)
    assert hidden == {household.id}
    found = preview_model(county, DEFAULTS, tried(subsidy=5), percent=30)
    assert movers(county, found, hidden=hidden) == []
    assert county.row_of[household.code] not in ranked(county, found, hidden=hidden)
    with pytest.raises(Forbidden, match="入户之前"):
        find_row(county, household.code, hidden=hidden)
    assert own_checks(session, viewer("city")) == frozenset()


def test_a_household_off_the_roll_or_of_another_county_has_no_row(county):
    assert county.codes[find_row(county, f"{VILLAGE}-0003")] == f"{VILLAGE}-0003"
    for code in (f"{world.VILLAGES[4]}-0001", "x"):
        with pytest.raises(NotFound):
            find_row(county, code)


def test_what_is_kept_is_used_again_and_never_after_anything_has_changed(session, campaign, county, one, visited):
    def read():
        return signs_of_county(session, campaign, world.COUNTY, TODAY)

    def has(sign, code):
        found = read()
        return sign in {reason["indicator"] for reason in found.table.reasons(found.row_of[code], DEFAULTS)}

    assert read() is county
    code = one(7).code
    one(7).head_identity_hash = f"{9:064d}"
    session.add(
        DepartmentRecord(
            county_code=world.COUNTY, department="公安", kind="vehicle", name="虚构", identity_hash=f"{9:064d}"
        )
    )
    session.flush()
    assert has("vehicle", code)
    visited(one(7), withheld="yes")
    assert has("visit_money", code)
    campaign.standards[0].fen_per_person_year += 1
    session.flush()
    again = read()
    assert again is read()
    assert again is not county
    session.execute(sa.update(Household).where(Household.code == code).values(on_roll=False))
    assert code not in read().codes
    assert signs_of_county(session, campaign, world.COUNTY, date(2026, 7, 2)) is not read()


def test_helps_for_cuts_speak_of_households_that_are_not_visited_anyway(county, tried):
    found = {one.rule: one for one in suggest_cuts(county, DEFAULTS)}
    assert found.keys() == {"quantiles", "dalenius_hodges", "lavallee_hidiroglou"}
    # two of the 48 are certain
    assert sum(found["lavallee_hidiroglou"].counts) == 46
    for one in found.values():
        assert one.cuts is None or 1 <= one.cuts[0] < one.cuts[1]
    nothing = tried(**dict.fromkeys(DEFAULTS.weights, 0))
    assert [one.cuts for one in suggest_cuts(county, nothing)] == [None, None, None]


def test_a_list_tells_whoever_is_to_check_a_household_neither_its_reasons_nor_its_band(session, draw, result, viewer):
    by = viewer("county")
    rows = session.execute(selected(draw)).mappings().all()
    own = next(row for row in rows if row["reasons"])
    session.add(
        Assignment(
            county_code=world.COUNTY, campaign_id=draw.campaign_id, household_id=own["household_id"],
            account_id=by.account_id, purpose="spot_check",
        )
    )  # fmt: skip
    session.flush()
    shown = {row["leaf"]: row for row in conceal_own(session, by, rows)}
    assert shown[own["leaf"]]["reasons"] == []
    assert shown[own["leaf"]]["stratum"] == own["stratum"].rpartition("|")[0] + "|"
    assert all(dict(row) == shown[row["leaf"]] for row in rows if row["leaf"] != own["leaf"])
    assert [dict(row) for row in rows] == conceal_own(session, viewer("city"), rows)
