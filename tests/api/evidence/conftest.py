"""The home visit published, phones of any account, and households given to them."""

import pytest
import sqlalchemy as sa
import world
from collect import HOUSEHOLD, Phone

from api.campaigns.tables import Campaign
from api.collection.forms import publish_form
from api.collection.tables import Assignment
from api.people.tables import Account
from api.registry.tables import Household
from survey_forms.catalogue import compiled


@pytest.fixture(autouse=True)
def published(database):
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))


@pytest.fixture
def phone_of(app):
    """A function from an account's name to its phone."""
    return lambda name: Phone(app.test_client(), name)


@pytest.fixture
def assign(database):
    """A function that gives a household to a worker for a purpose."""

    def give(name, household=HOUSEHOLD, purpose="spot_check", **values):
        with database.transaction() as session:
            campaign = session.scalar(sa.select(Campaign)) or Campaign(
                name="t", document_number="1", area_code=world.COUNTY
            )
            session.add(campaign)
            session.flush()
            account = session.scalars(sa.select(Account).where(Account.name == name)).one()
            found = session.scalars(sa.select(Household).where(Household.code == household)).one()
            assignment = Assignment(
                county_code=found.county_code, campaign_id=campaign.id, household_id=found.id,
                account_id=account.id, purpose=purpose, **values,
            )  # fmt: skip
            session.add(assignment)
            session.flush()
            return assignment.county_code, assignment.id

    return give
