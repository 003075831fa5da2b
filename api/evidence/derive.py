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
from api.collection.households import HOUSEHOLD_FIELD, Flag
from api.collection.tables import Submission
from api.database import insert_at_once, new_id
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
    before = {} if found.fresh else _made_before(session, submission)
    flags: list[Flag] = []
    shown = records(found.answers)
    made: list[dict[str, Any]] = []
    photos: list[dict[str, Any]] = []
    for record in shown:
        question = "/".join([record.kind, *map(str, record.position)])
        columns = _columns(found, record)
        evidence = before.pop(question, None)
        if evidence is None:
            key = new_id()
            made.append({**columns, "id": key, "question": question})
            photos += [_photo(found, key, answer) for answer in _files(record)]
        else:
            for name, value in columns.items():
                setattr(evidence, name, value)
            photos += _replace_photos(session, evidence, found, record)
    insert_at_once(session, Evidence, made)
    insert_at_once(session, Photo, photos)
    if before:
        session.execute(
            sa.delete(Evidence).where(
                Evidence.county_code == submission.county_code,
                Evidence.id.in_([evidence.id for evidence in before.values()]),
            )
        )
    if not shown:
        flags.append({"from": "deriving", "kind": "no-evidence", "text": ""})
    session.flush()
    return flags


def _made_before(session: Session, submission: Submission) -> dict[str, Evidence]:
    mine = (Evidence.county_code == submission.county_code, Evidence.submission_id == submission.id)
    return {evidence.question: evidence for evidence in session.scalars(sa.select(Evidence).where(*mine))}


def _columns(found: Derivable, record: Record) -> dict[str, Any]:
    submission = found.submission
    place = _place(record)
    return {
        "county_code": submission.county_code,
        "submission_id": submission.id,
        "kind": record.kind,
        "purpose": submission.purpose,
        "household_id": submission.household_id,
        "household_code": submission.household_code,
        "village_code": submission.village_code,
        "account_id": submission.account_id,
        "received_at": submission.received_at,
        "collected_at": next((seen for name in TIMES if isinstance(seen := record.value(name), datetime)), None),
        "place": WKTElement(f"POINT({place.longitude!r} {place.latitude!r})", srid=SRID) if place else None,
        "accuracy_m": place.accuracy_m if place else None,
        "altitude_m": place.altitude_m if place else None,
        "content": dict(_content(record)),
    }


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


def _files(record: Record) -> Iterator[Answer]:
    return (answer for answers in record.fields.values() for answer in answers if _is_file(answer))


def _photo(found: Derivable, evidence_id: UUID, answer: Answer) -> dict[str, Any]:
    """Return the row of a photo that is named, its bytes known or still on their way."""
    name = str(answer.value)
    return {
        "county_code": found.submission.county_code,
        "evidence_id": evidence_id,
        "question": answer.path,
        "name": name,
        "sha256": found.files.get(name),
    }


def _replace_photos(session: Session, evidence: Evidence, found: Derivable, record: Record) -> list[dict[str, Any]]:
    """Keep one row per photo named; ids stay, as the evidence's do. Return those that are still to be inserted."""
    mine = (Photo.county_code == evidence.county_code, Photo.evidence_id == evidence.id)
    before: dict[tuple[str, str], Photo] = {
        (photo.question, photo.name): photo for photo in session.scalars(sa.select(Photo).where(*mine))
    }
    gone: set[UUID] = {photo.id for photo in before.values()}
    new = []
    for answer in _files(record):
        photo = before.get((answer.path, str(answer.value)))
        if photo is None:
            new.append(_photo(found, evidence.id, answer))
        else:
            gone.discard(photo.id)
            photo.sha256 = found.files.get(photo.name)
    if gone:
        session.execute(sa.delete(Photo).where(*mine, Photo.id.in_(gone)))
    return new
