"""Find divisions, households, workers and words in answers: only what may be seen, each with where it lies."""

import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.reading import CHINA
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division, Household

EACH: Final = 6  # hits of one sort
LONGEST: Final = 60
NEWEST: Final = 50_000  # pieces whose answers are searched: all of a county, the latest of a region
LEAST_TEXT: Final = 2  # characters
NUMBERISH: Final = re.compile(r"\d{4}")  # part of a person's number: nobody finds out by asking whose it is
AROUND: Final = 0.004  # degrees around a place to fly to
Box = tuple[float, float, float, float]


@dataclass(frozen=True)
class Hit:
    """Something found: ``division``, ``household``, ``worker`` or ``evidence``, and its code or id."""

    kind: str
    label: str
    detail: str
    code: str
    bbox: Box | None


def find(session: Session, viewer: Viewer, asked: str) -> list[Hit]:
    """Return what fits best first: a household's code, a division, a head's name, a worker, words in answers.

    Parameters
    ----------
    asked
        Digits may be full-width, a household's code without its hyphen.

    Notes
    -----
    Words in answers are looked for in the latest 50,000 pieces that the reader may see, and not when they look like
    a part of a person's number.
    """
    asked = unicodedata.normalize("NFKC", asked).strip()[:LONGEST]
    if not asked:
        return []
    return [
        *_households(session, viewer, asked), *_divisions(session, viewer, asked), *_workers(session, viewer, asked),
        *_answers(session, viewer, asked),
    ]  # fmt: skip


def _households(session: Session, viewer: Viewer, asked: str) -> Iterator[Hit]:
    """Yield households with evidence the reader may see, and those of the roll he may read."""
    village = 12
    digits = asked.replace("-", "")
    code = f"{digits[:village]}-{digits[village:]}" if digits.isdigit() and len(digits) > village else asked
    seen = sa.exists().where(
        Evidence.county_code == Household.county_code, Evidence.household_id == Household.id, visible_evidence(viewer)
    )
    may = sa.or_(viewer.within(Household.village_code, Permission.REGISTRY_READ), seen)
    fits = [Household.code.startswith(code, autoescape=True)]
    if not digits.isdigit():
        fits.append(Household.head_name.contains(asked, autoescape=True))
    rows = session.execute(
        sa.select(
            Household.code, Household.head_name, Household.address,
            sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place),
        )
        .where(may, sa.or_(*fits))
        .order_by(Household.code)
        .limit(EACH)
    )  # fmt: skip
    for key, name, address, x, y in rows:
        yield Hit("household", name, f"{key} {address}".strip(), key, _around(x, y))


def _divisions(session: Session, viewer: Viewer, asked: str) -> Iterator[Hit]:
    fits = sa.or_(Division.name.contains(asked, autoescape=True), Division.code.startswith(asked, autoescape=True))
    parent = sa.orm.aliased(Division)
    rows = session.execute(
        sa.select(Division.code, Division.name, parent.name)
        .outerjoin(parent, parent.code == Division.parent_code)
        .where(viewer.within(Division.code, Permission.EVIDENCE_READ), fits)
        .order_by(sa.func.length(Division.code), Division.code)
        .limit(EACH)
    ).all()
    for code, name, above in rows:
        x, y = sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place)
        box = session.execute(
            sa.select(sa.func.min(x), sa.func.min(y), sa.func.max(x), sa.func.max(y)).where(
                Household.village_code >= code, Household.village_code < f"{code}~"
            )
        ).one()
        yield Hit("division", name, above or code, code, (*box,) if box[0] is not None else None)


def _workers(session: Session, viewer: Viewer, asked: str) -> Iterator[Hit]:
    made = sa.exists().where(Evidence.account_id == Account.id, visible_evidence(viewer))
    rows = session.execute(
        sa.select(Account.id, Account.display_name)
        .where(Account.display_name.contains(asked, autoescape=True), made)
        .order_by(Account.display_name)
        .limit(EACH)
    )
    for key, name in rows:
        yield Hit("worker", name, "", str(key), None)


def _answers(session: Session, viewer: Viewer, asked: str) -> Iterator[Hit]:
    if len(asked) < LEAST_TEXT or NUMBERISH.search(asked) or asked.isdigit():
        return
    # the embedded database keeps JSON as written: letters beyond ASCII as escapes
    embedded = session.get_bind().dialect.name == "sqlite"
    written = json.dumps(asked)[1:-1] if embedded else asked
    newest = (
        sa.select(Evidence.county_code, Evidence.id)
        .where(visible_evidence(viewer))
        .order_by(Evidence.id.desc())
        .limit(NEWEST)
        .subquery()
    )
    at = sa.func.coalesce(Evidence.collected_at, Evidence.received_at, type_=Evidence.received_at.type)
    rows = session.execute(
        sa.select(
            Evidence.id, Evidence.household_code, Evidence.content, at, sa.func.ST_X(Evidence.place),
            sa.func.ST_Y(Evidence.place),
        )
        .join(newest, sa.and_(newest.c.county_code == Evidence.county_code, newest.c.id == Evidence.id))
        .where(sa.cast(Evidence.content, sa.Text).contains(written, autoescape=True))
        .order_by(Evidence.id.desc())
        .limit(EACH * 3)
    )  # fmt: skip
    told = 0
    for key, code, content, seen_at, x, y in rows:
        texts = [value for value in content.values() if isinstance(value, str)]
        text = next((value for value in texts if asked.casefold() in value.casefold()), "")
        if not text or told == EACH:
            continue
        told += 1
        cut = max(0, text.casefold().find(asked.casefold()) - 8)
        snippet = f"{'…' if cut else ''}{text[cut : cut + 30]}"
        yield Hit("evidence", snippet, f"{code or ''} {seen_at.astimezone(CHINA):%Y-%m-%d}", str(key), _around(x, y))


def _around(x: float | None, y: float | None) -> Box | None:
    return (x - AROUND, y - AROUND, x + AROUND, y + AROUND) if x is not None and y is not None else None
