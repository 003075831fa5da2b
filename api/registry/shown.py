"""Households as pages and programs see them: numbers masked, places as coordinates."""

from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.registry.masking import mask_card, mask_identity, mask_phone
from api.registry.secrecy import Secrecy
from api.registry.tables import Household, Member


def household_shown(session: Session, secrecy: Secrecy, household: Household) -> dict[str, Any]:
    """Return a household with its members, as `api.registry.schemas.HouseholdDetailSchema` writes it."""
    place = sa.select(sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place)).where(
        Household.county_code == household.county_code, Household.id == household.id
    )
    longitude, latitude = session.execute(place).one()
    columns = {attribute.key: getattr(household, attribute.key) for attribute in sa.inspect(Household).column_attrs}
    return columns | {
        "head_identity_masked": _masked(secrecy, household.head_identity_sealed, mask_identity),
        "phone_masked": _masked(secrecy, household.phone_sealed, mask_phone),
        "bank_card_masked": _masked(secrecy, household.bank_card_sealed, mask_card),
        "longitude": longitude,
        "latitude": latitude,
        "members": [_member(secrecy, member) for member in household.members],
    }


def _member(secrecy: Secrecy, member: Member) -> dict[str, Any]:
    return {
        **{
            name: getattr(member, name)
            for name in ("position", "name", "relation", "sex", "health", "work", "receives")
        },
        "identity_masked": _masked(secrecy, member.identity_sealed, mask_identity),
        "birth_year": member.birth_date.year if member.birth_date else None,
    }


def _masked(secrecy: Secrecy, sealed: str | None, mask: Any) -> str | None:
    return mask(secrecy.unseal(sealed)) if sealed else None
