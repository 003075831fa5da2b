"""Draw a committed spot check: public dice in, the list of households out, each with its exact chance."""

from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.exc import IntegrityError
from sqlalchemy.orm import Session

import sampling
from api.database import insert_at_once, now
from api.people.access import Viewer
from api.people.audit import record
from api.problems import Conflict, Invalid
from api.spot_checks.chances import Chance, chances_of
from api.spot_checks.commit import frame_of, manifest_of, plan_of, result_of
from api.spot_checks.frame import ROWS_AT_ONCE, stored_frame
from api.spot_checks.publication.approve import newest_open, refuse_unapproved, standing_of
from api.spot_checks.publication.photos import KeptPhoto, add_photo
from api.spot_checks.publication.sources import refuse_early
from api.spot_checks.publication.witnesses import check_witnesses, witness_names
from api.spot_checks.refusals import in_our_words
from api.spot_checks.rounds import demand_round, promised_before
from api.spot_checks.tables import Draw, DrawResult, FrameUnit, Selection
from sampling.certificate import canonical_json
from sampling.tickets import EntropyRule

THROWABLE = frozenset({"first", "approved"})  # of a promise with the level above: its dice may be thrown
LONGEST_ENTROPY = 2_000  # characters; a meeting throws dozens of dice, not thousands


@dataclass(frozen=True, kw_only=True)
class ReadyDraw:
    """A draw worked out and not yet stored: the certificate's, and a row for each household chosen."""

    draw_id: UUID
    drawn: sampling.Draw
    selections: list[dict[str, Any]]


def draw_spot_check(
    session: Session,
    draw: Draw,
    entropy: str,
    viewer: Viewer,
    *,
    witnesses: str,
    ready: ReadyDraw | None = None,
    photos: Sequence[KeptPhoto] = (),
) -> DrawResult:
    """Make the list that frame, plan and dice determine, and store it for good.

    Parameters
    ----------
    draw : Draw
        Committed, not yet drawn, the newest of its round, with none waiting before it: with two promises open,
        one throw of dice would leave a choice between two lists.
    entropy : str
        Digits of the sources in the order of the rule, joined by ``|``; white space and full-width digits are
        brought to their canonical form.
    witnesses : str
        Who saw the dice: two names or more, from outside the office, one a line or with commas between.
    ready : ReadyDraw, optional
        Worked out beforehand from the same draw and dice, so that this transaction is short; frame and plan cannot
        have changed since, the database refuses that.
    photos : sequence of KeptPhoto
        Of the dice or of the signed minutes; the audit log names them with the result.

    Returns
    -------
    DrawResult
        With its selections stored: base and reserves in ticket order, each with its chance of the base list.

    Raises
    ------
    Conflict
        Already drawn; followed by a newer commitment; a second draw that the level above has not approved; a source
        of the rule that is not published yet; frame or plan no longer what was published.
    Invalid
        Entropy that the rule does not accept, or that an earlier draw of this county has used.
    """
    if ready is None:
        ready = work_out_draw(session, draw, entropy, viewer, witnesses=witnesses)
    else:
        _refuse_unready(session, draw, viewer)
        _refuse_used(session, draw, ready.drawn.entropy)
    if ready.draw_id != draw.id:
        raise ValueError("worked out for another draw")
    drawn = ready.drawn
    result = DrawResult(
        county_code=draw.county_code,
        draw_id=draw.id,
        entropy=drawn.entropy,
        witnesses="，".join(witness_names(witnesses)),
        seed_hex=drawn.seed.hex(),
        draw_json=canonical_json(drawn.document()).decode("ascii"),
        drawn_by=viewer.account_id,
    )
    session.add(result)
    try:
        session.flush()
    except IntegrityError:
        raise Conflict("刚才有人完成了这次抽取，请刷新后再看", where="draw_id") from None
    for start in range(0, len(ready.selections), ROWS_AT_ONCE):
        insert_at_once(session, Selection, ready.selections[start : start + ROWS_AT_ONCE])
    record(
        session, viewer, "draw.result", "draw", draw.id, division_code=draw.county_code,
        number=draw.number, entropy=drawn.entropy, seed=result.seed_hex, witnesses=result.witnesses,
        draw_sha256=sampling.certificate.sha256_of(drawn.document()), base=len(drawn.sample),
        photos=[photo.sha256 for photo in photos],
    )  # fmt: skip
    for photo in photos:
        add_photo(session, draw, photo, viewer)
    return result


def work_out_draw(session: Session, draw: Draw, entropy: str, viewer: Viewer, *, witnesses: str) -> ReadyDraw:
    """Work out what `draw_spot_check` stores; writes nothing, so phones need not wait for it.

    Takes and raises what that does.
    """
    _refuse_unready(session, draw, viewer)
    check_witnesses(witnesses)
    if len(entropy) > LONGEST_ENTROPY:
        raise Invalid("随机数过长，最多 {most} 个字符", where="entropy", most=LONGEST_ENTROPY)
    plan, manifest = plan_of(draw), manifest_of(draw)
    public = stored_frame(session, frame_of(session, draw))
    with in_our_words():
        refuse_early(EntropyRule.parse(manifest.entropy_rule), now())
        drawn = sampling.draw(public, plan, manifest, entropy)
    _refuse_used(session, draw, drawn.entropy)
    selections = list(_selections(session, draw, chances_of(public, plan), drawn))
    return ReadyDraw(draw_id=draw.id, drawn=drawn, selections=selections)


def _refuse_unready(session: Session, draw: Draw, viewer: Viewer) -> None:
    frame = frame_of(session, draw)
    demand_round(viewer, frame)
    if result_of(session, draw) is not None:
        raise Conflict("第 {number} 次抽取已经完成，名单不能重抽", where="draw_id", number=draw.number)
    refuse_unapproved(session, draw)
    newest = newest_open(session, frame)
    if newest is not None and newest.id != draw.id:
        raise Conflict(
            "第 {number} 次抽取已被第 {newest} 次取代，不能再掷骰", where="draw_id", number=draw.number,
            newest=newest.number,
        )  # fmt: skip
    for other, its_frame in promised_before(session, draw, frame):
        newest, state = newest_open(session, its_frame), standing_of(session, other).state
        if state in THROWABLE and newest is not None and newest.id == other.id:
            raise Conflict(
                "请先为更早承诺的第 {number} 次抽取掷骰，骰子按承诺的先后使用", where="draw_id", number=other.number
            )


def _refuse_used(session: Session, draw: Draw, entropy: str) -> None:
    """Refuse dice known before the commitment: whoever knows them can shape a commitment to fit."""
    used = session.scalar(
        sa.select(Draw.number)
        .join(DrawResult, sa.and_(DrawResult.county_code == Draw.county_code, DrawResult.draw_id == Draw.id))
        .where(DrawResult.county_code == draw.county_code, DrawResult.entropy == entropy)
        .limit(1)
    )
    if used is not None:
        raise Invalid("这串随机数已用于第 {number} 次抽取，必须当众重新掷骰", where="entropy", number=used)


def _selections(
    session: Session, draw: Draw, chance_of: Callable[[str, str], Chance], drawn: sampling.Draw
) -> Iterator[dict[str, Any]]:
    statement = sa.select(
        FrameUnit.leaf, FrameUnit.household_id, FrameUnit.household_code, FrameUnit.village_code
    ).where(FrameUnit.county_code == draw.county_code, FrameUnit.frame_id == draw.frame_id)
    units = {unit.leaf: unit for unit in session.execute(statement)}
    for leaf, stratum, role, position in listed(drawn):
        unit, (chance, of) = units[leaf], chance_of(leaf, stratum)
        yield {
            "county_code": draw.county_code,
            "draw_id": draw.id,
            "leaf": leaf,
            "household_id": unit.household_id,
            "household_code": unit.household_code,
            "village_code": unit.village_code,
            "stratum": stratum,
            "role": role,
            "position": position,
            "inclusion_n": chance,
            "inclusion_of": of,
        }


def listed(drawn: sampling.Draw) -> Iterator[tuple[str, str, str, int]]:
    """Yield (leaf, stratum, role, position) of everybody drawn; positions count through base and reserves."""
    for stratum, lists in sorted(drawn.strata.items()):
        roles = ["base"] * len(lists.sample) + ["reserve"] * len(lists.reserve)
        for position, (leaf, role) in enumerate(zip((*lists.sample, *lists.reserve), roles, strict=True), 1):
            yield leaf, stratum, role, position
