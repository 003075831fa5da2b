"""Give each visited township's households to its surveyor, as its reviewer would before the first visit."""

from collections.abc import Iterable

from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.assignments.choose import households_of_villages
from api.collection.assignments.give import give_households
from api.demo.county import TOWN
from api.people.access import Viewer
from api.people.tables import Account


def give_townships(
    session: Session, campaign: Campaign, supervisor: Viewer, viewers: dict[str, Viewer], townships: Iterable[str]
) -> None:
    """Give all households on the roll of some townships to the surveyor of each.

    Parameters
    ----------
    viewers : dict of str to Viewer
        By account name, as `api.demo.accounts.make_accounts` returns them.
    """
    for township in sorted(townships):
        surveyor = session.get_one(Account, viewers[surveyor_of(township)].account_id)
        households = households_of_villages(session, supervisor, [township])
        give_households(session, supervisor, campaign, households, [surveyor])


def surveyor_of(township: str) -> str:
    """Return the account name of a township's surveyor."""
    return "surveyor" if township == TOWN else f"surveyor-{township}"
