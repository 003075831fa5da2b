"""A county ready to be drawn: a campaign, relatives of officials, department records, and a frozen frame."""

from datetime import date

import pytest
import world
from signs import add_signs

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.publication.approve import decide_second_draw

TODAY = date(2026, 7, 1)
DICE = "31415926535897932384"
MORE_DICE = "27182818284590452353"
WITNESSES = "虚构人大代表，虚构村民"


@pytest.fixture
def campaign(session):
    add_signs(session)
    return create_campaign(session, **read_plan("shigatse_2018_95", year=2026))


@pytest.fixture
def frame(session, campaign, viewer):
    return freeze_frame(session, campaign, world.COUNTY, viewer("county"), day=TODAY)


@pytest.fixture
def draw(session, campaign, frame, viewer):
    return commit_draw(session, frame, make_plan(session, frame, campaign), viewer("county"))


@pytest.fixture
def result(session, draw, viewer):
    return draw_spot_check(session, draw, DICE, viewer("county"), witnesses=WITNESSES)


@pytest.fixture
def approve(session, viewer):
    """A function with which the city approves a second draw."""
    return lambda draw, note="": decide_second_draw(session, draw, viewer("city"), approved=True, note=note)
