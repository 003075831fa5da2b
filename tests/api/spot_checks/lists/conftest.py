"""A drawn list with two checkers: what each test of the lists begins with."""

import pytest
import world
from field import account, worker

from api.people.roles import Role
from api.spot_checks.outcomes import outcomes_of


@pytest.fixture
def checker(session):
    return account(session, "checker")


@pytest.fixture
def second(session):
    return worker(session, "checker-2", (Role.SPOT_CHECKER, world.COUNTY))


@pytest.fixture
def households(session, draw, result):
    """A function that returns the households of the list with a role, those of layers with reserves first."""

    def of(role="base"):
        found = outcomes_of(session, draw)
        with_reserves = {one.stratum for one in found if one.role == "reserve"}
        return sorted((one for one in found if one.role == role), key=lambda one: one.stratum not in with_reserves)

    return of
