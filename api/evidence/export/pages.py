"""The page of exports: what to take along, how far it is, and what lies ready."""

from typing import Any
from uuid import UUID

import marshmallow as ma
import sqlalchemy as sa
from flask import Blueprint, redirect, render_template, request, url_for
from werkzeug.wrappers import Response

from api.evidence.export.choose import how_many
from api.evidence.export.expire import delete_export
from api.evidence.export.finding import find_export, own_exports, standing
from api.evidence.export.forms import forms_to_export
from api.evidence.export.resources import begin_export
from api.evidence.export.schemas import WantedSchema
from api.evidence.export.wanted import Wanted
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Refusal, invalid_from
from api.registry.reading import division_names
from api.registry.tables import Division

SHOWN = 50
MOST_DIVISIONS = 1000
TICKS = ("split", "repeats", "mark", "unmasked")

blueprint = Blueprint("export_pages", __name__, template_folder="templates")


@blueprint.get("/exports")
@allow(Permission.EVIDENCE_EXPORT, area="rows", ways=("session",))
def exports() -> str:
    """Show the form of what can be exported, and one's own exports; on its own the part that is still moving."""
    session = session_now()
    rows = [standing(*row) for row in session.execute(own_exports(viewer()).limit(SHOWN))]
    areas = {row.export.wanted["area"] for row in rows}
    names = division_names(session, areas)
    if request.headers.get("HX-Request"):
        return render_template("exports/list.html", rows=rows, names=names)
    forms = forms_to_export(session, viewer())
    return render_template(
        "exports/page.html", rows=rows, names=names, forms=forms, asked=request.args, divisions=_divisions(),
        may_unmask=viewer().may(Permission.REGISTRY_UNMASK),
    )  # fmt: skip


@blueprint.get("/exports/matching")
@allow(Permission.EVIDENCE_EXPORT, area="rows", ways=("session",))
def matching() -> str:
    """Say how many submissions the form on the page would export."""
    try:
        values = _values(request.args)
        values.pop("reason")
        count = how_many(session_now(), viewer(), Wanted(**values))
    except Refusal:  # half a date: the next key completes it
        count = None
    return render_template("exports/matching.html", count=count)


@blueprint.post("/exports")
@allow(Permission.EVIDENCE_EXPORT, area="rows", ways=("session",))
def begin() -> Response:
    """Ask for an export and show it among the others."""
    begin_export(_values(request.form))
    return redirect(url_for("export_pages.exports"), 303)


@blueprint.post("/exports/<uuid:export_id>/delete")
@allow(Permission.EVIDENCE_EXPORT, area="own", ways=("session",))
def delete(export_id: UUID) -> Response:
    """Delete an export, or stop one that is on its way."""
    delete_export(session_now(), find_export(session_now(), viewer(), export_id).export)
    return redirect(url_for("export_pages.exports"), 303)


def _values(given: Any) -> dict[str, Any]:
    """Return what a form on the page says, as the schema of the interface reads it."""
    known = WantedSchema().fields
    values: dict[str, Any] = {name: given[name] for name in known if given.get(name)}
    values |= {name: name in values for name in TICKS}
    try:
        loaded: dict[str, Any] = WantedSchema().load(values)
    except ma.ValidationError as error:
        raise invalid_from(error.messages) from None
    return loaded


def _divisions() -> list[Division]:
    statement = (
        sa.select(Division)
        .where(
            Division.level.in_(("county", "township", "village")),
            viewer().within(Division.code, Permission.EVIDENCE_EXPORT),
        )
        .order_by(Division.code)
        .limit(MOST_DIVISIONS)
    )
    return list(session_now().scalars(statement))
