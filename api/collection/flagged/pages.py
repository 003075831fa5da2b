"""The operator's pages of what was accepted and yet not understood: the list, one submission, processing again."""

from collections.abc import Iterator
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.collection.flagged.again import ask_to_reprocess
from api.collection.flagged.reading import (
    KINDS,
    ORDERS,
    Filters,
    by_kind,
    find_submission,
    flagged,
    forms_flagged,
    how_many,
)
from api.collection.quarantine.reading import division_or_none
from api.database import database
from api.edge import text
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import NotFound
from api.registry.reading import division_names
from api.registry.roll_import.resources import send_table
from api.registry.tables import Division

PAGE_ROWS = 50
READ, DECIDE = Permission.QUARANTINE, Permission.QUARANTINE_DECIDE

blueprint = Blueprint("flagged_pages", __name__, template_folder="templates", url_prefix="/flagged")


@blueprint.get("")
@allow(READ, area="rows", ways=("session",))
def submissions() -> str:
    """Show which accepted submissions are doubtful, and why."""
    session, (filters, order) = session_now(), _asked()
    total = how_many(session, viewer(), filters)
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    statement = flagged(viewer(), filters, order=order).offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)
    rows = session.execute(statement).all()
    townships = (
        sa.select(Division)
        .where(Division.level == "township", viewer().within(Division.code, READ))
        .order_by(Division.code)
        .limit(500)
    )
    return render_template(
        "flagged/submissions.html",
        rows=rows,
        total=total,
        page=page,
        pages=pages,
        asked=filters,
        order=order,
        kept={name: value for name, value in request.args.items() if name != "page" and value},
        counts=by_kind(session, viewer()),
        forms=forms_flagged(session, viewer()),
        kinds=KINDS,
        townships=list(session.scalars(townships)),
        names=division_names(session, {row.Submission.village_code for row in rows}),
        may_decide=viewer().may(DECIDE),
    )


@blueprint.get("/export.<any(csv, xlsx):file_format>")
@allow(READ, area="rows", ways=("session",))
def export(file_format: str) -> Response:
    """Send the list as filtered."""
    filters, order = _asked()
    with database().read() as session:
        return send_table(_table(session, filters, order), file_format, text("有疑问的上报"))


@blueprint.get("/<uuid:submission_id>")
@allow(READ, area="rows", ways=("session",))
def submission(submission_id: UUID) -> str:
    """Show one submission: what is doubtful, its files, its versions; no answers."""
    session = session_now()
    found, version = find_submission(session, viewer(), submission_id)
    arrived = {file.name for file in found.attachments}
    return render_template(
        "flagged/submission.html",
        submission=found,
        version=version,
        files=sorted(found.attachments, key=lambda file: file.name),
        missing=[name for name in version.named_files if name not in arrived],
        sender=session.get_one(Account, found.account_id),
        names=division_names(session, {found.village_code}),
        kinds=KINDS,
        may_decide=viewer().may(DECIDE),
    )


@blueprint.post("/reprocess")
@allow(DECIDE, area="rows", ways=("session",))
def process_again() -> AnyResponse:
    """Process again what is flagged of a form, or one submission, and show how far that is."""
    one = request.form.get("submission_id", "")
    try:
        submission_id = UUID(one) if one else None
    except ValueError:
        raise NotFound("找不到这份答卷", where="submission_id") from None
    job = ask_to_reprocess(
        session_now(), viewer(), form=request.form.get("form", "")[:64],
        area=division_or_none(request.form.get("area", "")),
        submission_id=submission_id,
    )  # fmt: skip
    return redirect(url_for("quarantine_pages.job", job_id=job.id), 303)


def _asked() -> tuple[Filters, str]:
    """Return what the address asks of the list; what makes no sense is left out."""
    given = request.args
    order = given.get("order", "-received")
    filters = Filters(
        kind=given.get("kind", "")[:64],
        form=given.get("form", "")[:64],
        area=division_or_none(given.get("area", "")),
        text=given.get("q", "").strip()[:64],
    )
    return filters, order if order.removeprefix("-") in ORDERS else "-received"


def _table(session: Any, filters: Filters, order: str) -> Iterator[list[Any]]:
    yield [text(heading) for heading in ("收到", "疑问", "户编码", "区划", "上报人", "表格", "版本", "记录编号")]
    rows = session.execute(flagged(viewer(), filters, order=order).execution_options(yield_per=500))
    for submission_row, version, sender in rows:
        yield [
            local_time(version.received_at),
            " ".join(text(KINDS[kind][0]) if kind in KINDS else kind for kind in version.flag_kinds.split()),
            submission_row.household_code, submission_row.village_code, sender.display_name, submission_row.form_id,
            version.form_version, submission_row.instance_id,
        ]  # fmt: skip
