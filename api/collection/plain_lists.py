"""Lists that forms look things up in and never change: the villages of a worker's area, the standards in force."""

import csv
import io
from collections.abc import Callable, Iterable, Mapping
from decimal import ROUND_HALF_UP, Decimal
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.campaigns.reach import campaigns_for
from api.campaigns.stages import standard_in_force
from api.collection.entity_lists import LOCAL_DAY
from api.database import now
from api.people.access import Viewer
from api.people.roles import Permission
from api.registry.tables import SCHEMES, Division
from api.translations import translate

CENT: Final = Decimal("0.01")
SCHEME_NAMES: Final = {"urban": "城市低保", "rural": "农村低保"}


def villages(session: Session, worker: Viewer) -> bytes:
    """Return the villages of the worker's area with their townships, by code."""
    township = aliased(Division)
    rows = session.execute(
        sa.select(Division.code, Division.name, township.name)
        .join(township, township.code == Division.parent_code)
        .where(Division.level == "village", worker.within(Division.code, Permission.FORM_READ))
        .order_by(Division.code)
    )
    return _csv(("name", "label", "township"), rows)


def standards(session: Session, worker: Viewer) -> bytes:
    """Return the income line of each scheme that holds where the worker works, this year; at most one row each.

    Of several campaigns the newest that names one counts; a worker of several areas gets that of his first.
    """
    campaigns = campaigns_for(session, worker)
    area = next(iter(worker.areas(Permission.FORM_READ)), "")
    year = now().astimezone(LOCAL_DAY).year
    rows = []
    for scheme in SCHEMES:
        lines = (standard_in_force(campaign, area, scheme, year) for campaign in campaigns)
        if line := next(filter(None, lines), None):
            per_year = Decimal(line.fen_per_person_year) / 100
            per_month = (per_year / 12).quantize(CENT, ROUND_HALF_UP)
            label = f"{translate(worker.language, SCHEME_NAMES[scheme])} {line.year}"
            rows.append((scheme, label, scheme, line.year, per_year.quantize(CENT), per_month))
    return _csv(("name", "label", "scheme", "year", "yuan_per_person_year", "yuan_per_person_month"), rows)


PLAIN_LISTS: Final[Mapping[str, Callable[[Session, Viewer], bytes]]] = {
    "villages.csv": villages,
    "standards.csv": standards,
}


def _csv(heading: Iterable[str], rows: Iterable[Iterable[object]]) -> bytes:
    text = io.StringIO()
    writer = csv.writer(text, lineterminator="\r\n")
    writer.writerow(heading)
    writer.writerows(rows)
    return text.getvalue().encode()
