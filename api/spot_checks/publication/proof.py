"""Open one leaf to its household: show the salt, and anybody can work out that this household was in the draw."""

from dataclasses import dataclass
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Invalid, NotFound
from api.spot_checks.tables import Draw, FrameUnit, Selection
from sampling.frame import leaf_of

SALT_BYTES: Final = 16
LONGEST_CODE: Final = 64


@dataclass(frozen=True, kw_only=True)
class Proof:
    """A household's code and salt, the leaf they make, and what the draw said of it.

    Attributes
    ----------
    role
        ``base``, ``reserve``, or empty when it was not drawn or nothing is drawn yet.
    position
        In ticket order within the stratum, from 1; 0 without a role.
    """

    household_code: str
    salt: str
    leaf: str
    stratum: str
    role: str
    position: int


def open_leaf(session: Session, draw: Draw, household_code: str, viewer: Viewer) -> Proof:
    """Show the proof of one household; who asked stands in the audit log.

    Parameters
    ----------
    draw : Draw
        Which the viewer may read.
    household_code : str
        Of the frozen roll.

    Raises
    ------
    NotFound
        A code that the frozen roll does not hold, or a household outside the viewer's area.
    """
    unit = session.scalar(
        sa.select(FrameUnit).where(
            FrameUnit.county_code == draw.county_code,
            FrameUnit.frame_id == draw.frame_id,
            FrameUnit.household_code == household_code.strip()[:LONGEST_CODE],
            viewer.within(FrameUnit.village_code, Permission.REGISTRY_READ),
        )
    )
    if unit is None:
        raise NotFound(
            "冻结的名册里没有编码为 {code} 的家庭，或不在您的管辖范围内", where="household_code", code=household_code
        )
    record(
        session, viewer, "leaf.open", "draw", draw.id, division_code=draw.county_code, number=draw.number,
        leaf=unit.leaf, household_code=unit.household_code,
    )  # fmt: skip
    role, position = _drawn(session, draw, unit.leaf)
    return Proof(
        household_code=unit.household_code, salt=unit.salt, leaf=unit.leaf, stratum=unit.stratum, role=role,
        position=position,
    )  # fmt: skip


def check_leaf(session: Session, draw: Draw, household_code: str, salt: str) -> Proof | None:
    """Say whether a code and a salt make a leaf of a draw's frame; the code alone finds nothing.

    Nothing is looked up but the hash of both: without the salt (128 bits) nobody learns whether a code is there.

    Parameters
    ----------
    draw : Draw
        Published.
    household_code : str
    salt : str
        32 hexadecimal digits, as the county showed them.

    Raises
    ------
    Invalid
        A salt that is none, a code that cannot stand in the file.
    """
    code, salt = household_code.strip(), "".join(salt.split()).lower()
    try:
        opening = bytes.fromhex(salt)
    except ValueError:
        opening = b""
    if len(opening) != SALT_BYTES:
        raise Invalid("盐值须为 32 位十六进制数字 (0–9、a–f)", where="salt")
    if not code or len(code) > LONGEST_CODE:
        raise Invalid("请填写家庭编码", where="household_code")
    try:
        leaf = leaf_of(opening, code)
    except ValueError:
        raise Invalid("家庭编码不合规范", where="household_code") from None
    stratum = session.scalar(
        sa.select(FrameUnit.stratum).where(
            FrameUnit.county_code == draw.county_code, FrameUnit.frame_id == draw.frame_id, FrameUnit.leaf == leaf
        )
    )
    if stratum is None:
        return None
    role, position = _drawn(session, draw, leaf)
    return Proof(household_code=code, salt=salt, leaf=leaf, stratum=stratum, role=role, position=position)


def _drawn(session: Session, draw: Draw, leaf: str) -> tuple[str, int]:
    found = session.get(Selection, (draw.county_code, draw.id, leaf))
    return (found.role, found.position) if found else ("", 0)
