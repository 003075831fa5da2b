"""Find refused postings: the operator's filters, always behind his area and his blindness."""

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date, datetime, time, timedelta
from typing import Any, Final
from uuid import UUID
from zoneinfo import ZoneInfo

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from api.collection.blindness import check_of_code_is_open
from api.collection.tables import Quarantined
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account, Token
from api.problems import NotFound

STATES: Final = ("open", "released", "discarded")
CHINA: Final = ZoneInfo("Asia/Shanghai")  # a day is a day in the county
ORDERS: Final[dict[str, Any]] = {
    "last": Quarantined.last_at,
    "first": Quarantined.first_at,
    "sender": Account.display_name,
    "reason": Quarantined.stands_for,
    "times": Quarantined.times,
    "bytes": Quarantined.bytes,
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """What an operator wants to see; empty means everything.

    Attributes
    ----------
    state
        One of `STATES`.
    reason
        Why it is not in now.
    area
        A division code; postings of senders who work in it.
    sender
        An account.
    since, until
        Days of the last try, in the county's time.
    text
        Part of the sender's name, or the beginning of a household code or instance id.
    """

    state: str = "open"
    reason: str = ""
    area: str = ""
    sender: UUID | None = None
    form: str = ""
    since: date | None = None
    until: date | None = None
    text: str = ""


def kept_aside(viewer: Viewer, filters: Filters, *, order: str = "-last") -> sa.Select[Quarantined, Account, Token]:
    """Return the statement of what an operator may see, with who sent it from which phone.

    Parameters
    ----------
    order : str
        One of `ORDERS`; a minus in front turns it round.
    """
    column = ORDERS.get(order.removeprefix("-"), Quarantined.last_at)
    return (
        sa.select(Quarantined, Account, Token)
        .join(Account, Account.id == Quarantined.account_id)
        .join(Token, Token.id == Quarantined.token_id)
        .where(_may_see(viewer), *_conditions(filters))
        .order_by(column.desc() if order.startswith("-") else column.asc(), Quarantined.id)
    )


def find_kept_aside(session: Session, viewer: Viewer, quarantined_id: UUID, *, hold: bool = False) -> Quarantined:
    """Return one refused posting that the operator may see, with everything that was done to it.

    Parameters
    ----------
    hold
        Until the end of the transaction nobody else decides it.

    Raises
    ------
    NotFound
        There is none, or it is of another area, or of a household that the operator is to check himself.
    """
    statement = sa.select(Quarantined).where(_may_see(viewer), Quarantined.id == quarantined_id)
    if hold:
        statement = statement.with_for_update().execution_options(populate_existing=True)
    found = session.scalar(statement.options(selectinload(Quarantined.acts)))
    if found is None:
        raise NotFound("找不到这条留存记录", where="quarantined_id")
    return found


def how_many(session: Session, viewer: Viewer, filters: Filters) -> int:
    """Return how many an operator may see."""
    rows = kept_aside(viewer, filters).order_by(None).with_only_columns(Quarantined.id).subquery()
    return session.scalars(sa.select(sa.func.count()).select_from(rows)).one()


def by_reason(session: Session, viewer: Viewer, state: str) -> list[tuple[str, int]]:
    """Return how many there are of each reason, the most frequent first."""
    counted = sa.func.count()
    statement = (
        sa.select(Quarantined.stands_for, counted)
        .where(_may_see(viewer), Quarantined.state == state)
        .group_by(Quarantined.stands_for)
        .order_by(counted.desc(), Quarantined.stands_for)
    )
    return [(reason, count) for reason, count in session.execute(statement)]


def senders(session: Session, viewer: Viewer) -> Sequence[Account]:
    """Return everybody of whom something is kept aside, by name."""
    mine = sa.select(Quarantined.account_id).where(_may_see(viewer))
    return session.scalars(sa.select(Account).where(Account.id.in_(mine)).order_by(Account.display_name)).all()


def division_or_none(text: str) -> str:
    """Return a county's, township's or village's code as typed or chosen; what is none asks for nothing.

    Examples
    --------
    >>> division_or_none("540222100"), division_or_none("540222x"), division_or_none("54")
    ('540222100', '', '')
    """
    return text if text.isascii() and text.isdigit() and len(text) in {6, 9, 12} else ""


def _may_see(viewer: Viewer) -> sa.ColumnElement[bool]:
    blind = check_of_code_is_open(viewer, Quarantined.household_code)
    return sa.and_(
        viewer.within(Quarantined.area_code, Permission.QUARANTINE),
        sa.or_(Quarantined.account_id == viewer.account_id, sa.not_(blind)),
    )


def _conditions(filters: Filters) -> list[sa.ColumnElement[bool]]:
    conditions: list[sa.ColumnElement[bool]] = [Quarantined.state == filters.state]
    if filters.reason:
        conditions.append(Quarantined.stands_for == filters.reason)
    if filters.area:
        conditions.append(inside(Quarantined.area_code, [filters.area]))
    if filters.sender is not None:
        conditions.append(Quarantined.account_id == filters.sender)
    if filters.form:
        conditions.append(Quarantined.form_id == filters.form)
    if filters.since is not None:
        conditions.append(Quarantined.last_at >= _midnight(filters.since))
    if filters.until is not None:
        conditions.append(Quarantined.last_at < _midnight(filters.until + timedelta(days=1)))
    if filters.text:
        conditions.append(
            sa.or_(
                Account.display_name.contains(filters.text, autoescape=True),
                Quarantined.household_code.startswith(filters.text, autoescape=True),
                Quarantined.instance_id.startswith(filters.text, autoescape=True),
                Quarantined.device_id.startswith(filters.text, autoescape=True),
            )
        )
    return conditions


def _midnight(day: date) -> datetime:
    return datetime.combine(day, time(), tzinfo=CHINA)
