"""A township at work: a campaign, a second surveyor, a checker who is a surveyor as well, and what they were given."""

from datetime import date

import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.collection.tables import Assignment
from api.people.accounts import create_account
from api.people.roles import Role
from api.people.tables import Account
from api.registry.tables import Household


def campaign(session, county=world.COUNTY):
    return create_campaign(
        session, name="虚构专项", document_number="〔0〕号", area_code=county,
        stages=[{"name": "全年", "starts_on": date(2020, 1, 1), "ends_on": date(2199, 12, 31)}],
    )  # fmt: skip


def worker(session, name, *grants, language="zh"):
    """One more worker; by default a surveyor of the small world's township."""
    return create_account(
        session, name=name, display_name=f"虚构{name}", password=None,
        grants=grants or [(Role.SURVEYOR, world.TOWNSHIP)], cost_kib=0, language=language,
    )  # fmt: skip


def account(session, name):
    return session.scalars(sa.select(Account).where(Account.name == name)).one()


def road(session, village=world.VILLAGE, first=12):
    """The first households of a village, as one walks."""
    statement = sa.select(Household).where(Household.village_code == village).order_by(Household.code).limit(first)
    return list(session.scalars(statement))


def open_by(session, purpose="township_visit"):
    """The serials of the households that each account has to visit, by account name."""
    rows = session.execute(
        sa.select(Account.name, Household.code)
        .join(Assignment, Assignment.account_id == Account.id)
        .join(Household, Household.id == Assignment.household_id)
        .where(
            Assignment.withdrawn_at.is_(None), Assignment.completed_at.is_(None), Assignment.purpose == purpose
        )
        .order_by(Household.code)
    )  # fmt: skip
    found = {}
    for name, code in rows:
        found.setdefault(name, []).append(int(code[-4:]))
    return found
