"""Find divisions, households, workers and words in answers: only what may be seen, each with where it lies."""

import itertools
import json
import re
import unicodedata
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.evidence.masking import mask_content, masks_of
from api.evidence.reading import CHINA
from api.evidence.tables import Evidence
from api.evidence.visible import visible_evidence
from api.people.access import Viewer
from api.people.roles import Permission
from api.people.tables import Account
from api.registry.tables import Division, Household

MOST: Final = 20  # hits
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

    A head is found by name, and named, where the reader may read the registry, and where he has been himself.

    Parameters
    ----------
    asked
        Digits may be full-width, a household's code without its hyphen.

    Notes
    -----
    Words in answers are looked for in the latest 50,000 pieces that the reader may see, with the numbers of persons
    in them masked, and not when they look like a part of such a number.
    """
    asked = unicodedata.normalize("NFKC", asked).strip()[:LONGEST]
    if not asked:
        return []
    households, divisions = _households(session, viewer, asked), _divisions(session, viewer, asked)
    first = (households, divisions) if asked.replace("-", "").isdigit() else (divisions, households)
    rest = (_workers(session, viewer, asked), _answers(session, viewer, asked))
    return list(itertools.islice(itertools.chain(*first, *rest), MOST))


def _households(session: Session, viewer: Viewer, asked: str) -> Iterator[Hit]:
    """Yield households with evidence the reader may see, and those of the roll he may read."""
    village = 12
    digits = asked.replace("-", "")
    code = f"{digits[:village]}-{digits[village:]}" if digits.isdigit() and len(digits) > village else asked
    seen = sa.exists().where(
        Evidence.county_code == Household.county_code, Evidence.household_id == Household.id, visible_evidence(viewer)
    )
    been = sa.exists().where(
        Evidence.county_code == Household.county_code, Evidence.household_id == Household.id,
        Evidence.account_id == viewer.account_id, visible_evidence(viewer),
    )  # fmt: skip
    read = viewer.within(Household.village_code, Permission.REGISTRY_READ)
    fits = sa.and_(sa.or_(read, seen), Household.code.startswith(code, autoescape=True))
    if not digits.isdigit():
        fits = sa.or_(fits, sa.and_(sa.or_(read, been), Household.head_name.contains(asked, autoescape=True)))
    rows = session.execute(
        sa.select(
            Household.code, Household.head_name, Household.address, sa.or_(read, been),
            sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place),
        )
        .where(fits)
        .order_by(Household.code)
        .limit(EACH)
    )  # fmt: skip
    for key, name, address, named, x, y in rows:
        label, detail = (name, f"{key} {address}".strip()) if named else (key, "")
        yield Hit("household", label, detail, key, _around(x, y))


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
    written = json.dumps(asked, ensure_ascii=embedded)[1:-1]
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
            Evidence.id, Evidence.household_code, Evidence.kind, Evidence.content, at, sa.func.ST_X(Evidence.place),
            sa.func.ST_Y(Evidence.place),
        )
        .join(newest, sa.and_(newest.c.county_code == Evidence.county_code, newest.c.id == Evidence.id))
        .where(sa.cast(Evidence.content, sa.Text).contains(written, autoescape=True))
        .order_by(Evidence.id.desc())
        .limit(EACH * 3)
    )  # fmt: skip
    told, masks = 0, masks_of(session)
    for key, code, kind, content, seen_at, x, y in rows:
        texts = [value for value in mask_content(kind, content, masks).values() if isinstance(value, str)]
        text = next((value for value in texts if asked.casefold() in value.casefold()), "")
        if not text or told == EACH:
            continue
        told += 1
        cut = max(0, text.casefold().find(asked.casefold()) - 8)
        snippet = f"{'…' if cut else ''}{text[cut : cut + 30]}"
        yield Hit("evidence", snippet, f"{code or ''} {seen_at.astimezone(CHINA):%Y-%m-%d}", str(key), _around(x, y))


def _around(x: float | None, y: float | None) -> Box | None:
    return (x - AROUND, y - AROUND, x + AROUND, y + AROUND) if x is not None and y is not None else None
