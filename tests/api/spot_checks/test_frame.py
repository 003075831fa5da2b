import hashlib
from datetime import date

import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.people.tables import AuditEntry
from api.problems import Conflict, Forbidden, Invalid
from api.registry.tables import Household
from api.spot_checks.files import frame_csv
from api.spot_checks.frame import freeze_frame, stored_frame
from api.spot_checks.risk import MODEL
from api.spot_checks.tables import FrameUnit
from sampling import leaf_of

TODAY = date(2026, 7, 1)
VILLAGE, NEXT_VILLAGE = world.VILLAGES[0], world.VILLAGES[2]


def units(session):
    return {unit.household_code: unit for unit in session.scalars(sa.select(FrameUnit))}


def test_each_sign_gives_its_points_and_its_reason_and_decides_the_band(session, frame):
    found = units(session)

    def of(code):
        unit = found[code]
        reasons = [
            (r["indicator"], r["points"], "; ".join(d["text"].format(**d["values"]) for d in r["details"]))
            for r in unit.reasons
        ]
        return unit.stratum.split("|")[2], reasons

    assert of(f"{VILLAGE}-0001") == ("certain", [("relative", 10, "江孜镇政府民政助理员的弟弟")])
    assert of(f"{NEXT_VILLAGE}-0001") == ("certain", [("official", 10, "第3村村主任")])
    assert of(f"{VILLAGE}-0002") == ("high", [("company", 5, "工商 个体工商户"), ("vehicle", 4, "公安 小型轿车")])
    assert of(f"{VILLAGE}-0003") == ("low", [("subsidy", 1, "财政 草补")])
    assert of(f"{NEXT_VILLAGE}-0002") == ("high", [("death", 6, "公安 死亡登记")])
    assert of(f"{VILLAGE}-0004") == ("high", [("income_over", 6, "申报 20,000 元，标准 9,768 元")])
    assert of(f"{VILLAGE}-0005") == (
        "high",
        [
            ("above_gap", 3, "每月发放 500 元，差额测算 64 元"),
            ("income_near", 2, "申报 9,000 元，标准 9,768 元"),
            ("unchanged", 2, "自 2020-02-29 起"),
        ],
    )
    assert of(f"{VILLAGE}-0006") == ("low", [])


def test_every_sign_has_its_own_words_and_whole_points():
    assert len({one.label for one in MODEL.indicators}) == len(MODEL.indicators)
    assert all(one.weight == int(one.weight) > 0 for one in MODEL.indicators)


def test_the_frame_holds_every_household_of_the_roll_once_under_a_leaf_that_its_salt_opens(session, frame):
    found = units(session)
    codes = set(session.scalars(sa.select(Household.code).where(Household.county_code == world.COUNTY)))
    assert found.keys() == codes
    assert frame.units == len(codes) == 48
    for unit in found.values():
        assert unit.leaf == leaf_of(bytes.fromhex(unit.salt), unit.household_code)
        assert unit.stratum.startswith(unit.village_code[:9])
        assert unit.longitude == pytest.approx(89.6, abs=0.02)


def test_the_public_file_is_made_again_byte_for_byte_and_tells_no_name(session, frame):
    public = frame_csv(session, frame)
    assert hashlib.sha256(public).hexdigest() == frame.frame_sha256
    assert public.startswith(b"leaf,stratum\n")
    assert world.VILLAGE.encode() not in public
    assert "虚构".encode() not in public
    assert public.count(b"\n") == 49


def test_freezing_the_same_roll_again_gives_other_leaves(session, campaign, frame, viewer):
    again = freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY)
    assert again.frame_sha256 != frame.frame_sha256
    assert not set(stored_frame(session, again).leaf.tolist()) & set(stored_frame(session, frame).leaf.tolist())


def test_a_change_of_the_roll_after_freezing_does_not_reach_the_frame(session, frame):
    session.execute(sa.update(Household).values(on_roll=False))
    assert hashlib.sha256(frame_csv(session, frame)).hexdigest() == frame.frame_sha256


def test_registered_poor_households_off_the_roll_are_a_population_of_their_own(session, campaign, viewer):
    off = sa.update(Household).where(Household.code.in_([f"{VILLAGE}-0007", f"{VILLAGE}-0008"])).values(on_roll=False)
    session.execute(off)
    frame = freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY, population="missed")
    assert set(units(session)) == {f"{VILLAGE}-0008"}  # the one that is registered poor
    assert frame.population == "missed"


def test_freezing_is_written_down_with_its_fingerprint(session, frame):
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "frame.freeze")).one()
    assert entry.county_code == world.COUNTY
    assert entry.details["frame_sha256"] == frame.frame_sha256
    assert entry.details["units"] == 48


def test_only_the_countys_own_supervisor_freezes(session, campaign, viewer):
    for name in ("county-outside", "city", "township", "checker"):
        with pytest.raises(Forbidden):
            freeze_frame(session, campaign, world.COUNTY, viewer(name), day=TODAY)


def test_an_empty_roll_a_foreign_campaign_and_an_unknown_population_are_refused(session, campaign, viewer):
    county = viewer("county")
    with pytest.raises(Invalid, match="on_roll"):
        freeze_frame(session, campaign, world.COUNTY, county, day=TODAY, population="everybody")
    session.execute(sa.update(Household).values(on_roll=False))
    with pytest.raises(Conflict, match="导入名册"):
        freeze_frame(session, campaign, world.COUNTY, county, day=TODAY)
    foreign = create_campaign(
        session, **(read_plan("shigatse_2018_95") | {"area_code": world.OTHER_COUNTY, "standards": []})
    )
    with pytest.raises(Invalid, match="不包括"):
        freeze_frame(session, foreign, world.COUNTY, county, day=TODAY)
