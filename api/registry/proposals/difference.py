"""What a visit says of a household beside what the roll says: only what differs is worth proposing."""

import math
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.registry.proposals.tables import FIELDS
from api.registry.secrecy import Secrecy
from api.registry.tables import Household

EARTH_RADIUS_M: Final = 6_371_008.8  # mean radius R1 of WGS 84
SAME_PLACE_M: Final = 30  # two readings of a phone at one door differ so much; nearer is not another place


@dataclass(frozen=True, kw_only=True)
class Visited:
    """What one visit says of one household; None is what it does not say.

    Attributes
    ----------
    place : tuple
        Longitude, latitude in degrees, accuracy in metres or None.
    members : tuple of (name, relation)
        Everybody who lives there; empty when nobody was listed.
    base_version, trunk_version : int or None
        Of the list's row: which version the phone changed, and the last it had from here.
    """

    household_id: UUID
    place: tuple[float, float, float | None] | None = None
    phone: str | None = None
    persons: int | None = None
    address: str | None = None
    members: tuple[tuple[str, str], ...] = ()
    base_version: int | None = None
    trunk_version: int | None = None


@dataclass(frozen=True)
class Difference:
    """What differs, by field; phones only sealed."""

    before: dict[str, Any]
    after: dict[str, Any]
    phone_sealed: str | None = None
    distance_m: float | None = None

    @property
    def fields(self) -> tuple[str, ...]:
        """Which fields differ."""
        return tuple(field for field in FIELDS if field in self.after or (field == "phone" and self.phone_sealed))

    def __bool__(self) -> bool:
        return bool(self.fields)


def difference(session: Session, household: Household, visited: Visited, secrecy: Callable[[], Secrecy]) -> Difference:
    """Return what a visit says otherwise than the roll.

    Parameters
    ----------
    secrecy : callable
        Asked for only when a phone number came.
    """
    before: dict[str, Any] = {}
    after: dict[str, Any] = {}
    for field in ("persons", "address"):
        value = getattr(visited, field)
        if value is not None and value != getattr(household, field):
            before[field], after[field] = getattr(household, field), value
    distance = None
    if visited.place is not None:
        old = place_of(session, household)
        distance = metres_between(old, visited.place[:2]) if old else None
        if distance is None or distance > max(SAME_PLACE_M, visited.place[2] or 0):
            before["place"], after["place"] = list(old) if old else None, list(visited.place)
        else:
            distance = None
    if members := _members(household, visited.members):
        after["members"] = members
    sealed = None
    if visited.phone and visited.phone != secrecy().unseal_if(household.phone_sealed):
        sealed = secrecy().seal(visited.phone)
    return Difference(before, after, sealed, distance)


def place_of(session: Session, household: Household) -> tuple[float, float] | None:
    """Return a household's longitude and latitude."""
    degrees = (sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place))
    found = session.execute(
        sa.select(*degrees).where(Household.county_code == household.county_code, Household.id == household.id)
    ).one()
    return None if found[0] is None else (found[0], found[1])


def metres_between(one: tuple[float, float], other: tuple[float, float]) -> float:
    """Return the distance of two places (longitude, latitude in degrees) over the ground of a sphere.

    Examples
    --------
    >>> round(metres_between((89.60, 28.91), (89.60, 28.92)))
    1112
    """
    (east, north), (to_east, to_north) = (map(math.radians, place) for place in (one, other))
    haversine = (
        math.sin((to_north - north) / 2) ** 2
        + math.cos(north) * math.cos(to_north) * math.sin((to_east - east) / 2) ** 2
    )
    return 2 * EARTH_RADIUS_M * math.asin(math.sqrt(haversine))


def plain_name(name: str) -> str:
    """Return a name as it is compared: spaces and middle dots are written or not.

    Examples
    --------
    >>> plain_name("虚构 卓玛") == plain_name("虚构·卓玛")
    True
    """
    return "".join(letter for letter in name if letter not in " 　·•・.")


def _members(household: Household, visited: tuple[tuple[str, str], ...]) -> dict[str, Any]:
    """Return who lives there and is not on the roll, and who is on the roll and was not named.

    The householder is never said to be gone: the roll stands under this name. Where the roll lists nobody, nobody
    is missing from it.
    """
    on_roll = {plain_name(member.name): member for member in household.members}
    if not visited or not on_roll:
        return {}
    named = {plain_name(name): (name, relation) for name, relation in visited}
    added = [{"name": name, "relation": relation} for key, (name, relation) in named.items() if key not in on_roll]
    gone = [one.name for key, one in on_roll.items() if key not in named and key != plain_name(household.head_name)]
    return {"added": added, "gone": gone} if added or gone else {}
