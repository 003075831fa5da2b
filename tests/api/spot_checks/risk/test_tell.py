"""Review begins with the riskiest households: told by spot checks, and only to those who may read them."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen
from signs import add_signs

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.database import now
from api.evidence.checks.tables import FieldCheck
from api.evidence.review.queue import Wanted, queue
from api.evidence.review.tables import HouseholdRisk
from api.evidence.tables import Evidence
from api.registry.tables import Household
from api.spot_checks.risk import CERTAIN
from api.spot_checks.risk.adopt import adopt_model
from api.spot_checks.risk.assess import BAND_ORDER
from api.spot_checks.risk.keep import signs_of_county
from api.spot_checks.risk.model import DEFAULTS, weights_of
from api.spot_checks.risk.tables import RiskTold
from api.spot_checks.risk.tell import AGAIN, sweep, tell_county


@pytest.fixture
def obliged(database):
    """A campaign that obliges the county, whose households have signs."""
    with database.transaction() as session:
        add_signs(session)
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026))


@pytest.fixture
def waiting(database, obliged):
    """Visits of one household of each band that there is, the least risky first; returns their bands in order."""
    with database.transaction() as session:
        signs = signs_of_county(session, obliged, world.COUNTY, now().date())
        first = {int(band): key for key, band in zip(signs.ids[::-1], signs.table.bands(DEFAULTS)[::-1], strict=True)}
        for minutes, (_, key) in enumerate(sorted(first.items())):
            household = session.get_one(Household, (world.COUNTY, key))
            seen(session, Drawn(household), purpose="township_visit", by="surveyor", minutes=minutes)
        return sorted(first)


def _queue(database, name, **wanted):
    with database.read() as session:
        return queue(session, world.viewer(session, name), Wanted(**wanted), limit=50)[0]


def test_of_equally_doubtful_visits_those_of_the_riskiest_households_come_first(database, waiting):
    assert [row.risk for row in _queue(database, "county")] == [-1] * len(waiting)
    assert tell_county(database, world.COUNTY)
    assert len(waiting) > 2
    assert [row.risk for row in _queue(database, "county")] == waiting[::-1]
    assert waiting[-1] == BAND_ORDER.index(CERTAIN)
    assert [row.risk for row in _queue(database, "city", order="oldest")] == waiting
    assert [row.risk for row in _queue(database, "city", order="newest")] == waiting[::-1]


def test_doubt_goes_before_risk_unless_the_reader_says_otherwise(database, waiting):
    tell_county(database, world.COUNTY)
    (*_, calm) = _queue(database, "county")
    with database.transaction() as session:
        key = session.scalars(sa.select(Evidence.id).where(Evidence.submission_id == calm.id)).one()
        session.add(
            FieldCheck(county_code=world.COUNTY, evidence_id=key, rule="far-from-home", numbers={}, thresholds="t")
        )  # fmt: skip
    assert _queue(database, "county")[0].id == calm.id
    assert _queue(database, "county", order="risk")[0].risk == waiting[-1]


def test_a_township_is_neither_told_the_band_nor_shown_it_by_the_order(database, waiting, signed_in):
    tell_county(database, world.COUNTY)
    rows = _queue(database, "township", order="risk")
    assert {row.risk for row in rows} == {-1}
    assert [row.received_at for row in rows] == sorted(row.received_at for row in rows)
    page = signed_in("township").get("/evidence/review?order=risk").text
    assert "风险" not in page
    assert "风险高的在前" in signed_in("county").get("/evidence/review").text


def test_only_what_has_changed_is_told_again(database, obliged):
    changed = tell_county(database, world.COUNTY)
    with database.read() as session:
        on_roll = sa.select(sa.func.count()).where(Household.county_code == world.COUNTY, Household.on_roll.is_(True))
        assert changed == session.scalars(on_roll).one()
    assert tell_county(database, world.COUNTY) == 0
    with database.transaction() as session:
        heavy = weights_of(dict.fromkeys(DEFAULTS.weights, 20), (1, 2), base=DEFAULTS)
        adopt_model(session, obliged, world.COUNTY, heavy, world.viewer(session, "county"), note="虚构的理由")
    assert 0 < tell_county(database, world.COUNTY) < changed
    with database.read() as session:
        bands = set(session.scalars(sa.select(HouseholdRisk.band)))
    assert bands == {0, 2, 3}


def test_a_county_is_looked_at_once_an_hour_and_one_without_a_campaign_has_no_bands(database, obliged):
    assert sweep(database) >= 2
    assert sweep(database) == 0
    with database.transaction() as session:
        counties = set(session.scalars(sa.select(HouseholdRisk.county_code)))
        told = session.get_one(RiskTold, world.COUNTY)
        told.told_at = now() - AGAIN - timedelta(seconds=1)
    assert sweep(database) == 1
    assert world.COUNTY in counties


def test_a_household_that_left_the_roll_is_of_no_band(database, obliged):
    tell_county(database, world.COUNTY)
    with database.transaction() as session:
        household = session.scalars(sa.select(Household).where(Household.county_code == world.COUNTY)).first()
        household.on_roll, household.updated_at = False, now()
        key = household.id
    assert tell_county(database, world.COUNTY) >= 1
    with database.read() as session:
        assert session.get(HouseholdRisk, (world.COUNTY, key)) is None
