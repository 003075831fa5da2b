"""Read proposals: what a visit says beside what the roll says now, numbers masked, and whether the roll moved on."""

from collections.abc import Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session, aliased, selectinload

from api.evidence.visible import visible_rows
from api.people.access import Viewer, inside
from api.people.roles import Permission
from api.people.tables import Account
from api.problems import Invalid, NotFound
from api.registry.masking import mask_phone
from api.registry.proposals.decide import accept_proposal, reject_proposal
from api.registry.proposals.tables import HouseholdProposal
from api.registry.secrecy import Secrecy
from api.registry.tables import Household

# what the list may be sorted by; the id at the end makes the order whole
ORDERS: Final = {
    "received": HouseholdProposal.received_at,
    "distance": sa.func.coalesce(HouseholdProposal.distance_m, -1.0),
    "code": HouseholdProposal.household_code,
}


@dataclass(frozen=True, kw_only=True)
class Filters:
    """Which proposals are wanted; empty means all."""

    state: str = "open"
    area: str = ""
    field: str = ""
    conflict: bool = False
    text: str = ""
    order: str = "received"


def proposals(viewer: Viewer, filters: Filters, *, permission: Permission = Permission.REGISTRY_READ) -> sa.Select[Any]:
    """Return the statement for the proposals a viewer may see, with their households.

    Parameters
    ----------
    permission
        What they are wanted for.
    """
    conditions = [_may(viewer, permission)]
    if filters.state:
        conditions.append(HouseholdProposal.state == filters.state)
    if filters.area:
        conditions.append(inside(HouseholdProposal.village_code, [filters.area]))
    if filters.field:
        conditions.append(HouseholdProposal.changes.contains(filters.field, autoescape=True))
    if filters.conflict:
        conditions.append(HouseholdProposal.seen_version < Household.content_version)
    if filters.text:
        by_code = HouseholdProposal.household_code.startswith(filters.text, autoescape=True)
        conditions.append(sa.or_(by_code, Household.head_name.contains(filters.text, autoescape=True)))
    column = ORDERS.get(filters.order.removeprefix("-"), ORDERS["received"])
    turned = filters.order.startswith("-")
    decider = aliased(Account)
    return (
        sa.select(
            HouseholdProposal,
            Household,
            sa.func.ST_X(Household.place).label("longitude"),
            sa.func.ST_Y(Household.place).label("latitude"),
            Account.display_name.label("account_name"),
            decider.display_name.label("decided_by_name"),
        )
        .join(Household, _of_proposal())
        .join(Account, Account.id == HouseholdProposal.account_id)
        .outerjoin(decider, decider.id == HouseholdProposal.decided_by)
        .where(*conditions)
        .options(selectinload(Household.members))
        .order_by(column.desc() if turned else column.asc(), HouseholdProposal.id)
    )


def how_many(session: Session, statement: sa.Select[Any]) -> int:
    """Return how many proposals a statement finds."""
    counted = statement.order_by(None).with_only_columns(HouseholdProposal.id).subquery()
    return session.scalar(sa.select(sa.func.count()).select_from(counted)) or 0


def shown(rows: Iterable[Any], secrecy: Secrecy) -> Iterator[dict[str, Any]]:
    """Yield proposals as `api.evidence.proposals.schemas.ProposalSchema` writes them.

    What is open stands beside the roll of now; what was decided beside the roll of the day it arrived.
    """
    for row in rows:
        proposal, household = row.HouseholdProposal, row.Household
        before = dict(proposal.before)
        phone_before = secrecy.unseal_if(proposal.before_phone_sealed)
        phone_now = secrecy.unseal_if(household.phone_sealed)
        if proposal.state == "open":
            place = None if row.longitude is None else [row.longitude, row.latitude]
            here = {"place": place, "persons": household.persons, "address": household.address}
            before = {field: here[field] for field in here if field in proposal.after}
        phones = (phone_now if proposal.state == "open" else phone_before, secrecy.unseal_if(proposal.phone_sealed))
        if "phone" in proposal.fields:
            before["phone"], after_phone = (mask_phone(number) if number else None for number in phones)
        yield {
            **{
                name: getattr(proposal, name)
                for name in (
                    "id", "state", "household_id", "household_code", "village_code", "account_id", "submission_id",
                    "received_at", "distance_m", "fields", "taken", "decided_at", "reason",
                )
            },
            "head_name": household.head_name,
            "account_name": row.account_name,
            "decided_by_name": row.decided_by_name,
            "before": before,
            "after": {**proposal.after, **({"phone": after_phone} if "phone" in proposal.fields else {})},
            "conflict": proposal.seen_version < household.content_version
            or ("phone" in proposal.fields and phone_now != phone_before),
        }  # fmt: skip


def decide(
    session: Session, viewer: Viewer, wanted: Mapping[UUID, Sequence[str] | None], *, accept: bool, reason: str
) -> int:
    """Accept or reject proposals, all or none; return how many.

    Parameters
    ----------
    wanted
        By proposal the fields to accept; None for all of them.

    Raises
    ------
    NotFound
        If one is unknown, or not for this viewer to see or decide.
    Invalid, Conflict
        As the registry says of one.
    """
    if not wanted:
        raise Invalid("请先勾选要处理的变更", where="proposals")
    statement = sa.select(HouseholdProposal).where(
        HouseholdProposal.id.in_(wanted), _may(viewer, Permission.PROPOSAL_DECIDE)
    )
    found = session.scalars(statement.order_by(HouseholdProposal.id)).all()
    if len(found) != len(wanted):
        raise NotFound("有变更找不到，或不在您的管辖范围内，请刷新页面后再试", where="proposals")
    for proposal in found:
        if accept:
            accept_proposal(session, proposal, reason=reason, by=viewer, fields=wanted[proposal.id])
        else:
            reject_proposal(session, proposal, reason=reason, by=viewer)
    return len(found)


def _may(viewer: Viewer, permission: Permission) -> sa.ColumnElement[bool]:
    return sa.and_(viewer.within(HouseholdProposal.village_code, permission), visible_rows(viewer, HouseholdProposal))


def _of_proposal() -> sa.ColumnElement[bool]:
    return sa.and_(
        Household.county_code == HouseholdProposal.county_code, Household.id == HouseholdProposal.household_id
    )
