"""The lists of households a phone works through: each worker's own, row by row entities that a form can update.

What disappears from a list is deleted on the phone, and a row is taken again only when its version has grown (ODK
XForms specification, "Entities"; docs.getodk.org/openrosa-form-list). So every row's version says all that the row
shows, and the list's token is made of rows and versions alone: an unchanged list costs one narrow query.
"""

import csv
import hashlib
import io
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased

from api.campaigns.tables import Stage
from api.collection.tables import Assignment
from api.database import now
from api.people.access import COUNTY_LENGTH, Viewer, inside
from api.people.roles import GRANTED, Permission, Role
from api.registry.proposals.tables import HouseholdProposal
from api.registry.tables import Division, Household

HEAD: Final = ("name", "label", "__version")  # Collect drops a list without a word when one of them is missing
LOCAL_DAY: Final = ZoneInfo("Asia/Shanghai")
RETURNED: Final = "〔退回：{reason}〕"  # the same in every language: a phone's list has but one
MOST_MISSED: Final = 3_000  # rows a phone of few gigabytes still searches without waiting

Row = Any  # of a statement with the list's columns, `key`, `version`, `longitude` and `latitude`


@dataclass(frozen=True)
class EntityList:
    """One kind of list, the same for every worker but for its rows.

    Attributes
    ----------
    name : str
        The data set; its file is ``<name>.csv``.
    columns : tuple of str
        Properties after `HEAD`; the last is the place.
    state : callable
        ``(session, worker)`` → a text that names each row and its version, always in the same order.
    keys : callable
        ``(session, worker)`` → the key of each row.
    rows : callable
        ``(session, worker)`` → the rows.
    """

    name: str
    columns: tuple[str, ...]
    state: Callable[[Session, Viewer], str]
    keys: Callable[[Session, Viewer], Iterable[UUID]]
    rows: Callable[[Session, Viewer], Iterable[Row]]

    def token(self, session: Session, worker: Viewer) -> str:
        """Return 32 hex digits that change exactly when the worker's list does."""
        text = f"{','.join((*HEAD, *self.columns))}\n{self.state(session, worker)}"
        # as long as the hash that phones expect in a manifest
        return hashlib.md5(text.encode(), usedforsecurity=False).hexdigest()

    def ids(self, session: Session, worker: Viewer) -> set[str]:
        """Return the entities that the worker's list holds now."""
        return set(map(entity_id, self.keys(session, worker)))

    def content(self, session: Session, worker: Viewer) -> bytes:
        """Return the list as CSV (RFC 4180, UTF-8); what looks like a formula is data here and stays as it is."""
        text = io.StringIO()
        writer = csv.writer(text, lineterminator="\r\n")
        writer.writerow((*HEAD, *self.columns))
        properties = [name for name in self.columns if name != "geometry"]
        for row in self.rows(session, worker):
            label = f"{row.code} {row.head_name} {row.village}".replace("  ", " ")
            if returned := getattr(row, "returned_note", ""):
                label = RETURNED.replace("{reason}", returned) + label
            shown = [getattr(row, name) for name in properties]
            writer.writerow((entity_id(row.key), label, row.version, *shown, geometry(row.longitude, row.latitude)))
        return text.getvalue().encode()


def entity_id(key: UUID) -> str:
    """Return the entity that stands for an assignment or a household on phones: a UUID version 4, always the same.

    Examples
    --------
    >>> entity_id(UUID(int=1))
    '080c1f90-3e88-411a-a0bf-d25dd5292223'
    """
    return str(UUID(bytes=hashlib.sha256(b"ruhu entity" + key.bytes).digest()[:16], version=4))


def geometry(longitude: float | None, latitude: float | None) -> str:
    """Return a place as phones write a point: latitude, longitude, altitude and accuracy unknown.

    Examples
    --------
    >>> geometry(89.6021, 28.9147), geometry(None, None)
    ('28.9147 89.6021 0 0', '')
    """
    return "" if longitude is None or latitude is None else f"{latitude!r} {longitude!r} 0 0"


def standing(worker: Viewer, purpose: str) -> sa.ColumnElement[bool]:
    """Return the condition on `Assignment` of a worker's own: neither withdrawn nor done and the campaign over.

    What is done stays until the campaign's last day, so that the worker can still correct what he sent.
    """
    last_day = sa.select(sa.func.max(Stage.ends_on)).where(Stage.campaign_id == Assignment.campaign_id)
    today = now().astimezone(LOCAL_DAY).date()
    goes_on = sa.func.coalesce(last_day.scalar_subquery(), today, type_=sa.Date()) >= today
    return sa.and_(
        _in_counties(Assignment.county_code, worker),
        Assignment.account_id == worker.account_id,
        Assignment.purpose == purpose,
        Assignment.withdrawn_at.is_(None),
        sa.or_(Assignment.completed_at.is_(None), goes_on),
    )


def _areas(worker: Viewer) -> tuple[str, ...]:
    return worker.areas(Permission.SUBMISSION_SEND)


def _in_counties(column: sa.SQLColumnExpression[str], worker: Viewer) -> sa.ColumnElement[bool]:
    """Keep to the worker's counties: equal where it can be, so that an index goes on with the next column."""
    areas = _areas(worker)
    if any(len(area) < COUNTY_LENGTH for area in areas):
        return inside(column, {area[:COUNTY_LENGTH] for area in areas})
    return column.in_({area[:COUNTY_LENGTH] for area in areas})


def _not_blind(worker: Viewer) -> sa.ColumnElement[bool]:
    """Leave out households that this worker has still to check for the county: he may see no corrected value."""
    check = aliased(Assignment)
    return Household.id.not_in(  # looked up once: nearly nobody who surveys has a check of his own
        sa.select(check.household_id).where(
            _in_counties(check.county_code, worker),
            check.account_id == worker.account_id,
            check.purpose == "spot_check",
            check.withdrawn_at.is_(None),
            check.completed_at.is_(None),
        )
    )


SHOWN: Final = (
    Household.version,
    Household.code,
    Household.head_name,
    Division.name.label("village"),
    Household.village_code,
    Household.address,
    Household.persons,
    Household.scheme,
    sa.func.ST_X(Household.place).label("longitude"),
    sa.func.ST_Y(Household.place).label("latitude"),
)


def _assigned(worker: Viewer, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(Assignment.id.label("key"), *columns)
        .select_from(Assignment)
        .join(
            Household,
            sa.and_(Household.county_code == Assignment.county_code, Household.id == Assignment.household_id),
        )
        .where(standing(worker, "township_visit"), inside(Household.village_code, _areas(worker)), _not_blind(worker))
    )


def _state(session: Session, statement: sa.Select[Any]) -> str:
    """Return key and version of all rows as one text: made by the database, for thousands of rows cost time here."""
    rows = statement.subquery()
    line = sa.cast(rows.c.key, sa.String) + ":" + sa.cast(rows.c.version, sa.String)
    return session.scalar(sa.select(sa.func.aggregate_strings(line, ";").aggregate_order_by(line))) or ""


def _assigned_state(session: Session, worker: Viewer) -> str:
    return _state(session, _assigned(worker, Household.version))


def _assigned_keys(session: Session, worker: Viewer) -> Iterable[UUID]:
    return session.scalars(_assigned(worker))


def _assigned_rows(session: Session, worker: Viewer) -> Iterable[Row]:
    statement = _assigned(worker, Assignment.returned_note, *SHOWN).join(
        Division, Division.code == Household.village_code
    )
    return session.execute(statement.order_by(Household.village_code, Household.code, Assignment.id))


def _untouched(worker: Viewer) -> sa.ColumnElement[bool]:
    """Leave out, where someone works as a checker alone, households of which a visit has proposed anything.

    Only so can no value and no version on a checker's phone come from a visit.
    """
    senders = [(role, area) for role, area in worker.grants if Permission.SUBMISSION_SEND in GRANTED[role]]
    surveyed = {area for role, area in senders if role is not Role.SPOT_CHECKER}
    proposed = sa.exists().where(
        HouseholdProposal.county_code == Household.county_code, HouseholdProposal.household_id == Household.id
    )
    return sa.or_(inside(Household.village_code, surveyed), ~proposed)


def _missed(worker: Viewer, *columns: Any) -> sa.Select[Any]:
    return (
        sa.select(Household.id.label("key"), *columns)
        .select_from(Household)
        .where(
            _in_counties(Household.county_code, worker),
            inside(Household.village_code, _areas(worker)),
            Household.registered_poor.is_(True),
            Household.on_roll.is_(False),
            _not_blind(worker),
            _untouched(worker),
        )
        .order_by(Household.village_code, Household.code)
        .limit(MOST_MISSED)
    )


def _missed_state(session: Session, worker: Viewer) -> str:
    return _state(session, _missed(worker, Household.version))


def _missed_keys(session: Session, worker: Viewer) -> Iterable[UUID]:
    return session.scalars(_missed(worker))


def _missed_rows(session: Session, worker: Viewer) -> Iterable[Row]:
    return session.execute(_missed(worker, *SHOWN).join(Division, Division.code == Household.village_code))


COLUMNS: Final = ("code", "head_name", "village", "village_code", "address", "persons", "scheme", "geometry")

# what the township gave this worker to visit
HOUSEHOLDS: Final = EntityList("households", COLUMNS, _assigned_state, _assigned_keys, _assigned_rows)

# registered-poor households not on the roll, in the worker's area
MISSED_HOUSEHOLDS: Final = EntityList(
    "missed_households",
    tuple(name for name in COLUMNS if name != "scheme"),
    _missed_state,
    _missed_keys,
    _missed_rows,
)
