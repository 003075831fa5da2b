"""Show the full numbers of one household to somebody who may see them and says why; it is written down."""

from collections.abc import Sequence
from typing import Any

from sqlalchemy.orm import Session

from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Invalid
from api.registry.secrecy import Secrecy
from api.registry.tables import Household

FIELDS = ("identity", "phone", "bank_card")
SHORTEST_REASON = 4  # characters: 核对证件 says something, 查 does not
LONGEST_REASON = 200


def check_reason(reason: str) -> str:
    """Return a reason without spaces at its ends.

    Raises
    ------
    Invalid
        If it says nothing, or too much.
    """
    reason = reason.strip()
    if not SHORTEST_REASON <= len(reason) <= LONGEST_REASON:
        raise Invalid(
            "请用 {least} 到 {most} 个字说明查看完整号码的理由，理由会写入日志",
            where="reason",
            least=SHORTEST_REASON,
            most=LONGEST_REASON,
        )
    return reason


def unmask(
    session: Session, secrecy: Secrecy, household: Household, *, fields: Sequence[str], reason: str, by: Viewer
) -> dict[str, Any]:
    """Return the full numbers asked for, and write down who saw which of them and why, never the numbers.

    Parameters
    ----------
    fields
        Of `FIELDS`.
    reason
        Goes into the audit log.

    Returns
    -------
    dict
        ``identity``, ``phone`` and ``bank_card`` of the householder and ``members``: position → identity number;
        only what was asked for.

    Raises
    ------
    Forbidden
        If the viewer may not unmask in this village.
    Invalid
        If the reason says nothing or a field is unknown.
    """
    by.demand(Permission.REGISTRY_UNMASK, household.village_code)
    wanted = [field for field in FIELDS if field in fields]
    if not wanted or set(fields) - set(FIELDS):
        raise Invalid("请选择要查看的栏目：{fields}", where="fields", fields=", ".join(FIELDS))
    reason = check_reason(reason)
    shown: dict[str, Any] = {}
    if "identity" in wanted:
        shown["identity"] = secrecy.unseal_if(household.head_identity_sealed)
        shown["members"] = {
            str(member.position): secrecy.unseal_if(member.identity_sealed) for member in household.members
        }
    if "phone" in wanted:
        shown["phone"] = secrecy.unseal_if(household.phone_sealed)
    if "bank_card" in wanted:
        shown["bank_card"] = secrecy.unseal_if(household.bank_card_sealed)
    record(
        session, by, "household.unmask", "household", household.id, division_code=household.village_code,
        household_code=household.code, fields=wanted, reason=reason,
    )  # fmt: skip
    return shown
