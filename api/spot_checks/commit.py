"""Commit a draw: freeze frame, plan and entropy rule into a manifest whose hash is published before the dice."""

from collections.abc import Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

from api.database import new_id, now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, NotFound
from api.spot_checks.frame import stored_frame
from api.spot_checks.publication.sources import refuse_known_sources
from api.spot_checks.refusals import in_our_words
from api.spot_checks.rounds import demand_round, draws_of_round
from api.spot_checks.tables import Draw, DrawResult, Frame
from sampling.certificate import Manifest, NotWhatWasPublished, Plan, canonical_json
from sampling.tickets import EntropyRule

DEFAULT_RULE = "dice:20"  # twenty decimal digits thrown in public
SHORTEST_REASON = 5  # characters; a dash is no reason


def commit_draw(
    session: Session, frame: Frame, plan: Plan, viewer: Viewer, *, entropy_rule: str = DEFAULT_RULE, reason: str = ""
) -> Draw:
    """Write down what will be drawn and how, so that nobody can choose it afterwards.

    Parameters
    ----------
    frame : Frame
        Stored.
    plan : Plan
        Of this frame.
    entropy_rule : str
        ``dice:<digits>``, alone or after future ``drand:<chain>:<round>`` or ``lottery:<name>:<issue>``.
    reason : str
        Why another draw follows; asked for from the second draw of a round on. Both stay visible.

    Returns
    -------
    Draw
        Numbered, its manifest naming the one before. Publish `Draw.manifest_sha256` now.

    Raises
    ------
    Conflict
        A second draw without a reason; a frame whose units are no longer what was frozen; a draw committed meanwhile.
    Invalid
        A rule that does not end with twenty dice or more, a plan that is not of this frame.
    """
    demand_round(viewer, frame)
    before = draws_of(session, frame.county_code, frame.campaign_id)
    of_round = draws_of_round(session, frame)
    reason = reason.strip()
    if of_round and len(reason) < SHORTEST_REASON:
        raise Conflict(
            "本县在这项工作中已有第 {number} 次抽取；再次抽取须写明理由 (至少 {least} 个字), 两次都会保留并公开",
            where="reason",
            number=of_round[-1].number,
            least=SHORTEST_REASON,
        )
    draw_id = new_id()
    with in_our_words():
        refuse_known_sources(EntropyRule.parse(entropy_rule), now())
        public = stored_frame(session, frame)
        if public.fingerprint != frame.frame_sha256:
            raise NotWhatWasPublished("frame", f"has the fingerprint {public.fingerprint}", "freeze the roll again")
        plan.check_fits(public)
        manifest = Manifest(
            draw_id=f"{frame.county_code}-{draw_id}",
            frame_sha256=frame.frame_sha256,
            plan_sha256=plan.sha256,
            entropy_rule=entropy_rule,
            previous_manifest_sha256=before[-1].manifest_sha256 if before else "",
        )
    draw = Draw(
        county_code=frame.county_code,
        id=draw_id,
        campaign_id=frame.campaign_id,
        frame_id=frame.id,
        number=before[-1].number + 1 if before else 1,
        plan_json=canonical_json(plan.document()).decode("ascii"),
        plan_sha256=plan.sha256,
        manifest_json=canonical_json(manifest.document()).decode("ascii"),
        manifest_sha256=manifest.sha256,
        committed_by=viewer.account_id,
        reason=reason,
    )
    session.add(draw)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人公布了另一次抽取，请刷新后再看", where="frame_id") from None
    record(
        session, viewer, "draw.commit", "draw", draw.id, division_code=draw.county_code,
        number=draw.number, manifest_sha256=draw.manifest_sha256, frame_sha256=frame.frame_sha256,
        plan_sha256=draw.plan_sha256, entropy_rule=entropy_rule, reason=reason,
    )  # fmt: skip
    return draw


def draws_of(session: Session, county_code: str, campaign_id: UUID) -> Sequence[Draw]:
    """Return all draws of a county's campaign, the first first; none is ever removed."""
    same = sa.and_(Draw.county_code == county_code, Draw.campaign_id == campaign_id)
    return session.scalars(sa.select(Draw).where(same).order_by(Draw.number)).all()


def is_second_draw(session: Session, frame: Frame, *, number: int | None = None) -> bool:
    """Tell whether a draw from a frame is another draw of the same households, which asks for a reason and approval.

    Parameters
    ----------
    frame : Frame
        What is drawn from; a first draw of another round is no second draw.
    number : int, optional
        Of the draw that is asked about; by default one that is still to come.
    """
    return any(number is None or other.number < number for other in draws_of_round(session, frame))


def find_draw(session: Session, viewer: Viewer, draw_id: UUID, permission: Permission) -> Draw:
    """Return a draw of the viewer's area.

    Raises
    ------
    NotFound
        When there is none, or it lies outside.
    """
    found = session.scalar(sa.select(Draw).where(Draw.id == draw_id, viewer.within(Draw.county_code, permission)))
    if found is None:
        raise NotFound("找不到这次抽取，或不在您的管辖范围内", where="draw_id")
    return found


def result_of(session: Session, draw: Draw) -> DrawResult | None:
    """Return what the public entropy made of a draw; None while the dice are still to be thrown."""
    return session.get(DrawResult, (draw.county_code, draw.id))


def frame_of(session: Session, draw: Draw) -> Frame:
    """Return the frame a draw was committed for."""
    return session.get_one(Frame, (draw.county_code, draw.frame_id))


def plan_of(draw: Draw) -> Plan:
    """Return a draw's plan as it was committed."""
    with in_our_words():
        return Plan.parse(draw.plan_json.encode() + b"\n")


def manifest_of(draw: Draw) -> Manifest:
    """Return a draw's manifest as it was committed."""
    with in_our_words():
        return Manifest.parse(draw.manifest_json.encode() + b"\n")
