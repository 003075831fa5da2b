"""Choose the households that are to be given: by village, or by a pasted list of codes."""

import re
import unicodedata
from collections.abc import Iterable

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.reach import in_parts
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.problems import Invalid, NotFound
from api.registry.tables import Household

MOST_HOUSEHOLDS = 20_000  # in one act
ERRORS_SHOWN = 20
_BETWEEN_CODES = re.compile(r"[\s,;、，；]+")


def codes_in(text: str) -> list[str]:
    r"""Return the household codes of a pasted text, each once, in their order.

    Examples
    --------
    >>> codes_in("540222100201-0001，540222100201－0002\n540222100201-0001")
    ['540222100201-0001', '540222100201-0002']
    """
    plain = unicodedata.normalize("NFKC", text)  # full-width digits and hyphens, as some sheets have them
    return list(dict.fromkeys(filter(None, _BETWEEN_CODES.split(plain))))


def households_by_code(session: Session, viewer: Viewer, codes: Iterable[str]) -> list[Household]:
    """Return the households with these codes, as one walks.

    Raises
    ------
    NotFound
        Naming the codes that are unknown or out of the viewer's reach; then nothing is chosen.
    Invalid
        No code, too many, or households of several counties.
    """
    wanted = list(dict.fromkeys(codes))
    _refuse_too_many(len(wanted))
    found: dict[str, Household] = {}
    for some in in_parts(wanted):
        statement = sa.select(Household).where(
            Household.code.in_(some), viewer.within(Household.village_code, Permission.ASSIGNMENT_MANAGE)
        )
        found.update((one.code, one) for one in session.scalars(statement))
    if missing := [code for code in wanted if code not in found]:
        raise NotFound(
            "{count} 个户编码找不到，或不在您的管辖范围内，请核对后重试：{codes}",
            where="codes",
            count=len(missing),
            codes=", ".join(code[:40] for code in missing[:ERRORS_SHOWN]) + (" …" if missing[ERRORS_SHOWN:] else ""),
        )
    return _of_one_county(sorted(found.values(), key=lambda one: one.code))


def households_of_villages(session: Session, viewer: Viewer, divisions: Iterable[str]) -> list[Household]:
    """Return the households on the roll of villages (or whole townships), as one walks.

    Raises
    ------
    Forbidden
        One of them is out of the viewer's reach.
    Invalid
        No household, too many, or households of several counties.
    """
    divisions = sorted(set(divisions))
    for division in divisions:
        viewer.demand(Permission.ASSIGNMENT_MANAGE, division)
    statement = (
        sa.select(Household)
        .where(
            inside(Household.village_code, divisions),
            Household.on_roll.is_(True),
        )
        .order_by(Household.code)
        .limit(MOST_HOUSEHOLDS + 1)
    )
    found = list(session.scalars(statement))
    _refuse_too_many(len(found))
    return _of_one_county(found)


def _refuse_too_many(number: int) -> None:
    if number > MOST_HOUSEHOLDS:
        raise Invalid("一次最多 {most} 户，请分几次进行", where="households", most=MOST_HOUSEHOLDS)


def _of_one_county(households: list[Household]) -> list[Household]:
    if len({one.county_code for one in households}) > 1:
        raise Invalid("一次只能分配同一个县的家庭，请分县进行", where="households")
    if not households:
        raise Invalid("没有选中任何家庭，请勾选村、勾选家庭或粘贴户编码", where="households")
    return households
