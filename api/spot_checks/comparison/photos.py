"""The photos of both visits of a household, behind the rule of what a person may see."""

from typing import NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.tables import Evidence, Photo
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.spot_checks.comparison.reading import Visited
from survey_forms.catalogue import schema_of


class Shown(NamedTuple):
    """One photo of a visit."""

    evidence_id: UUID
    photo_id: UUID
    label: str  # in Chinese, as the form asks for it
    arrived: bool


def photos_of(session: Session, viewer: Viewer, county_code: str, visit: Visited | None) -> list[Shown]:
    """Return the photos of a visit and of the property it lists, in the order of the form."""
    if visit is None:
        return []
    rows = session.execute(
        sa.select(Photo.evidence_id, Photo.id, Photo.question, Photo.sha256, Evidence.question)
        .join(Evidence, sa.and_(Evidence.county_code == Photo.county_code, Evidence.id == Photo.evidence_id))
        .where(
            Evidence.county_code == county_code,
            Evidence.submission_id == visit.submission_id,
            visible_evidence(viewer),
        )
        .order_by(Evidence.question.desc(), Photo.id)
    )
    labels = {
        asked.path.rpartition("/")[2]: asked.label.get("zh", "")
        for form in ("spot_check_visit", "home_visit")
        for asked in schema_of(form).questions
        if asked.type == "binary"
    }
    return [
        Shown(evidence_id, photo_id, labels.get(path.rpartition("/")[2]) or path, sha256 is not None)
        for evidence_id, photo_id, path, sha256, _ in rows
    ]
