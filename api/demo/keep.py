"""Write the demo county into the registry's tables, numbers sealed as everywhere."""

from collections.abc import Iterable, Mapping
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import new_id
from api.demo.boundaries import SOURCE, synthetic_grounds
from api.demo.county import COUNTY, County
from api.demo.ground import lay_out
from api.demo.households import Family
from api.demo.officials import Post, Record
from api.registry.secrecy import Secrecy
from api.registry.tables import DeclaredRelative, DepartmentRecord, DivisionBoundary, Household, Member, Official

Row = dict[str, Any]


def keep_county(session: Session, secrecy: Secrecy, county: County) -> None:
    """Write households, members, officials, their relatives and department records."""
    ids = {family.code: new_id() for family in county.families}
    session.execute(sa.insert(Household), [_household(secrecy, family, ids[family.code]) for family in county.families])
    session.execute(
        sa.insert(Member), [row for family in county.families for row in _members(secrecy, family, ids[family.code])]
    )
    _keep_posts(session, secrecy, county.posts)
    session.execute(sa.insert(DepartmentRecord), [_record(secrecy, record) for record in county.records])


def keep_boundaries(session: Session, villages: Iterable[str]) -> None:
    """Write the synthetic ground of villages, townships and the county, marked as what it is."""
    grounds = synthetic_grounds(lay_out(list(villages)))
    session.execute(
        sa.insert(DivisionBoundary),
        [
            {"division_code": code, "ground": f"SRID=4326;{ground.wkt}", "synthetic": True, "source": SOURCE}
            for code, ground in grounds.items()
        ],
    )


def _household(secrecy: Secrecy, family: Family, household_id: UUID) -> Row:
    longitude, latitude = family.home.lonlat
    return {
        "county_code": COUNTY,
        "id": household_id,
        "code": family.code,
        "township_code": family.township,
        "village_code": family.village,
        "scheme": family.scheme,
        "on_roll": family.on_roll,
        "registered_poor": family.registered_poor,
        "head_name": family.head.name,
        **_identity(secrecy, family.head.identity, prefix="head_"),
        "phone_sealed": secrecy.seal(family.phone),
        "bank_card_sealed": secrecy.seal(family.card) if family.on_roll else None,
        "address": family.address,
        "persons": family.persons,
        "benefit_fen_per_month": family.benefit_fen,
        "benefit_since": family.since,
        "income_fen_per_person_year": family.income_fen_per_person,
        "place": f"SRID=4326;POINT({longitude} {latitude})",
    }


def _members(secrecy: Secrecy, family: Family, household_id: UUID) -> list[Row]:
    return [
        {
            "county_code": COUNTY,
            "id": new_id(),
            "household_id": household_id,
            "position": position,
            "name": person.name,
            "relation": person.relation,
            **_identity(secrecy, person.identity),
            "birth_date": person.born,
            "sex": person.sex,
            "health": person.health,
            "work": person.work,
            "receives": person.receives and family.on_roll,
        }
        for position, person in enumerate(family.members, start=1)
    ]


def _keep_posts(session: Session, secrecy: Secrecy, posts: Iterable[Post]) -> None:
    officials: list[Row] = []
    relatives: list[Row] = []
    for post in posts:
        official_id = new_id()
        officials.append(
            {
                "county_code": COUNTY,
                "id": official_id,
                "name": post.person.name,
                **_identity(secrecy, post.person.identity),
                "body": post.body,
                "post": post.title,
                "division_code": post.division,
                "kind": post.kind,
            }
        )
        relatives += [
            {
                "county_code": COUNTY,
                "id": new_id(),
                "official_id": official_id,
                "name": name,
                "relation": relation,
                **_identity(secrecy, identity),
            }
            for name, relation, identity in post.relatives
        ]
    session.execute(sa.insert(Official), officials)
    session.execute(sa.insert(DeclaredRelative), relatives)


def _record(secrecy: Secrecy, record: Record) -> Row:
    return {
        "county_code": COUNTY,
        "id": new_id(),
        "department": record.department,
        "kind": record.kind,
        "name": record.name,
        **_identity(secrecy, record.identity),
        "description": record.description,
        "amount_fen": record.amount_fen,
        "recorded_on": record.on,
    }


def _identity(secrecy: Secrecy, number: str, *, prefix: str = "") -> Mapping[str, str]:
    return {
        f"{prefix}identity_sealed": secrecy.seal(number),
        f"{prefix}identity_hash": secrecy.match_identity(number),
    }
