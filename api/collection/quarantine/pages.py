"""The operator's pages of what phones sent and the server refused: the list, one posting, its answers."""

from collections.abc import Iterator
from datetime import date
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.collection.blindness import reads_evidence
from api.collection.flagged.reading import find_submission
from api.collection.forms import find_form, schema_of
from api.collection.posting import XML_PART
from api.collection.quarantine.bulk import REASONS, ask_for_release
from api.collection.quarantine.decide import Kind, offered, original_xml, present_xml, read_kept, submission_of
from api.collection.quarantine.mend import StillBroken, mend, proposal
from api.collection.quarantine.reading import (
    ORDERS,
    STATES,
    Filters,
    by_reason,
    division_or_none,
    find_kept_aside,
    how_many,
    kept_aside,
    senders,
)
from api.collection.quarantine.resources import carry_out, described
from api.collection.quarantine.show import Difference, differences, lines_of, place_in_words
from api.collection.receive import find_version
from api.collection.refusals import ADVICE, NAMES, OTHER_ADVICE, KeptAside
from api.collection.serving import workshop
from api.collection.tables import Quarantined
from api.database import database
from api.edge import language, text
from api.jobs.resources import find_job
from api.pages.views import local_time
from api.people.audit import record
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.problems import Invalid, NotFound
from api.registry.reading import division_names
from api.registry.roll_import.resources import send_table
from api.registry.tables import Division
from survey_forms.errors import SubmissionRefused
from survey_forms.submission import read_submission

PAGE_ROWS = 50
READ, DECIDE = Permission.QUARANTINE, Permission.QUARANTINE_DECIDE
STATE_NAMES = {"open": "待处理", "released": "已接收", "discarded": "已作废"}
KIND_NAMES = {
    "release": "重新接收",
    "as_edit": "作为修改接收",
    "as_separate": "作为另一份记录接收",
    "beside": "另存附件并接收",
    "repair": "修复答卷",
    "discard": "作废",
    "reopen": "恢复待处理",
}
KIND_HINTS = {
    "release": "按手机原样再接收一次，上报人不变。",
    "as_edit": "成为已存记录的最新修改，原有的一份保留。",
    "as_separate": "给它一个新编号，成为另一份记录；原件和原编号保留。",
    "beside": "换一个文件名存入同一份记录，已有的文件不动。",
    "discard": "不接收。内容仍保留，可随时恢复。",
    "reopen": "回到待处理。",
}
OUTCOME_NAMES = {
    "new": "已作为新记录接收",
    "files_added": "附件已补入",
    "edit": "已作为修改接收",
    "late_original": "已作为原始记录补入",
    "known": "这条记录已经在库",
    "refused": "仍不能接收",
    "done": "已完成",
}

HEADINGS = (
    "最近一次", "首次", "次数", "状态", "原因", "上报人", "手机", "设备", "区划", "表格", "版本", "户编码",
    "记录编号", "文件数", "字节",
)  # fmt: skip

blueprint = Blueprint("quarantine_pages", __name__, template_folder="templates", url_prefix="/quarantine")


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def postings() -> str:
    """Show what was refused, why, and what to do about it."""
    session, (filters, order) = session_now(), _asked()
    total = how_many(session, viewer(), filters)
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    statement = kept_aside(viewer(), filters, order=order).offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)
    rows = [described(*row) for row in session.execute(statement)]
    return render_template(
        "quarantine/postings.html",
        rows=rows,
        total=total,
        page=page,
        pages=pages,
        asked=filters,
        order=order,
        kept={name: value for name, value in request.args.items() if name != "page" and value},
        counts=by_reason(session, viewer(), filters.state),
        senders=senders(session, viewer()),
        townships=_townships(),
        names=division_names(session, {row["area_code"] for row in rows}),
        state_names=STATE_NAMES,
        may_release_all=filters.state == "open" and filters.reason in REASONS and viewer().may(DECIDE),
    )


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@allow(READ, area="rows", ways=("session",))
def export(file_format: str) -> Response:
    """Send the list as filtered, without answers or files."""
    filters, order = _asked()
    with database().read() as session:
        return send_table(_table(session, filters, order), file_format, text("留存的问题记录"))


@blueprint.post("/release")
@allow(DECIDE, area="rows", ways=("session",))
def release_all() -> AnyResponse:
    """Try all of one reason again in the background, and show how far that is."""
    wanted = {name: request.form.get(name, "") for name in ("reason", "form", "why")}
    area = division_or_none(request.form.get("area", ""))
    job = ask_for_release(session_now(), viewer(), area=area, **wanted)
    return redirect(url_for(".job", job_id=job.id), 303)


@blueprint.get("/jobs/<uuid:job_id>")
@allow(READ, area="rows", ways=("session",))
def job(job_id: UUID) -> str:
    """Show how far background work is; the part of it that is asked for again while it runs."""
    template = "quarantine/job_state.html" if request.headers.get("HX-Request") else "quarantine/job.html"
    return render_template(template, one=find_job(session_now(), viewer(), job_id, READ))


@blueprint.get("/<uuid:quarantined_id>")
@allow(READ, area="rows", ways=("session",))
def posting(quarantined_id: UUID) -> str:
    """Show one refused posting, what was done to it, and what may be done."""
    session = session_now()
    row = find_kept_aside(session, viewer(), quarantined_id)
    acts = list(reversed(row.acts))
    people = {one.id: one.display_name for one in session.scalars(
        sa.select(Account).where(Account.id.in_({act.by_id for act in acts}))
    )}  # fmt: skip
    return render_template(
        "quarantine/posting.html",
        row=row,
        sender=session.get_one(Account, row.account_id),
        token=session.get_one(Token, row.token_id),
        names=division_names(session, {row.area_code}),
        advice=ADVICE.get(row.stands_for, OTHER_ADVICE),
        acts=acts,
        people=people,
        offered=offered(row) if viewer().may(DECIDE) else (),
        became=submission_of(session, row),
        has_xml=any(file["name"] == XML_PART for file in row.files),
        **_words(),
    )


@blueprint.post("/<uuid:quarantined_id>/acts")
@allow(DECIDE, area="rows", ways=("session",))
def act(quarantined_id: UUID) -> AnyResponse:
    """Do one thing to a refused posting."""
    try:
        kind = Kind(request.form.get("kind", ""))
    except ValueError:
        raise Invalid("请选择怎样处理", where="kind") from None
    carry_out(quarantined_id, kind, request.form.get("why", ""))
    return redirect(url_for(".posting", quarantined_id=quarantined_id), 303)


@blueprint.get("/<uuid:quarantined_id>/answers")
@allow(READ, area="rows", ways=("session",), writes=True)
def answers(quarantined_id: UUID) -> str:
    """Show the answers of a posting with the place of the fault; who looked is written down."""
    row = find_kept_aside(session_now(), viewer(), quarantined_id)
    record(
        session_now(), viewer(), "quarantine.look", "quarantined", row.id, division_code=row.county_code
    )  # fmt: skip
    return _answers(row)


@blueprint.post("/<uuid:quarantined_id>/repairs")
@allow(DECIDE, area="rows", ways=("session",))
def repair(quarantined_id: UUID) -> AnyResponse | tuple[str, int]:
    """Keep mended answers; what is still broken is shown again with the place of the fault."""
    upload = request.files.get("file")
    xml = upload.read() if upload and upload.filename else request.form.get("xml", "").replace("\r\n", "\n").encode()
    try:
        mend(session_now(), viewer(), quarantined_id, xml, request.form.get("why", ""), blobs=workshop().blobs)
    except StillBroken as fault:
        session_now().rollback()
        row = find_kept_aside(session_now(), viewer(), quarantined_id)
        return _answers(row, typed=xml, refusal=fault, why=request.form.get("why", "")), fault.status
    return redirect(url_for(".posting", quarantined_id=quarantined_id), 303)


def _answers(row: Quarantined, *, typed: bytes | None = None, refusal: StillBroken | None = None, why: str = "") -> str:
    blobs = workshop().blobs
    sent = read_kept(blobs, original_xml(row))
    mending = viewer().may(DECIDE) and Kind.REPAIR in offered(row)
    if typed is not None:
        begin_with = typed.decode("utf-8", errors="replace").replace("\0", "")
    else:
        begin_with = proposal(row, blobs) if mending else ""
    return render_template(
        "quarantine/answers.html",
        row=row,
        lines=lines_of(sent, row.fault_where),
        mending=mending,
        begin_with=begin_with,
        typed_lines=lines_of(typed, refusal.where) if typed is not None and refusal else [],
        refusal=refusal,
        why=why,
        differing=[] if row.fault_where else _differing(row),
        language=language,
        **_words(),
    )


def _differing(row: Quarantined) -> list[Difference]:
    """Compare with what is stored under the same identity, for whoever may read that."""
    session, blobs = session_now(), workshop().blobs
    try:
        kept = read_submission(read_kept(blobs, present_xml(row)))
    except (SubmissionRefused, KeptAside):
        return []
    ids = (kept.instance_id, kept.deprecated_id)
    version = next((one for name in ids if name and (one := find_version(session, row.county_code, name))), None)
    if version is None:
        return []
    try:
        submission, present = find_submission(session, viewer(), version.submission_id)
    except NotFound:
        return []
    if not reads_evidence(viewer(), submission.village_code):
        return []
    form = find_form(session, submission.form_id, present.form_version)
    if form is None or kept.form_id != submission.form_id:
        return []
    schema = schema_of(session, form)
    stored = read_submission(blobs.read(present.xml_sha256), schema)
    return differences(stored, read_submission(kept.xml, schema), schema)


def _words() -> dict[str, Any]:
    return {
        "state_names": STATE_NAMES,
        "kind_names": KIND_NAMES,
        "kind_hints": KIND_HINTS,
        "outcome_names": OUTCOME_NAMES,
    }


def _asked() -> tuple[Filters, str]:
    """Return what the address asks of the list; what makes no sense is left out."""
    given = request.args
    order, state = given.get("order", "-last"), given.get("state", "open")
    filters = Filters(
        state=state if state in STATES else "open",
        reason=given.get("reason", "")[:64],
        area=division_or_none(given.get("area", "")),
        sender=given.get("sender", type=UUID),
        form=given.get("form", "")[:64],
        since=given.get("since", type=_day),
        until=given.get("until", type=_day),
        text=given.get("q", "").strip()[:64],
    )
    return filters, order if order.removeprefix("-") in ORDERS else "-last"


def _day(written: str) -> date:
    day = date.fromisoformat(written)
    if not 2000 <= day.year <= 2200:  # noqa: PLR2004 - the edges of time have no midnight
        raise ValueError(written)
    return day


def _townships() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(Division.level == "township", viewer().within(Division.code, READ))
        .order_by(Division.code)
        .limit(500)
    )
    return list(session_now().scalars(statement))


def _table(session: Any, filters: Filters, order: str) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    for row, sender, token in session.execute(
        kept_aside(viewer(), filters, order=order).execution_options(yield_per=500)
    ):
        yield [
            local_time(row.last_at), local_time(row.first_at), row.times, text(STATE_NAMES[row.state]),
            text(NAMES.get(row.stands_for, row.stands_for)), sender.display_name, token.label, row.device_id,
            row.area_code, row.form_id, row.form_version, row.household_code, row.instance_id, len(row.files),
            row.bytes,
        ]  # fmt: skip


@blueprint.app_template_filter("fault_place")
def fault_place(where: str) -> str:
    """Say the place of a fault in the reader's language."""
    words, values = place_in_words(where)
    return text(words, **values) if values else words


@blueprint.app_template_filter("reason_name")
def reason_name(reason: str) -> str:
    """Name a reason of the quarantine in the reader's language."""
    return text(NAMES.get(reason, reason))
