"""Signs of persons: relatives of officials, department records, one person in two households."""

import sqlalchemy as sa

from api.registry.tables import DeclaredRelative, DepartmentRecord, Household, Member, Official
from api.spot_checks.risk.said import Asked, Signs, said

RECORD_SIGNS = frozenset({"payroll", "death", "company", "vehicle", "property", "machinery", "subsidy"})


def person_signs(asked: Asked) -> Signs:
    """Yield what officials, their relatives and departments say of anybody of a household.

    People are matched by the keyed hash of their identity number, never by name.
    """
    session, county, persons = asked.session, asked.county_code, _persons(asked.county_code)
    relatives = (
        sa.select(persons.c.household_id, DeclaredRelative.relation, Official.body, Official.post)
        .join(
            DeclaredRelative,
            sa.and_(DeclaredRelative.county_code == county, DeclaredRelative.identity_hash == persons.c.identity_hash),
        )
        .join(Official, sa.and_(Official.county_code == county, Official.id == DeclaredRelative.official_id))
    )
    for household, relation, body, post in session.execute(relatives):
        yield household, "relative", said("{body}{post}的{relation}", body=body, post=post, relation=relation)
    officials = sa.select(persons.c.household_id, Official.body, Official.post).join(
        Official, sa.and_(Official.county_code == county, Official.identity_hash == persons.c.identity_hash)
    )
    for household, body, post in session.execute(officials):
        yield household, "official", said("{body}{post}", body=body, post=post)
    records = sa.select(
        persons.c.household_id,
        DepartmentRecord.kind,
        DepartmentRecord.department,
        DepartmentRecord.description,
        DepartmentRecord.recorded_on,
    ).join(
        DepartmentRecord,
        sa.and_(DepartmentRecord.county_code == county, DepartmentRecord.identity_hash == persons.c.identity_hash),
    )
    for household, kind, department, description, day in session.execute(records):
        if kind not in RECORD_SIGNS:
            continue
        detail = said("{department} {description}", department=department, description=description)
        if kind == "death" and day is not None:  # paid after death: since when is what matters
            detail = said(
                "{department} {description} ({day})",
                department=department,
                description=description,
                day=day.isoformat(),
            )
        yield household, kind, detail


def apart_signs(asked: Asked) -> Signs:
    """Yield households that share a person with another household on the roll."""
    persons = _persons(asked.county_code)
    twice = (
        sa.select(persons.c.identity_hash)
        .group_by(persons.c.identity_hash)
        .having(sa.func.count() > 1)
        .subquery("twice")
    )
    rows = asked.session.execute(
        sa.select(persons.c.identity_hash, persons.c.household_id, Household.code)
        .join(twice, twice.c.identity_hash == persons.c.identity_hash)
        .join(
            Household,
            sa.and_(
                Household.county_code == asked.county_code,
                Household.id == persons.c.household_id,
                Household.on_roll.is_(True),
            ),
        )
        .order_by(persons.c.identity_hash, Household.code)
    )
    shared: dict[str, list[sa.Row[tuple[str, object, str]]]] = {}
    for row in rows:
        shared.setdefault(row.identity_hash, []).append(row)
    for group in shared.values():
        for row in group:
            for other in group:
                if other.household_id != row.household_id:
                    yield row.household_id, "paid_apart", said("同一人也在 {code}", code=other.code)


def _persons(county_code: str) -> sa.Subquery:
    """Return everybody of the county's households once: members, and householders who are no member row."""
    members = sa.select(Member.household_id, Member.identity_hash).where(
        Member.county_code == county_code, Member.identity_hash.is_not(None)
    )
    heads = sa.select(Household.id, Household.head_identity_hash).where(
        Household.county_code == county_code, Household.head_identity_hash.is_not(None)
    )
    return members.union(heads).subquery("person")
