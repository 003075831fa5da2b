"""Helps for tests of risk: households by code, their signs today, and weights to try."""

from datetime import date
from types import SimpleNamespace

import pytest
import sqlalchemy as sa
import world
from checks import seen

from api.registry.tables import Household
from api.spot_checks.risk.assess import assess_risk
from api.spot_checks.risk.keep import signs_of_county
from api.spot_checks.risk.model import DEFAULTS, weights_of

TODAY = date(2026, 7, 1)


@pytest.fixture
def one(session):
    """A household by the end of its code."""

    def find(serial, village=world.VILLAGE):
        return session.scalars(sa.select(Household).where(Household.code == f"{village}-{serial:04d}")).one()

    return find


@pytest.fixture
def said(session, campaign):
    """What the signs of a household say today: sign → its texts, filled."""

    def find(household, weights=None):
        (risk,) = assess_risk(session, campaign, household.county_code, [household.id], TODAY, weights=weights)
        return {
            reason["indicator"]: [detail["text"].format(**detail["values"]) for detail in reason["details"]]
            for reason in risk.reasons
        }

    return find


@pytest.fixture
def county(session, campaign):
    return signs_of_county(session, campaign, world.COUNTY, TODAY)


@pytest.fixture
def tried():
    """Weights with some changed."""

    def change(cuts=(2, 5), **weights):
        return weights_of(weights, cuts, base=DEFAULTS)

    return change


@pytest.fixture
def visited(session):
    """What the township saw of a household: a visit by default, or another kind of evidence."""

    def see(household, **content):
        whose = SimpleNamespace(
            county_code=household.county_code, household_id=household.id, household_code=household.code,
            village_code=household.village_code,
        )  # fmt: skip
        return seen(session, whose, **{"purpose": "township_visit", "by": "surveyor", **content})

    return see
