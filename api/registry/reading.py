"""Find households: the list with its filters, and one household; nothing outside the viewer's area."""

from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, selectinload

from api.people.access import Viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.registry.tables import Division, Household

# what the list may be sorted by; the code at the end makes the order whole
ORDERS = {
    "code": (Household.code,),
    "name": (Household.head_name, Household.code),
    "persons": (Household.persons, Household.code),
    "benefit": (Household.benefit_fen_per_month, Household.code),
    "since": (Household.benefit_since, Household.code),
}


def households(
    viewer: Viewer,
    *,
    area: str = "",
    scheme: str = "",
    on_roll: bool | None = None,
    registered_poor: bool | None = None,
    text: str = "",
    order: str = "code",
    permission: Permission = Permission.REGISTRY_READ,
) -> sa.Select[Household]:
    """Return the statement for the households that a viewer may see.

    Parameters
    ----------
    area : str
        A division code; only households in it.
    text : str
        Part of the householder's name, or the beginning of a household code.
    order : str
        One of `ORDERS`; a minus in front turns it round.
    permission
        What the rows are wanted for.
    """
    statement = sa.select(Household).where(viewer.within(Household.village_code, permission))
    if area:
        statement = statement.where(Household.village_code.startswith(area, autoescape=True))
    if scheme:
        statement = statement.where(Household.scheme == scheme)
    if on_roll is not None:
        statement = statement.where(Household.on_roll.is_(on_roll))
    if registered_poor is not None:
        statement = statement.where(Household.registered_poor.is_(registered_poor))
    if text:
        by_code = Household.code.startswith(text, autoescape=True)
        statement = statement.where(sa.or_(Household.head_name.contains(text, autoescape=True), by_code))
    columns = ORDERS.get(order.removeprefix("-"), ORDERS["code"])
    turned = order.startswith("-")
    return statement.order_by(*(column.desc() if turned else column.asc() for column in columns))


def count(session: Session, statement: sa.Select[Household]) -> int:
    """Return how many households a statement finds."""
    return session.scalar(sa.select(sa.func.count()).select_from(statement.order_by(None).subquery())) or 0


def household_by_id(session: Session, viewer: Viewer, household_id: UUID) -> Household:
    """Return a household with its members.

    Raises
    ------
    NotFound
        If there is none, or none in the viewer's area: he learns no difference.
    """
    return _one(session, viewer, Household.id == household_id)


def household_by_code(session: Session, viewer: Viewer, code: str) -> Household:
    """Return a household with its members by its code.

    Raises
    ------
    NotFound
        If there is none, or none in the viewer's area.
    """
    return _one(session, viewer, Household.code == code)


def _one(session: Session, viewer: Viewer, condition: sa.ColumnElement[bool]) -> Household:
    statement = households(viewer).where(condition).options(selectinload(Household.members))
    found = session.scalar(statement)
    if found is None:
        raise NotFound("找不到这户家庭，或不在您的管辖范围内")
    return found


def division_names(session: Session, codes: set[str]) -> dict[str, str]:
    """Return the names of divisions by code."""
    statement = sa.select(Division.code, Division.name).where(Division.code.in_(codes))
    return {code: name for code, name in session.execute(statement)}  # noqa: C416 - rows are no pairs to a type checker
