"""Accept or reject what a visit proposed: the one way in which a visit comes to change the roll."""

from collections.abc import Collection
from typing import Any, Final

from geoalchemy2 import WKTElement
from sqlalchemy.orm import Session

from api.database import now
from api.people.access import Viewer
from api.people.audit import record
from api.people.roles import Permission
from api.problems import Conflict, Invalid
from api.registry.proposals.difference import place_of, plain_name
from api.registry.proposals.tables import FIELDS, HouseholdProposal
from api.registry.tables import Household, Member

SRID: Final = 4326
LONGEST_REASON: Final = 200
SHORTEST_REASON: Final = 2  # characters: 属实 says something


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
            "请用 {least} 到 {most} 个字说明采纳或退回的理由，理由会写入日志",
            where="reason",
            least=SHORTEST_REASON,
            most=LONGEST_REASON,
        )
    return reason


def accept_proposal(
    session: Session, proposal: HouseholdProposal, *, reason: str, by: Viewer, fields: Collection[str] | None = None
) -> HouseholdProposal:
    """Put on the roll what was proposed; the phone's list follows.

    Parameters
    ----------
    fields
        Only these of the proposal's; all by default.

    Raises
    ------
    Forbidden
        If the viewer may not decide in this village.
    Conflict
        If it has been decided, or replaced by an edit.
    Invalid
        If the reason says nothing, or no field of the proposal is named.
    """
    reason = check_reason(reason)
    household = _open(session, proposal, by)
    taken = [field for field in proposal.fields if fields is None or field in fields]
    if not taken:
        raise Invalid("请至少勾选一项要采纳的变更：{fields}", where="fields", fields=", ".join(FIELDS))
    before = {field: _now(session, household, field) for field in taken if field != "phone"}
    _change(session, household, proposal, taken)
    session.flush()
    _decided(session, household, proposal, state="accepted", reason=reason, by=by)
    proposal.taken = taken
    record(
        session, by, "proposal.accept", "household", household.id, division_code=household.village_code,
        household_code=household.code, proposal=str(proposal.id), fields=taken, reason=reason,
        before=before, after={field: proposal.after[field] for field in taken if field in proposal.after},
    )  # fmt: skip
    session.flush()
    return proposal


def reject_proposal(session: Session, proposal: HouseholdProposal, *, reason: str, by: Viewer) -> HouseholdProposal:
    """Leave the roll as it is; the phone takes the roll's values again.

    Raises
    ------
    Forbidden, Conflict, Invalid
        As in `accept_proposal`.
    """
    reason = check_reason(reason)
    household = _open(session, proposal, by)
    _decided(session, household, proposal, state="rejected", reason=reason, by=by)
    record(
        session, by, "proposal.reject", "household", household.id, division_code=household.village_code,
        household_code=household.code, proposal=str(proposal.id), fields=list(proposal.fields), reason=reason,
    )  # fmt: skip
    session.flush()
    return proposal


def _open(session: Session, proposal: HouseholdProposal, by: Viewer) -> Household:
    """Return the household of an open proposal, both held until the end of the transaction."""
    by.demand(Permission.PROPOSAL_DECIDE, proposal.village_code)
    session.refresh(proposal, with_for_update=True)
    household = session.get_one(
        Household, (proposal.county_code, proposal.household_id), with_for_update=True, populate_existing=True
    )
    if proposal.state != "open":
        raise Conflict("{code} 的这条变更已被处理或已被新的上报取代，请刷新页面后再看", code=proposal.household_code)
    return household


def _now(session: Session, household: Household, field: str) -> Any:
    match field:
        case "place":
            return place_of(session, household)
        case "members":
            return [member.name for member in household.members]
        case _:
            return getattr(household, field)


def _change(session: Session, household: Household, proposal: HouseholdProposal, taken: Collection[str]) -> None:
    for field in {"persons", "address"} & set(taken):
        setattr(household, field, proposal.after[field])
    if "place" in taken:
        longitude, latitude, _ = proposal.after["place"]
        household.place = WKTElement(f"POINT({longitude!r} {latitude!r})", srid=SRID)  # type: ignore[assignment]  # GeoAlchemy2 binds either element
    if "phone" in taken:
        household.phone_sealed = proposal.phone_sealed
    if "members" in taken:
        _change_members(session, household, proposal.after["members"])


def _change_members(session: Session, household: Household, members: dict[str, Any]) -> None:
    """Take who is gone off the household and add who is new; nobody new receives anything by that."""
    gone = {plain_name(name) for name in members["gone"]}
    known = {plain_name(member.name) for member in household.members}
    last = max((member.position for member in household.members), default=0)
    for member in [one for one in household.members if plain_name(one.name) in gone]:
        household.members.remove(member)
    for position, new in enumerate(members["added"], last + 1):
        if plain_name(new["name"]) not in known:
            household.members.append(
                Member(
                    county_code=household.county_code,
                    position=position,
                    name=new["name"],
                    relation=new["relation"],
                    receives=False,
                )
            )
    household.roll_fingerprint = None  # it differs from the file it came from
    session.flush()


def _decided(
    session: Session, household: Household, proposal: HouseholdProposal, *, state: str, reason: str, by: Viewer
) -> None:
    proposal.state, proposal.reason = state, reason
    proposal.decided_at, proposal.decided_by = now(), by.account_id
    # Collect gives up what was entered on it only for a version that has caught up with its own
    household.version = max(household.version, (proposal.base_version or 0) + 1)
    session.flush()
