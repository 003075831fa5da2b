"""A small world for tests: two counties, three townships, one account for each role inside and outside."""

import re

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.accounts import hasher, viewer_of
from api.people.roles import Role
from api.people.tables import Account, RoleGrant, Token
from api.people.tokens import token_hash
from api.registry.tables import Division, Household

PASSWORD = "a password for tests"
COUNTY, OTHER_COUNTY = "540222", "540221"
TOWNSHIP, NEXT_TOWNSHIP, OTHER_TOWNSHIP = "540222100", "540222201", "540221100"
VILLAGES = ["540222100201", "540222100202", "540222201201", "540222201202", "540221100201"]
VILLAGE = VILLAGES[0]

# name → (role, area); the second of each role is outside the county
ACCOUNTS: dict[str, tuple[Role, str]] = {
    "admin": (Role.ADMINISTRATOR, "5402"),
    "county": (Role.COUNTY_SUPERVISOR, COUNTY),
    "township": (Role.TOWNSHIP_REVIEWER, TOWNSHIP),
    "surveyor": (Role.SURVEYOR, TOWNSHIP),
    "checker": (Role.SPOT_CHECKER, COUNTY),
    "city": (Role.CITY_INSPECTOR, "5402"),
    "discipline": (Role.DISCIPLINE_INSPECTOR, "5402"),
    "admin-outside": (Role.ADMINISTRATOR, OTHER_COUNTY),
    "county-outside": (Role.COUNTY_SUPERVISOR, OTHER_COUNTY),
    "township-outside": (Role.TOWNSHIP_REVIEWER, NEXT_TOWNSHIP),
    "surveyor-outside": (Role.SURVEYOR, NEXT_TOWNSHIP),
    "checker-outside": (Role.SPOT_CHECKER, OTHER_COUNTY),
    "city-outside": (Role.CITY_INSPECTOR, "5401"),
    "discipline-outside": (Role.DISCIPLINE_INSPECTOR, "5401"),
}
PROGRAM_TOKENS = {name: f"ruhu_test-program-{name}" for name in ACCOUNTS}
PHONE_TOKENS = {name: f"test-phone-{name}" for name in ACCOUNTS}


def build(session: Session, *, field_key: str) -> None:
    """Fill an empty database; names are plainly synthetic."""
    _divisions(session)
    password_hash = hasher(8).hash(PASSWORD)
    for name, (role, area) in ACCOUNTS.items():
        account = Account(
            name=name,
            display_name=f"测试{name}",
            password_hash=password_hash,
            session_stamp="0" * 32,
            grants=[RoleGrant(role=role, area_code=area)],
        )
        session.add(account)
        session.flush()
        for kind, texts in (("program", PROGRAM_TOKENS), ("phone", PHONE_TOKENS)):
            session.add(
                Token(account_id=account.id, kind=kind, label=f"测试{kind}", token_hash=token_hash(texts[name]))
            )
    _households(session)
    session.flush()


def _divisions(session: Session) -> None:
    source = "a small world for tests"
    rows = [
        ("54", "region", "西藏自治区", None),
        ("5401", "city", "邻市", "54"),
        ("5402", "city", "日喀则市", "54"),
        (COUNTY, "county", "江孜县", "5402"),
        (OTHER_COUNTY, "county", "南木林县", "5402"),
        (TOWNSHIP, "township", "江孜镇", COUNTY),
        (NEXT_TOWNSHIP, "township", "卡麦乡", COUNTY),
        (OTHER_TOWNSHIP, "township", "南木林镇", OTHER_COUNTY),
        *((code, "village", f"第{number}村", code[:9]) for number, code in enumerate(VILLAGES, start=1)),
    ]
    for code, level, name, parent in rows:
        session.add(Division(code=code, level=level, name=name, parent_code=parent, source=source))
        session.flush()


def _households(session: Session) -> None:
    """Twelve households in each village, urban in the first, none with a real person's data."""
    for village in VILLAGES:
        for serial in range(1, 13):
            session.add(
                Household(
                    county_code=village[:6],
                    township_code=village[:9],
                    village_code=village,
                    code=f"{village}-{serial:04d}",
                    scheme="urban" if village == VILLAGE else "rural",
                    registered_poor=serial % 2 == 0,
                    head_name=f"虚构户主{serial}",
                    persons=1 + serial % 5,
                    benefit_fen_per_month=10_000 * serial,
                    place=f"SRID=4326;POINT({89.6 + serial / 1000} {28.9 + serial / 1000})",
                )
            )


def viewer(session: Session, name: str) -> Viewer:
    """Return an account of this world as whoever is asking."""
    return viewer_of(session.scalars(sa.select(Account).where(Account.name == name)).one())


def csrf_token(page: str) -> str:
    """Return the token that a page's forms carry."""
    found = re.search(r'name="csrf_token" value="([^"]+)"', page) or re.search(
        r'name="csrf-token" content="([^"]+)"', page
    )
    assert found, "the page carries no csrf token"
    return found.group(1)
