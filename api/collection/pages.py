"""The operator's page of what phones sent and the server refused."""

from flask import Blueprint, render_template, request

from api.collection.quarantine import how_many, kept_aside
from api.collection.resources import described
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission

PAGE_ROWS = 50

blueprint = Blueprint("collection_pages", __name__, template_folder="templates")


@blueprint.get("/quarantine")
@allow(Permission.QUARANTINE, area="rows", ways=("session",))
def quarantine() -> str:
    """What was refused, why, and what to do about it."""
    page = max(1, request.args.get("page", 1, type=int))
    session = session_now()
    total = how_many(session, viewer())
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(page, pages)
    rows = session.scalars(kept_aside(viewer()).offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS))
    return render_template(
        "collection/quarantine.html",
        rows=[described(row) for row in rows],
        total=total,
        page=page,
        pages=pages,
    )
