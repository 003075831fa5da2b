"""Which forms a person may export: the house's, and the own ones of the counties his area lies in or reaches."""

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.forms import HOUSE
from api.collection.tables import FormVersion
from api.evidence.export.wanted import Wanted
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import Permission


def versions_of(session: Session, viewer: Viewer, wanted: Wanted) -> list[FormVersion]:
    """Return every version of a form that a submission in the wanted area may answer, the newest first."""
    areas = (wanted.area,) if wanted.area else viewer.areas(Permission.EVIDENCE_EXPORT)
    statement = sa.select(FormVersion).where(FormVersion.form_id == wanted.form_id, _reached(areas))
    newest_first = (FormVersion.published_at.desc(), FormVersion.id.desc())
    return list(session.scalars(statement.order_by(*newest_first)))


def forms_to_export(session: Session, viewer: Viewer) -> list[tuple[str, str]]:
    """Return id and newest title of every form a person may export, by title."""
    statement = (
        sa.select(FormVersion.form_id, FormVersion.title)
        .where(_reached(viewer.areas(Permission.EVIDENCE_EXPORT)))
        .order_by(FormVersion.published_at, FormVersion.id)
    )
    newest = {form_id: title for form_id, title in session.execute(statement)}  # noqa: C416 - rows are no pairs to a type checker
    return sorted(newest.items(), key=lambda form: form[1])


def _reached(areas: tuple[str, ...]) -> sa.ColumnElement[bool]:
    counties = {area[:COUNTY_LENGTH] for area in areas}
    return sa.or_(FormVersion.area_code == HOUSE, inside(FormVersion.area_code, counties))
