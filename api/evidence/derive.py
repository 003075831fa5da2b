"""Make evidence from a submission, by what its form declares: a changed form needs no code here."""

from collections.abc import Iterator
from datetime import MAXYEAR, MINYEAR, date, datetime, time
from decimal import Decimal
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from geoalchemy2 import WKTElement
from sqlalchemy.orm import Session

from api.collection.derive import Derivable
from api.collection.households import HOUSEHOLD_FIELD, LONGEST_CODE, Flag, find_household
from api.collection.tables import Submission
from api.database import insert_at_once, new_id
from api.evidence.changes import note_change
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
    villages = {submission.village_code, *(evidence.village_code for evidence in before.values())}
    known = _photos_of(session, list(before.values()))
    flags: list[Flag] = []
    made: list[dict[str, Any]] = []
    photos: list[dict[str, Any]] = []
    shown = records(found.answers)
    for record in shown:
        question = "/".join([record.kind, *map(str, record.position)])
        columns = _columns(found, record)
        flags += _own_household(session, columns, record)
        villages.add(columns["village_code"])
        evidence = before.pop(question, None)
        if evidence is None:
            columns |= {"id": new_id(), "submission_id": submission.id, "question": question}
            made.append(columns)
        else:
            columns["id"] = evidence.id
            for name, value in columns.items():
                setattr(evidence, name, value)
        photos += _photos(columns["id"], found, record, known)
    insert_at_once(session, Evidence, made)
    insert_at_once(session, Photo, photos)
    gone = [evidence.id for evidence in before.values()]
    for row, ids in ((Evidence, gone), (Photo, [photo.id for photo in known.values()])):
        if ids:
            session.execute(sa.delete(row).where(row.county_code == submission.county_code, row.id.in_(ids)))
    note_change(session, villages)
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
        "kind": record.kind,
        "purpose": submission.purpose,
        "household_id": submission.household_id,
        "household_code": submission.household_code,
        "village_code": submission.village_code,
        "account_id": submission.account_id,
        "received_at": submission.received_at,
        "collected_at": next(filter(None, (_moment(record.value(name)) for name in TIMES)), None),
        "place": WKTElement(f"POINT({place.longitude!r} {place.latitude!r})", srid=SRID) if place else None,
        "accuracy_m": place.accuracy_m if place else None,
        "altitude_m": place.altitude_m if place else None,
        "content": dict(_content(record)),
    }


def _moment(value: Any) -> datetime | None:
    """Return a moment that can be shown in every zone; a clock beyond the calendar's ends says nothing."""
    return value if isinstance(value, datetime) and MINYEAR < value.year < MAXYEAR else None


def _own_household(session: Session, columns: dict[str, Any], record: Record) -> list[Flag]:
    """Let a row that names a household of its own, as a vote in a village's meeting does, be evidence of that one."""
    code = str(record.value(HOUSEHOLD_FIELD) or "").strip()[:LONGEST_CODE]
    if not record.position or not code:
        return []
    household = find_household(session, columns["county_code"], code)
    columns["household_code"] = code
    columns["household_id"] = household.id if household is not None else None
    if household is None:
        return [{"from": "reading", "kind": "unknown-household", "text": code}]
    columns["village_code"] = household.village_code
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


def _photos(
    evidence_id: UUID, found: Derivable, record: Record, known: dict[tuple[UUID, str, str], Photo]
) -> Iterator[dict[str, Any]]:
    """Keep one row per photo named, its bytes known or still on their way; yield those that are new.

    What is taken from `known` is still named, and its id stays; what stays in it is gone.
    """
    for answers in record.fields.values():
        for answer in answers:
            if not _is_file(answer):
                continue
            name = str(answer.value)
            photo = known.pop((evidence_id, answer.path, name), None)
            arrived = found.files.get(name)
            if photo is None:
                yield {
                    "county_code": found.submission.county_code,
                    "evidence_id": evidence_id,
                    "question": answer.path,
                    "name": name,
                    "sha256": arrived,
                }
            elif photo.sha256 != arrived:
                photo.sha256, photo.looked_at = arrived, None
