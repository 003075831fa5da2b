"""Whoever is asking, and the one filter that keeps rows outside their area out of every query."""

from collections.abc import Iterable
from dataclasses import dataclass
from uuid import UUID

import sqlalchemy as sa

from api.people.roles import GRANTED, Permission, Role
from api.problems import Forbidden

COUNTY_LENGTH = 6  # region 2 + city 2 + county 2 digits


@dataclass(frozen=True, kw_only=True)
class Viewer:
    """The account behind a request, with the roles it holds and where.

    Attributes
    ----------
    grants : tuple of (Role, str)
        Each role with its area, a prefix of a division code.
    token_id : UUID or None
        The token used, when a program or a phone asks.
    """

    account_id: UUID
    name: str
    display_name: str
    grants: tuple[tuple[Role, str], ...]
    language: str = "zh"
    token_id: UUID | None = None

    def areas(self, permission: Permission) -> tuple[str, ...]:
        """Return the areas in which this permission is held, none inside another."""
        held = sorted({area for role, area in self.grants if permission in GRANTED[role]})
        return tuple(area for area in held if not any(area != other and area.startswith(other) for other in held))

    def may(self, permission: Permission, division_code: str | None = None) -> bool:
        """Tell whether the permission is held, for a division if one is named."""
        areas = self.areas(permission)
        return any(division_code.startswith(area) for area in areas) if division_code is not None else bool(areas)

    def demand(self, permission: Permission, division_code: str) -> None:
        """Refuse unless the permission is held for the division.

        Raises
        ------
        Forbidden
            Naming the area that is out of reach.
        """
        if not self.may(permission, division_code):
            raise Forbidden("您的账号不能对区划 {code} 进行此操作，请向上级管理员申请", code=division_code)

    def within(self, column: sa.SQLColumnExpression[str], permission: Permission) -> sa.ColumnElement[bool]:
        """Return the condition that keeps rows of other areas out.

        Parameters
        ----------
        column
            The row's division code (village, township or county).
        permission
            What the rows are wanted for.

        Examples
        --------
        >>> from uuid import UUID
        >>> viewer = Viewer(account_id=UUID(int=1), name="t", display_name="t",
        ...                 grants=((Role.TOWNSHIP_REVIEWER, "540222100"),))
        >>> print(viewer.within(sa.column("village_code"), Permission.EVIDENCE_READ)
        ...       .compile(compile_kwargs={"literal_binds": True}))
        village_code >= '540222100' AND village_code < '540222101'
        """
        return inside(column, self.areas(permission))

    @property
    def roles(self) -> frozenset[Role]:
        """The roles held anywhere."""
        return frozenset(role for role, _ in self.grants)


def inside(column: sa.SQLColumnExpression[str], areas: Iterable[str]) -> sa.ColumnElement[bool]:
    """Return the condition that a division code begins with one of the areas; no area, no row.

    A range, not a pattern: an index on the column serves it on both databases.
    """
    conditions = [
        sa.and_(column >= area, column < f"{int(area) + 1:0{len(area)}d}") if area else sa.true() for area in areas
    ]
    return sa.or_(sa.false(), *conditions)
