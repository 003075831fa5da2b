"""Make evidence from a submission, by what its form declares: a changed form needs no code here."""

from collections.abc import Iterator
from datetime import date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from geoalchemy2 import WKTElement
from sqlalchemy.orm import Session

from api.collection.derive import Derivable
from api.collection.households import HOUSEHOLD_FIELD, LONGEST_CODE, Flag, find_household
from api.database import new_id
from api.evidence.tables import Evidence, Photo
from survey_forms.evidence import Record, records
from survey_forms.submission import Answer
from survey_forms.values import Place, Value

SRID: Final = 4326
FEN_PER_YUAN: Final = 100
TIMES: Final = ("started_at", "ended_at")  # the first that was answered says when a thing was seen


def derive_evidence(session: Session, found: Derivable) -> list[Flag]:
    """Make the evidence of a submission, replacing what was made before.

    A record keeps its id as long as the submission shows it, so that addresses of evidence stay good.
    """
    submission = found.submission
    before = {
        evidence.question: evidence
        for evidence in session.scalars(
            sa.select(Evidence).where(
                Evidence.county_code == submission.county_code, Evidence.submission_id == submission.id
            )
        )
    }
    known = _photos_of(session, list(before.values()))
    flags: list[Flag] = []
    shown = records(found.answers)
    for record in shown:
        question = "/".join([record.kind, *map(str, record.position)])
        evidence = before.pop(question, None)
        if evidence is None:
            evidence = Evidence(
                county_code=submission.county_code, id=new_id(), submission_id=submission.id, question=question
            )
            session.add(evidence)
        _fill(evidence, found, record)
        flags += _own_household(session, evidence, record)
        _replace_photos(session, evidence, found, record, known)
    gone = [evidence.id for evidence in before.values()]
    for row, ids in ((Evidence, gone), (Photo, [photo.id for photo in known.values()])):
        if ids:
            session.execute(sa.delete(row).where(row.county_code == submission.county_code, row.id.in_(ids)))
    if not shown:
        flags.append({"from": "deriving", "kind": "no-evidence", "text": ""})
    session.flush()
    return flags


def _fill(evidence: Evidence, found: Derivable, record: Record) -> None:
    submission = found.submission
    place = _place(record)
    evidence.kind = record.kind
    evidence.purpose = submission.purpose
    evidence.household_id = submission.household_id
    evidence.household_code = submission.household_code
    evidence.village_code = submission.village_code
    evidence.account_id = submission.account_id
    evidence.received_at = submission.received_at
    evidence.collected_at = next(
        (moment for name in TIMES if isinstance(moment := record.value(name), datetime)), None
    )  # fmt: skip
    evidence.place = WKTElement(f"POINT({place.longitude!r} {place.latitude!r})", srid=SRID) if place else None  # type: ignore[assignment]  # GeoAlchemy2 binds either element
    evidence.accuracy_m = place.accuracy_m if place else None
    evidence.altitude_m = place.altitude_m if place else None
    evidence.content = dict(_content(record))


def _own_household(session: Session, evidence: Evidence, record: Record) -> list[Flag]:
    """Let a row that names a household of its own, as a vote in a village's meeting does, be evidence of that one."""
    code = str(record.value(HOUSEHOLD_FIELD) or "").strip()[:LONGEST_CODE]
    if not record.position or not code:
        return []
    household = find_household(session, evidence.county_code, code)
    evidence.household_code = code
    evidence.household_id = household.id if household is not None else None
    if household is None:
        return [{"from": "reading", "kind": "unknown-household", "text": code}]
    evidence.village_code = household.village_code
    return []


def _place(record: Record) -> Place | None:
    answers = (answer.value for answers in record.fields.values() for answer in answers)
    return next((value for value in answers if isinstance(value, Place)), None)


def _content(record: Record) -> Iterator[tuple[str, Any]]:
    """Yield the answers under their evidence names; money in fen, as everywhere behind the forms."""
    for name, answers in record.fields.items():
        values = [answer.value for answer in answers if answer.value is not None and not _is_file(answer)]
        values = [value for value in values if not isinstance(value, Place)]
        if not values or name == HOUSEHOLD_FIELD:
            continue
        if "_yuan" in name and all(isinstance(value, int | Decimal) for value in values):
            yield name.replace("_yuan", "_fen"), _alone([_fen(value) for value in values])
        else:
            yield name, _alone([_json(value) for value in values])


def _fen(value: Value) -> int:
    return int(Decimal(str(value)) * FEN_PER_YUAN)


def _alone(values: list[Any]) -> Any:
    return values[0] if len(values) == 1 else values


def _json(value: Value) -> Any:
    match value:
        case bool() | int() | str():
            return value
        case datetime() | date() | time():
            return value.isoformat()
        case Decimal():
            return str(value)
        case tuple():
            return [
                [part.longitude, part.latitude] if isinstance(part, Place) else part for part in value
            ]  # fmt: skip
        case Place():
            return [value.longitude, value.latitude]


def _is_file(answer: Answer) -> bool:
    return answer.question is not None and answer.question.type == "binary"


def _photos_of(session: Session, evidence: list[Evidence]) -> dict[tuple[UUID, str, str], Photo]:
    """Read the photos of all pieces at once: a long form has dozens of records."""
    if not evidence:
        return {}
    condition = (
        Photo.county_code == evidence[0].county_code,
        Photo.evidence_id.in_([piece.id for piece in evidence]),
    )
    photos = session.scalars(sa.select(Photo).where(*condition))
    return {(photo.evidence_id, photo.question, photo.name): photo for photo in photos}


def _replace_photos(
    session: Session,
    evidence: Evidence,
    found: Derivable,
    record: Record,
    known: dict[tuple[UUID, str, str], Photo],
) -> None:
    """Keep one row per photo named, its bytes known or still on their way; ids stay, as the evidence's do.

    What is taken from `known` is still named; what stays in it is gone.
    """
    for answers in record.fields.values():
        for answer in answers:
            if not _is_file(answer):
                continue
            name = str(answer.value)
            photo = known.pop((evidence.id, answer.path, name), None)
            if photo is None:
                photo = Photo(
                    county_code=evidence.county_code, evidence_id=evidence.id, question=answer.path, name=name
                )
                session.add(photo)
            if photo.sha256 != (arrived := found.files.get(name)):
                photo.sha256, photo.looked_at = arrived, None
