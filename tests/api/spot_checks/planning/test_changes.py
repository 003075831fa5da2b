"""What the roll says after freezing: listed, while the frame stays."""

import pytest
import sqlalchemy as sa
import world

from api.registry.tables import Household
from api.spot_checks.planning.changes import changes_since, counts_of_changes
from api.spot_checks.planning.subround import freeze_subround
from api.spot_checks.tables import Frame
from api.spot_checks.verify import verify_draw

FIRST, NEXT = world.VILLAGES[0], world.VILLAGES[2]


def household(session, code):
    return session.scalars(sa.select(Household).where(Household.code == code)).one()


@pytest.fixture
def changed(session, frame):
    """One joined, two left, three changed; one that only its telephone and income concern."""
    session.add(
        Household(
            county_code=world.COUNTY, township_code=FIRST[:9], village_code=FIRST, code=f"{FIRST}-9999",
            scheme="rural", head_name="虚构新户", persons=2, benefit_fen_per_month=30_000, on_roll=True,
        )
    )  # fmt: skip
    household(session, f"{FIRST}-0001").on_roll = False
    household(session, f"{NEXT}-0001").on_roll = False
    household(session, f"{FIRST}-0002").head_name = "虚构改名"
    household(session, f"{FIRST}-0003").persons += 1
    household(session, f"{NEXT}-0002").benefit_fen_per_month += 100
    household(session, f"{NEXT}-0003").income_fen_per_person_year = 1
    session.flush()
    return frame


def listed(session, frame, **part):
    rows = session.execute(changes_since(frame, **part)).mappings().all()
    return [(row["kind"], row["household_code"]) for row in rows]


def test_who_joined_left_and_changed_is_listed_by_village_and_nobody_else(session, changed):
    assert listed(session, changed) == [
        ("left", f"{FIRST}-0001"),
        ("changed", f"{FIRST}-0002"),
        ("changed", f"{FIRST}-0003"),
        ("joined", f"{FIRST}-9999"),
        ("left", f"{NEXT}-0001"),
        ("changed", f"{NEXT}-0002"),
    ]
    assert counts_of_changes(session, changed) == {
        world.TOWNSHIP: {"joined": 1, "left": 1, "changed": 2},
        world.NEXT_TOWNSHIP: {"joined": 0, "left": 1, "changed": 1},
    }


def test_a_change_says_what_was_and_what_is(session, changed):
    rows = {row["household_code"]: row for row in session.execute(changes_since(changed)).mappings()}
    renamed, richer = rows[f"{FIRST}-0002"], rows[f"{NEXT}-0002"]
    assert renamed["head_name_now"] == "虚构改名" != renamed["head_name_then"]
    assert richer["benefit_fen_per_month_now"] - richer["benefit_fen_per_month_then"] == 100
    assert (rows[f"{FIRST}-9999"]["persons_then"], rows[f"{FIRST}-9999"]["persons_now"]) == (None, 2)


def test_changes_are_filtered_by_township_and_kind(session, changed):
    assert listed(session, changed, area=world.NEXT_TOWNSHIP, kind="left") == [("left", f"{NEXT}-0001")]
    assert listed(session, changed, kind="joined") == [("joined", f"{FIRST}-9999")]


def test_a_household_that_is_gone_from_the_register_has_left(session, frame):
    session.execute(sa.delete(Household).where(Household.code == f"{FIRST}-0006"))
    assert listed(session, frame) == [("left", f"{FIRST}-0006")]


def test_the_frame_and_its_draw_stay_as_they_were(session, draw, result, changed):
    before = session.get_one(Frame, (world.COUNTY, draw.frame_id)).frame_sha256
    assert verify_draw(session, draw).same
    assert before == changed.frame_sha256


def test_of_a_sub_round_nobody_joins(session, draw, result, changed, viewer):
    within = freeze_subround(session, draw, viewer("city"))
    assert listed(session, within, kind="joined") == []
    assert {kind for kind, _ in listed(session, within)} <= {"left", "changed"}
