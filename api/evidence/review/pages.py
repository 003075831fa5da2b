"""The pages of review: the queue, one submission after the other by keys, and many at once."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.collection.tables import Submission
from api.edge import language_answered, text
from api.evidence.checks.rules import BY_KEY, RULES, SEVERITIES
from api.evidence.checks.words import KINDS, reason
from api.evidence.reading import find_submission
from api.evidence.review.background import ask_to_accept, ask_to_undo, county_for, is_under_way, last_asked
from api.evidence.review.bulk import MOST, accept_clean, batches_of
from api.evidence.review.queue import Queued, Wanted, count_unchecked, counts_by_state, neighbours, queue
from api.evidence.review.risk import BANDS
from api.evidence.review.tables import Review, ReviewStep
from api.evidence.review.take import MOVES, take_step
from api.evidence.review.words import ORDERS, PURPOSES, REASONS, STATES, STEPS
from api.evidence.ring import read_ring, write_ring
from api.evidence.tell import tell_submission
from api.evidence.visible import visible_submissions
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Conflict, Forbidden, Invalid
from api.registry.divisions import LEVEL_BY_LENGTH
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv
from api.registry.tables import Division
from survey_forms.catalogue import CATALOGUE, schema_of

READ: Final = Permission.REVIEW
PAGE_ROWS: Final = 50
MOST_EXPORTED: Final = 10_000
WAYS: Final = ("session",)
HEADINGS: Final = ("户编码", "户主", "村", "表格", "上报人", "收到", "审核", "存疑", "留意", "风险", "答卷编号")

blueprint = Blueprint("review_pages", __name__, template_folder="templates", url_prefix="/evidence/review")


@blueprint.get("")
@allow(READ, area="rows", ways=WAYS)
def queue_page() -> str:
    """Show what waits for review: the most doubtful first, then the riskiest, then the oldest."""
    wanted = _wanted()
    number = max(1, request.args.get("page", 1, type=int))
    rows, total = queue(session_now(), viewer(), wanted, limit=PAGE_ROWS, offset=(number - 1) * PAGE_ROWS)
    codes = {row.village_code for row in rows}
    return render_template(
        "review/queue.html", rows=rows, total=total, page=number, pages=max(1, -(-total // PAGE_ROWS)), asked=wanted,
        kept=_kept(wanted), counts=counts_by_state(session_now(), viewer(), wanted), forms=_forms(), rules=RULES,
        states=STATES, purposes=PURPOSES, townships=_townships(), workers=_workers(), done=request.args.get("done"),
        names=division_names(session_now(), codes | {code[:9] for code in codes}), bands=BANDS, orders=_orders(),
    )  # fmt: skip


@blueprint.get("/list.csv")
@allow(READ, area="rows", ways=WAYS)
def export() -> Response:
    """Send the queue as filtered."""
    rows, _ = queue(session_now(), viewer(), _wanted(), limit=MOST_EXPORTED)
    response = Response(b"".join(write_csv(_lines(rows))), content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=review.csv"
    return response


@blueprint.get("/<uuid:submission_id>")
@allow(READ, area="rows", ways=WAYS)
def submission(submission_id: UUID) -> str:
    """Show one submission, everything that is known of it, and what can be done."""
    return _submission(submission_id)


@blueprint.post("/<uuid:submission_id>")
@allow(READ, area="rows", ways=WAYS)
def step(submission_id: UUID) -> AnyResponse | tuple[str, int]:
    """Take a step; after a decision the next of the queue opens."""
    wanted, given = _wanted(), request.form
    which = given.get("step", "")
    session = session_now()
    _, following = neighbours(session, viewer(), wanted, submission_id)
    if which not in MOVES:
        raise Invalid("请选择通过、退回或不采用", where="step")
    try:
        with session.begin_nested():
            take_step(
                session, viewer(), submission_id, which, note=given.get("note", ""),
                steps_seen=given.get("steps_seen", type=int),
            )  # fmt: skip
    except (Invalid, Conflict, Forbidden) as refusal:
        return _submission(submission_id, refusal=refusal), refusal.status
    if which in {"comment", "opened", "reopened"}:
        return redirect(url_for(".submission", submission_id=submission_id, **_kept(wanted)), 303)
    if following is not None:
        return redirect(url_for(".submission", submission_id=following, done=which, **_kept(wanted)), 303)
    return redirect(url_for(".queue_page", done=which, **_kept(wanted)), 303)


@blueprint.get("/clean")
@allow(READ, area="rows", ways=WAYS)
def clean() -> str:
    """Show what every check passed and waits: how many in each township, before they are accepted together."""
    session, reader = session_now(), viewer()
    wanted = Wanted(**{**vars(_wanted()), "state": "waiting", "clean": True, "order": "doubt"})
    rows, total = queue(session, reader, wanted, limit=MOST)
    by_township: dict[str, int] = {}
    for row in rows:
        by_township[row.village_code[:9]] = by_township.get(row.village_code[:9], 0) + 1
    return render_template(
        "review/clean.html", rows=rows, total=total, most=MOST, by_township=by_township, kept=_kept(wanted),
        names=division_names(session, set(by_township)), asked=wanted, done=request.args.get("done", type=int),
        reopened=request.args.get("reopened", type=int), left=request.args.get("left", type=int),
        batches=batches_of(session, reader), job=last_asked(session, reader), county=county_for(reader, wanted),
        counties=sorted({row.village_code[:6] for row in rows}), unchecked=count_unchecked(session, reader, wanted),
    )  # fmt: skip


@blueprint.post("/clean")
@allow(READ, area="rows", ways=WAYS)
def accept() -> AnyResponse:
    """Accept together what was shown, or all that fits, in the background."""
    note = text("批量通过：没有疑点")
    if request.form.get("all") == "yes":
        ask_to_accept(session_now(), viewer(), _wanted(), note=note)
        return redirect(url_for(".clean", **_kept(_wanted())), 303)
    ids = request.form.getlist("id", type=UUID)[:MOST]
    done = accept_clean(session_now(), viewer(), ids, note=note)
    return redirect(url_for(".clean", done=done.accepted, left=done.left, **_kept(_wanted())), 303)


@blueprint.get("/clean/job")
@allow(READ, area="rows", ways=WAYS)
def accepting() -> Response | str:
    """Show how far the viewer's own job is; once it has ended, let the page be fetched anew."""
    job = last_asked(session_now(), viewer())
    if job is not None and is_under_way(job):
        return render_template("review/accepting.html", job=job)
    return Response(headers={"HX-Refresh": "true"})


@blueprint.post("/batches/<uuid:batch_id>/undo")
@allow(READ, area="rows", ways=WAYS)
def undo(batch_id: UUID) -> AnyResponse:
    """Open again what the viewer has accepted together, as far as nobody has touched it since."""
    undone = ask_to_undo(session_now(), viewer(), batch_id, note=text("撤回批量通过"))
    return redirect(url_for(".clean", reopened=undone.reopened, **_kept(_wanted())), 303)


def _submission(submission_id: UUID, refusal: Any = None) -> str:
    session, reader, wanted = session_now(), viewer(), _wanted()
    found = find_submission(session, reader, submission_id)
    review = session.get(Review, (found.county_code, found.id))
    before, after = neighbours(session, reader, wanted, submission_id)
    steps = session.execute(
        sa.select(ReviewStep, Account.display_name)
        .join(Account, Account.id == ReviewStep.account_id)
        .where(ReviewStep.county_code == found.county_code, ReviewStep.submission_id == found.id)
        .order_by(ReviewStep.number)
    ).all()
    state = review.state if review is not None else "received"
    told = tell_submission(session, reader, submission_id, language_answered())
    return render_template(
        "review/submission.html", found=found, told=told,
        state=state, steps=steps, steps_seen=review.steps if review is not None else 0, before=before, after=after,
        moves={name for name, move in MOVES.items() if state in move.begins}, kept=_kept(wanted), refusal=refusal,
        reasons=REASONS, states=STATES, step_names=STEPS, kinds=KINDS, purposes=PURPOSES, severities=SEVERITIES,
        reason=reason, forms=_forms(), asked=wanted, done=request.args.get("done"), note=request.form.get("note", ""),
        own=reader.account_id in {found.account_id, *(version.account_id for version in found.versions)},
        names=division_names(session, {found.village_code, found.village_code[:9]}),
    )  # fmt: skip


def _wanted() -> Wanted:
    given = request.args
    area, state = given.get("area", ""), given.get("state", "waiting")
    return Wanted(
        state=state if state in {"", "waiting", *STATES} else "waiting",
        area=area if len(area) in LEVEL_BY_LENGTH and area.isascii() and area.isdigit() else "",
        form=given.get("form", "")[:64].replace("\0", ""),
        worker=given.get("worker", type=UUID),
        rule=given["rule"] if given.get("rule") in BY_KEY else "",
        clean=given.get("clean") == "yes",
        order=given["order"] if given.get("order") in _orders() else "doubt",
        ring=read_ring(given["polygon"]) if given.get("polygon", "").strip() else (),
    )


def _orders() -> dict[str, str]:
    """Return in which orders the viewer may read the queue: by risk only who may read spot checks."""
    told = viewer().may(Permission.SPOT_CHECK_READ)
    return {key: words for key, words in ORDERS.items() if told or key != "risk"}


def _kept(wanted: Wanted) -> dict[str, Any]:
    """Return the filters as the address writes them, without what goes without saying."""
    found = {
        "state": wanted.state if wanted.state != "waiting" else None, "area": wanted.area or None,
        "form": wanted.form or None, "worker": wanted.worker, "rule": wanted.rule or None,
        "clean": "yes" if wanted.clean else None, "order": wanted.order if wanted.order != "doubt" else None,
        "polygon": write_ring(wanted.ring) or None,
    }  # fmt: skip
    return {name: value for name, value in found.items() if value is not None}


def _forms() -> dict[str, str]:
    return {known.form_id: schema_of(known.form_id).title for known in CATALOGUE}


def _townships() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(Division.level == "township", viewer().within(Division.code, READ))
        .order_by(Division.code)
    )  # fmt: skip
    return list(session_now().scalars(statement))


def _workers() -> list[tuple[UUID, str]]:
    sent = sa.exists().where(Submission.account_id == Account.id, visible_submissions(viewer(), READ))
    rows = session_now().execute(
        sa.select(Account.id, Account.display_name).where(sent).order_by(Account.display_name).limit(MOST)
    )
    return [(row[0], row[1]) for row in rows]


def _lines(rows: list[Queued]) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    forms = _forms()
    for row in rows:
        yield [
            row.household_code, row.head_name, row.village_code, forms.get(row.form_id, row.form_id), row.worker,
            local_time(row.received_at), text(STATES[row.state]), row.doubts, row.looks,
            text(BANDS[row.risk]) if row.risk >= 0 else "", str(row.id),
        ]  # fmt: skip
