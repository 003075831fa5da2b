"""Frauds that somebody will try: each is refused, or everybody can see it."""

import json

import pytest
import sqlalchemy as sa
import world

from api.people.sealing import head, seal, verify
from api.people.tables import AuditEntry
from api.problems import Conflict, Invalid
from api.registry.tables import Household
from api.spot_checks.commit import commit_draw, draws_of, frame_of, plan_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.files import public_file
from api.spot_checks.frame import stored_frame
from api.spot_checks.publication.approve import decide_second_draw
from api.spot_checks.publication.certificate import certificate
from api.spot_checks.publication.describe import describe_draw
from api.spot_checks.publication.tables import DrawApproval
from api.spot_checks.tables import DrawResult, FrameUnit, Selection
from api.spot_checks.verify import verify_draw
from sampling import verifier

DICE, MORE_DICE = "31415926535897932384", "27182818284590452353"
WITNESSES = "虚构人大代表，虚构村民"
WHY = "首次抽取时骰子缺少公证"


def unlocked(session, *tables):
    """Let a tamperer with the database's own password do what the triggers forbid."""
    for table in tables:
        if session.get_bind().dialect.name == "sqlite":
            for verb in ("update", "delete"):
                session.execute(sa.text(f"drop trigger if exists {table}_no_{verb}"))
        else:
            session.execute(sa.text(f"alter table {table} disable trigger user"))


def found(session, draw):
    session.expire_all()
    return str(verify_draw(session, draw))


def of_public_files(session, draw):
    """What a stranger's verifier says of what is given out."""
    try:
        verifier.check(*(public_file(session, draw, f"{name}") for name in (
            "frame.csv", "plan.json", "manifest.json", "draw.json",
        )))  # fmt: skip
    except verifier.Different as different:
        return str(different)
    return "same"


def test_drawing_until_the_list_pleases_takes_a_reason_the_city_new_dice_and_shows(session, draw, result, viewer):
    county, frame, plan = viewer("county"), frame_of(session, draw), plan_of(draw)
    with pytest.raises(Conflict):  # the same promise again
        draw_spot_check(session, draw, MORE_DICE, county, witnesses=WITNESSES)
    with pytest.raises(Conflict):  # another promise without a reason
        commit_draw(session, frame, plan, county)
    second = commit_draw(session, frame, plan, county, reason=WHY)
    with pytest.raises(Conflict):  # nobody agreed
        draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES)
    decide_second_draw(session, second, viewer("city"), approved=True, note="同意")
    with pytest.raises(Invalid):  # dice whose list is known
        draw_spot_check(session, second, DICE, county, witnesses=WITNESSES)
    draw_spot_check(session, second, MORE_DICE, county, witnesses=WITNESSES)
    assert len(draws_of(session, world.COUNTY, draw.campaign_id)) == 2
    told = describe_draw(session, draw, "https://example.org")
    assert [(link.number, link.reason, link.standing.state) for link in told.chain] == [
        (1, "", "first"),
        (2, WHY, "approved"),
    ]
    assert verify_draw(session, draw).same
    assert verify_draw(session, second).same


def test_a_second_draw_slipped_past_the_city_in_the_database_is_named(session, draw, result, viewer, approve):
    second = commit_draw(session, frame_of(session, draw), plan_of(draw), viewer("county"), reason=WHY)
    approve(second)
    draw_spot_check(session, second, MORE_DICE, viewer("county"), witnesses=WITNESSES)
    unlocked(session, "draw_approval")
    session.execute(sa.update(DrawApproval).values(note="同意，无须公证"))
    assert "note 与审计日志不符" in found(session, second)
    session.execute(sa.delete(DrawApproval))
    assert "没有上级的批准" in found(session, second)


def test_changing_the_roll_after_it_was_frozen_changes_neither_frame_nor_list(session, draw, result):
    before, listed = stored_frame(session, frame_of(session, draw)).fingerprint, certificate(session, draw)
    for household in session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)):
        household.on_roll, household.head_name = False, "虚构新户主"
    session.flush()
    assert stored_frame(session, frame_of(session, draw)).fingerprint == before
    assert certificate(session, draw) == listed
    assert found(session, draw) == "一致"


def test_a_household_dropped_from_the_list_is_named_and_stays_on_the_certificate(session, draw, result):
    unlocked(session, "selection")
    gone = session.scalars(sa.select(Selection).where(Selection.role == "base").order_by(Selection.leaf)).first()
    leaf, code = gone.leaf, gone.household_code
    session.execute(sa.delete(Selection).where(Selection.leaf == leaf))
    assert "名单缺少" in found(session, draw)
    assert code in found(session, draw)
    assert leaf in json.dumps(certificate(session, draw))
    assert of_public_files(session, draw) == "same"  # what was published still holds it


def test_a_reserve_put_in_a_drawn_households_place_is_named_and_the_certificate_says_who_was_drawn(
    session, draw, result
):
    unlocked(session, "selection")
    reserve = session.scalars(sa.select(Selection).where(Selection.role == "reserve").order_by(Selection.leaf)).first()
    base = session.scalars(
        sa.select(Selection).where(Selection.role == "base", Selection.stratum == reserve.stratum)
    ).first()
    stratum, places = base.stratum, {base.leaf: ("reserve", reserve.position), reserve.leaf: ("base", base.position)}
    for leaf, (role, position) in places.items():
        session.execute(sa.update(Selection).where(Selection.leaf == leaf).values(role=role, position=position))
    assert "应为" in found(session, draw)
    rows = certificate(session, draw)["strata"][stratum]
    drawn = {entry["leaf"] for entry in rows["sample"]}
    assert {leaf for leaf, (role, _) in places.items() if role == "reserve"} <= drawn


def test_swapped_reserves_rewritten_into_the_result_too_fail_every_verifier(session, draw, result):
    unlocked(session, "draw_result")
    document = json.loads(result.draw_json)
    name = next(name for name, row in document["strata"].items() if row["reserve"])
    row = document["strata"][name]
    row["sample"][0], row["reserve"][0] = row["reserve"][0], row["sample"][0]
    text = json.dumps(document, sort_keys=True, separators=(",", ":"))
    session.execute(sa.update(DrawResult).values(draw_json=text))
    assert "draw_sha256 与审计日志不符" in found(session, draw)
    assert "draw.json" in of_public_files(session, draw)
    with pytest.raises(Conflict, match="不能出具证书"):
        certificate(session, draw)


def test_a_row_altered_together_with_its_audit_entry_breaks_the_sealed_chain(session, draw, result):
    seal(session, world.COUNTY)
    anchor = head(session, world.COUNTY)
    unlocked(session, "draw_result", "audit_entry")
    session.execute(sa.update(DrawResult).values(entropy=MORE_DICE))
    assert "entropy 与审计日志不符" in found(session, draw)  # the certificate and the log disagree
    entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "draw.result")).one()
    session.execute(
        sa.update(AuditEntry).where(AuditEntry.id == entry.id).values(details=entry.details | {"entropy": MORE_DICE})
    )
    assert "不符" in found(session, draw) or "不一致" in found(session, draw)
    faults = list(verify(session, world.COUNTY, [anchor]))
    assert [fault.kind for fault in faults][:1] == ["changed"]


def test_a_household_taken_out_of_the_frozen_frame_is_missed_by_everybody(session, draw, result):
    unlocked(session, "frame_unit")
    leaf = session.scalar(sa.select(sa.func.min(FrameUnit.leaf)))
    session.execute(sa.delete(FrameUnit).where(FrameUnit.leaf == leaf))
    assert "应有 48 户，现存 47 户" in found(session, draw)
    assert "frame.csv" in of_public_files(session, draw)
