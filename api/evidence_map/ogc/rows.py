"""Read evidence as flat rows of a layer, in batches: five questions to the database for a thousand rows."""

import json
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any, Final, NamedTuple
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.degrees import rounded
from api.evidence.checks.rules import BY_KEY
from api.evidence.checks.tables import FieldCheck
from api.evidence.masking import Masks, mask_content, masks_of
from api.evidence.sorts import state_of
from api.evidence.tables import Evidence, Photo
from api.evidence_map.ogc.columns import Column, Reader, answers_of, flat_answers, readers_of
from api.people.access import Viewer
from api.people.tables import Account
from api.registry.reading import division_names

BATCH: Final = 1000
Key = tuple[str, UUID]  # county and id: the order of the table itself, which no new row changes


class Row(NamedTuple):
    """One piece of evidence as a layer shows it."""

    key: Key
    place: tuple[float, float] | None
    properties: dict[str, Any]


@dataclass(frozen=True)
class Ways:
    """What is the same for all rows of one answer: how to mask, which columns, where photos lie.

    Attributes
    ----------
    flat
        Answers are columns of their own; else one JSON text.
    """

    masks: Masks
    answers: Mapping[str, Mapping[str, Column]]
    readers: Mapping[str, Sequence[Reader]]
    address: str
    flat: bool

    @classmethod
    def now(cls, session: Session, viewer: Viewer, *, address: str, flat: bool) -> "Ways":
        """Return what holds at present."""
        masks, answers = masks_of(session), answers_of(session, viewer)
        readers = {kind: readers_of(kind, columns, masks) for kind, columns in answers.items()}
        return cls(masks, answers, readers, address, flat)


def read_rows(
    session: Session, condition: sa.ColumnElement[bool], ways: Ways, *, limit: int, after: Key | None = None
) -> tuple[list[Row], Key | None]:
    """Return some rows in the order of the table, and the key to go on after, None at the end.

    Parameters
    ----------
    condition
        On `Evidence`, with what the reader may see: `api.evidence_map.selection.selected`.
    """
    statement = (
        sa.select(
            Evidence.county_code, Evidence.id, Evidence.kind, Evidence.purpose, Evidence.household_code,
            Evidence.village_code, Evidence.account_id, Account.display_name, Evidence.collected_at,
            Evidence.received_at, Evidence.accuracy_m, Evidence.altitude_m, Evidence.content, Evidence.submission_id,
            state_of().label("state"), sa.func.ST_X(Evidence.place).label("x"), sa.func.ST_Y(Evidence.place).label("y"),
        )
        .join(Account, Account.id == Evidence.account_id)
        .where(condition)
        .order_by(Evidence.county_code, Evidence.id)
        .limit(limit + 1)
    )  # fmt: skip
    if after is not None:
        statement = statement.where(sa.tuple_(Evidence.county_code, Evidence.id) > after)
    found = session.execute(statement).all()
    more, found = len(found) > limit, found[:limit]
    beside = _Beside(session, [(row.county_code, row.id) for row in found], {row.village_code for row in found})
    answers = _answers(found, ways)
    rows = [_row(row, beside, ways, answers.get(row.id, {})) for row in found]
    return rows, rows[-1].key if more and rows else None


def all_rows(session: Session, condition: sa.ColumnElement[bool], ways: Ways) -> Iterator[list[Row]]:
    """Yield every row that fits, a batch at a time."""
    after: Key | None = None
    while True:
        rows, after = read_rows(session, condition, ways, limit=BATCH, after=after)
        yield rows
        if after is None:
            return


def moment(value: datetime | None) -> str | None:
    """Return a moment as RFC 3339 writes it, in UTC.

    Examples
    --------
    >>> moment(datetime(2026, 7, 1, 8, 30, tzinfo=UTC))
    '2026-07-01T08:30:00Z'
    """
    return None if value is None else value.astimezone(UTC).isoformat(timespec="seconds").replace("+00:00", "Z")


class _Beside:
    """What other tables hold of a batch of rows."""

    def __init__(self, session: Session, keys: list[Key], villages: set[str]) -> None:
        counties, ids = {county for county, _ in keys}, [one for _, one in keys]
        self.photos: dict[UUID, list[UUID]] = {}
        self.rules: dict[UUID, list[str]] = {}
        self.names = division_names(session, villages | {code[:9] for code in villages}) if keys else {}
        if not keys:
            return
        photos = sa.select(Photo.evidence_id, Photo.id).where(
            Photo.county_code.in_(counties), Photo.evidence_id.in_(ids)
        )
        for evidence, photo in session.execute(photos.order_by(Photo.id)):
            self.photos.setdefault(evidence, []).append(photo)
        checks = sa.select(FieldCheck.evidence_id, FieldCheck.rule).where(
            FieldCheck.county_code.in_(counties), FieldCheck.evidence_id.in_(ids)
        )
        for evidence, rule in session.execute(checks.order_by(FieldCheck.rule)):
            self.rules.setdefault(evidence, []).append(rule)


def _answers(found: Sequence[Any], ways: Ways) -> dict[UUID, dict[str, Any]]:
    """Return the answers of each row, masked."""
    if not ways.flat:
        return {
            row.id: {"answers": json.dumps(mask_content(row.kind, row.content, ways.masks), ensure_ascii=False)}
            for row in found
        }
    answers: dict[UUID, dict[str, Any]] = {}
    for kind in {row.kind for row in found}:
        same = [row for row in found if row.kind == kind]
        flat = flat_answers([row.content for row in same], ways.readers.get(kind, ()))
        answers.update(zip([row.id for row in same], flat, strict=True))
    return answers


def _row(row: Any, beside: _Beside, ways: Ways, answers: dict[str, Any]) -> Row:
    rules, photos = beside.rules.get(row.id, ()), beside.photos.get(row.id, ())
    worst = {BY_KEY[rule].severity for rule in rules if rule in BY_KEY}
    village, names = row.village_code, beside.names
    township = village[:9]
    properties = {
        "kind": row.kind,
        "purpose": row.purpose,
        "household": row.household_code,
        "county_code": row.county_code,
        "township_code": township,
        "township": names.get(township),
        "village_code": village,
        "village": names.get(village),
        "worker_id": str(row.account_id),
        "worker": row.display_name,
        "collected_at": moment(row.collected_at),
        "received_at": moment(row.received_at),
        "accuracy_m": row.accuracy_m,
        "altitude_m": row.altitude_m,
        "state": row.state,
        "severity": "doubt" if "doubt" in worst else "look" if worst else "",
        "doubts": len(rules),
        "rules": ",".join(rules),
        "photo_count": len(photos),
        "photos": " ".join([f"{ways.address}/api/evidence/{row.id}/photos/{photo}" for photo in photos]),
        "submission_id": str(row.submission_id),
        **answers,
    }
    x, y = rounded(row.x), rounded(row.y)
    return Row((row.county_code, row.id), (x, y) if x is not None and y is not None else None, properties)
