"""A county whose draws are public, through HTTP: committed, thrown, published."""

from datetime import date
from functools import partial

import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.campaigns.tables import Campaign
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.publication.publish import set_publishing
from api.spot_checks.tables import Draw, Frame

DAY = date(2026, 7, 1)
DICE = "31415926535897932384"
REASON = "首次抽取时骰子缺少公证"


class Made:
    """What a test of the open pages needs of a county's draws."""

    def __init__(self, database):
        self.database = database
        with database.transaction() as session:
            campaign = create_campaign(session, **read_plan("shigatse_2018_95", year=2026))
            frame = freeze_frame(session, campaign, world.COUNTY, world.viewer(session, "county"), day=DAY)
            self.campaign, self.frame = campaign.id, (frame.county_code, frame.id)

    def commit(self, **given):
        with self.database.transaction() as session:
            frame = session.get_one(Frame, self.frame)
            campaign = session.get_one(Campaign, self.campaign)
            return commit_draw(
                session, frame, make_plan(session, frame, campaign), world.viewer(session, "county"), **given
            )

    def throw(self, draw, dice=DICE):
        with self.database.transaction() as session:
            kept = session.get_one(Draw, (draw.county_code, draw.id))
            draw_spot_check(session, kept, dice, world.viewer(session, "county"), witnesses="虚构甲，虚构乙")

    def publish(self, *, on=True):
        with self.database.transaction() as session:
            campaign = session.get_one(Campaign, self.campaign)
            set_publishing(session, campaign, world.viewer(session, "admin"), publish=on)

    def all(self, *columns):
        with self.database.read() as session:
            return session.execute(sa.select(*columns)).all()


@pytest.fixture
def made(database):
    return Made(database)


@pytest.fixture
def committed(made):
    made.publish()
    return made.commit()


@pytest.fixture
def drawn(made, committed):
    made.throw(committed)
    return committed


@pytest.fixture
def client(app):
    """Nobody signed in; what is downloaded is read whole, so that its file is closed."""
    client = app.test_client()
    client.get = partial(client.get, buffered=True)
    return client
