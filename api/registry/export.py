"""Give the roll out as rows of a table: masked, or in full to whoever may and says why; an import reads them back."""

from collections.abc import Iterator
from decimal import Decimal
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.degrees import rounded
from api.registry.masking import mask_card, mask_identity, mask_phone
from api.registry.roll_file.columns import COLUMNS
from api.registry.secrecy import Secrecy
from api.registry.tables import Division, Household, Member

CHUNK = 500
SCHEME_NAMES = {"urban": "城市", "rural": "农村"}
WRITTEN = tuple(column for column in COLUMNS if column.name != "serial")  # the code says it already


def roll_rows(
    session: Session, secrecy: Secrecy, statement: sa.Select[Household], *, full: bool
) -> Iterator[list[Any]]:
    """Yield the headings, then one row per person, households in the order of the statement.

    Memory: some hundred households at a time.

    Parameters
    ----------
    session
        A reading one, kept until the last row.
    statement
        `api.registry.reading.households`: area rules are in it already.
    full
        Whether numbers are written whole; whoever asks for that has been checked and written down.
    """
    yield [column.heading for column in WRITTEN]
    place = (sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place))
    names = {code: name for code, name in session.execute(sa.select(Division.code, Division.name))}  # noqa: C416 - rows are no pairs to a type checker
    start = 0
    while True:
        page = session.execute(statement.add_columns(*place).offset(start).limit(CHUNK)).all()
        if not page:
            return
        start += len(page)
        members: dict[Any, list[Member]] = {}
        wanted = sa.select(Member).where(
            Member.county_code.in_({household.county_code for household, *_ in page}),
            Member.household_id.in_([household.id for household, *_ in page]),
        )
        for member in session.scalars(wanted.order_by(Member.household_id, Member.position)):
            members.setdefault(member.household_id, []).append(member)
        for household, longitude, latitude in page:
            where = {"longitude": rounded(longitude), "latitude": rounded(latitude)}
            named = {
                "township": names.get(household.township_code, ""),
                "village": names.get(household.village_code, ""),
            }
            for person in _rows_of(household, members.get(household.id, []), secrecy, full=full):
                row = named | person | (where if person["position"] == 1 else {})
                yield [row.get(column.name) for column in WRITTEN]
        session.expunge_all()


def _rows_of(household: Household, members: list[Member], secrecy: Secrecy, *, full: bool) -> Iterator[dict[str, Any]]:
    def number(sealed: str | None, mask: Any) -> str | None:
        text = secrecy.unseal_if(sealed)
        return text if full or text is None else mask(text)

    of_household = {
        "scheme": SCHEME_NAMES[household.scheme],
        "persons": household.persons,
        "benefit": _yuan(household.benefit_fen_per_month),
        "benefit_since": household.benefit_since,
        "phone": number(household.phone_sealed, mask_phone),
        "bank_card": number(household.bank_card_sealed, mask_card),
        "address": household.address,
        "registered_poor": "是" if household.registered_poor else "否",
        "income": _yuan(household.income_fen_per_person_year),
    }
    everywhere = {"code": household.code, "village_code": household.village_code}
    if not members:  # known by its householder only
        identity = number(household.head_identity_sealed, mask_identity)
        head = {"name": household.head_name, "relation": "本人", "identity": identity, "position": 1}
        yield everywhere | of_household | head
    for member in members:
        yield {
            **everywhere,
            **(of_household if member.position == 1 else {}),
            "position": member.position,
            "name": member.name,
            "relation": member.relation,
            "identity": number(member.identity_sealed, mask_identity),
            "sex": member.sex,
            "birth_date": member.birth_date,
            "health": member.health,
            "work": member.work,
            "receives": "是" if member.receives else "否",
        }


def _yuan(fen: int | None) -> Decimal | None:
    return None if fen is None else Decimal(fen).scaleb(-2)
