"""Who may be given what: the role and the area must fit, and nobody both surveys and checks a household."""

from collections.abc import Callable, Iterable, Sequence
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.tables import Assignment, Submission
from api.people.roles import Role
from api.people.tables import Account
from api.problems import Invalid

ROLE_FOR = {"township_visit": Role.SURVEYOR, "spot_check": Role.SPOT_CHECKER}
OTHER = {"township_visit": "spot_check", "spot_check": "township_visit"}


def is_fit(worker: Account, village: str, purpose: str) -> bool:
    """Tell whether a worker is active and holds the role of a purpose in an area that contains a village."""
    role = ROLE_FOR[purpose]
    return worker.active and any(grant.role == role and village.startswith(grant.area_code) for grant in worker.grants)


def refuse_unfit(workers: Sequence[Account], villages: Iterable[str], purpose: str) -> None:
    """Refuse workers to whom not all of the villages may be given.

    Raises
    ------
    Invalid
        When nobody is named, or somebody who is not fit; it names him and the first village that is out of his area.
    """
    if not workers:
        raise Invalid("请至少选择一人", where="workers")
    for worker in workers:
        outside = next((village for village in sorted(set(villages)) if not is_fit(worker, village, purpose)), None)
        if outside is not None:
            raise Invalid(
                "不能分配给 {name}：他在村 {village} 没有这项职责，或账号已停用",
                where="workers",
                name=worker.display_name,
                village=outside,
            )


def involved(session: Session, county_code: str, accounts: Sequence[UUID], purpose: str) -> set[tuple[UUID, UUID]]:
    """Return (account, household) of every visit of a purpose that one of the accounts made, or was ever given."""
    found: set[tuple[UUID, UUID]] = set()
    for table in (Submission, Assignment):
        rows = session.execute(
            sa.select(table.account_id, table.household_id).where(
                table.county_code == county_code,
                table.account_id.in_(accounts),
                table.purpose == purpose,
                table.household_id.is_not(None),
            )
        )
        found.update((account, household) for account, household in rows if household is not None)
    return found


# (session, county code, accounts) → (account, household) pairs that must not be; who knows of them is wired in
# `api.create_app` and travels with every writing session, so that no way of giving a household passes it by.
Conflicts = Callable[[Session, str, Sequence[UUID]], set[tuple[UUID, UUID]]]


def kept_away(session: Session, county_code: str, accounts: Sequence[UUID], purpose: str) -> set[tuple[UUID, UUID]]:
    """Return (account, household) pairs that must not be for a purpose.

    Whoever surveys a household does not check it, nor the other way round; and a checker stays away from whatever the
    session's own rule of conflicts names.
    """
    barred = involved(session, county_code, accounts, OTHER[purpose])
    conflicts: Conflicts | None = session.info.get("conflicts")
    if purpose == "spot_check" and conflicts is not None:
        barred |= conflicts(session, county_code, accounts)
    return barred
