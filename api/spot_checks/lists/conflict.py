"""From which households a checker must stay away, and why: his people's, his home village's, those he surveyed."""

from collections import defaultdict
from collections.abc import Iterable, Mapping, Sequence
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.assignments.fit import involved
from api.collection.assignments.reach import in_parts
from api.people.access import inside
from api.registry.tables import DeclaredRelative, Household, Member, Official
from api.spot_checks.lists.tables import CheckerTie, ConflictOverride

Pair = tuple[UUID, UUID]  # (account, household)

KINDS: Final = {
    "relative": "亲属家庭",
    "home_village": "本村",
    "declared": "本人或备案近亲属",  # he is an official, and the roll knows his relatives by identity number
    "surveyed": "本人调查过",
}
NEVER: Final = "surveyed"  # comparing a man's answers with his own proves nothing: no reason makes it a check
VILLAGE_LENGTH: Final = 12


def conflicting(session: Session, county_code: str, accounts: Sequence[UUID]) -> set[Pair]:
    """Return (account, household) of every conflict that is not overridden."""
    overridden = {(one.account_id, one.household_id) for one in overrides_of(session, county_code)}
    return {
        pair
        for pair, kinds in conflicts_of(session, county_code, accounts).items()
        if pair not in overridden or NEVER in kinds
    }


def conflicts_of(session: Session, county_code: str, accounts: Iterable[UUID]) -> Mapping[Pair, set[str]]:
    """Return why a checker must stay away from a household, for every pair: keys of `KINDS`, overridden or not."""
    accounts = list(accounts)
    found: dict[Pair, set[str]] = defaultdict(set)
    ties = session.scalars(
        sa.select(CheckerTie).where(
            CheckerTie.county_code == county_code, CheckerTie.account_id.in_(accounts), CheckerTie.ended_at.is_(None)
        )
    ).all()
    of_village: dict[str, set[UUID]] = defaultdict(set)
    of_official: dict[UUID, set[UUID]] = defaultdict(set)
    for tie in ties:
        if tie.household_id is not None:
            found[tie.account_id, tie.household_id].add("relative")
        if tie.village_code is not None:
            of_village[tie.village_code].add(tie.account_id)
        if tie.official_id is not None:
            of_official[tie.official_id].add(tie.account_id)
    for official, village in _posts(session, county_code, of_official):
        of_village[village] |= of_official[official]
    for pair in _at_home(session, county_code, of_village):
        found[pair].add("home_village")
    for official, household in _families(session, county_code, of_official):
        for account in of_official[official]:
            found[account, household].add("declared")
    for pair in involved(session, county_code, accounts, "township_visit"):
        found[pair].add("surveyed")
    return found


def overrides_of(session: Session, county_code: str) -> Sequence[ConflictOverride]:
    """Return every exception that was made in a county, the latest first."""
    made = sa.select(ConflictOverride).where(ConflictOverride.county_code == county_code)
    return session.scalars(made.order_by(ConflictOverride.at.desc())).all()


def _posts(session: Session, county_code: str, officials: Iterable[UUID]) -> list[tuple[UUID, str]]:
    """Return the villages in which officials hold their post: as good as a home village."""
    rows = session.execute(
        sa.select(Official.id, Official.division_code).where(
            Official.county_code == county_code,
            Official.id.in_(officials),
            sa.func.length(Official.division_code) == VILLAGE_LENGTH,
        )
    )
    return [(official, village) for official, village in rows]


def _at_home(session: Session, county_code: str, of_village: Mapping[str, set[UUID]]) -> set[Pair]:
    """Return (account, household) of every household in a village of an account's."""
    villages = sa.select(Household.id, Household.village_code).where(
        Household.county_code == county_code, inside(Household.village_code, sorted(of_village))
    )
    return {
        (account, household)
        for household, village in session.execute(villages)
        for account in of_village[village]
    }  # fmt: skip


def _families(session: Session, county_code: str, officials: Iterable[UUID]) -> set[tuple[UUID, UUID]]:
    """Return (official, household) where the householder or a member is the official or a declared relative of his."""
    officials = list(officials)
    if not officials:
        return set()
    whose: dict[str, set[UUID]] = defaultdict(set)
    known: tuple[tuple[Any, Any], ...] = (
        (Official.id, Official.identity_hash),
        (DeclaredRelative.official_id, DeclaredRelative.identity_hash),
    )
    for official, identity in known:
        table = official.class_
        rows = session.execute(
            sa.select(official, identity).where(
                table.county_code == county_code, official.in_(officials), identity.is_not(None)
            )
        )
        for one, number in rows:
            whose[number].add(one)
    found: set[tuple[UUID, UUID]] = set()
    for some in in_parts(sorted(whose)):
        persons: tuple[tuple[Any, Any], ...] = (
            (Household.id, Household.head_identity_hash),
            (Member.household_id, Member.identity_hash),
        )
        for household, identity in persons:
            rows = session.execute(
                sa.select(household, identity).where(household.class_.county_code == county_code, identity.in_(some))
            )
            found.update((official, one) for one, number in rows for official in whose[number])
    return found
