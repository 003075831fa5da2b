"""Fingerprints of households that came or changed by another way than a file, so that a file can be compared."""

from collections.abc import Sequence
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.degrees import rounded
from api.people.access import inside
from api.registry.roll_import.content import HOUSEHOLD_FIELDS, MEMBER_FIELDS, content_of
from api.registry.secrecy import Secrecy
from api.registry.tables import Household, Member

CHUNK = 500


def without_fingerprint(session: Session, area_code: str, *, after: str = "") -> list[tuple[str, UUID]]:
    """Return code and id of some households of an area that have none, by code, from one code on."""
    statement = (
        sa.select(Household.code, Household.id)
        .where(
            Household.county_code == area_code[:6],
            inside(Household.village_code, [area_code]),
            Household.roll_fingerprint.is_(None),
            Household.code > after,
        )
        .order_by(Household.code)
        .limit(CHUNK)
    )
    return list(session.execute(statement))


def fingerprints(session: Session, secrecy: Secrecy, county_code: str, ids: Sequence[UUID]) -> list[dict[str, Any]]:
    """Return what the fingerprints of households are, as rows for an update; reads and decrypts, writes nothing."""
    place = (sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place))
    statement = sa.select(Household, *place).where(Household.county_code == county_code, Household.id.in_(ids))
    members: dict[UUID, list[dict[str, Any]]] = {}
    found = sa.select(Member).where(Member.county_code == county_code, Member.household_id.in_(ids))
    for member in session.scalars(found.order_by(Member.household_id, Member.position)):
        row = {name: getattr(member, name) for name in MEMBER_FIELDS if name != "identity"}
        row["identity"] = secrecy.unseal_if(member.identity_sealed)
        members.setdefault(member.household_id, []).append(row)
    rows = []
    for household, longitude, latitude in session.execute(statement):
        content = {name: getattr(household, name) for name in HOUSEHOLD_FIELDS if hasattr(household, name)}
        content |= {
            "phone": secrecy.unseal_if(household.phone_sealed),
            "bank_card": secrecy.unseal_if(household.bank_card_sealed),
            "longitude": rounded(longitude),
            "latitude": rounded(latitude),
        }
        fingerprint = secrecy.fingerprint(content_of(content, members.get(household.id, [])))
        rows.append({"key_county": county_code, "key_id": household.id, "fingerprint": fingerprint})
    return rows


def keep_fingerprints(session: Session, rows: list[dict[str, Any]]) -> None:
    """Write fingerprints down, unless the household has changed again meanwhile."""
    session.connection().execute(  # the connection's: a session would take the rows for whole objects
        sa.update(Household)
        .where(
            Household.county_code == sa.bindparam("key_county"),
            Household.id == sa.bindparam("key_id"),
            Household.roll_fingerprint.is_(None),
        )
        .values(roll_fingerprint=sa.bindparam("fingerprint"), updated_at=Household.updated_at),
        rows,
    )
