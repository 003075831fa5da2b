"""Freezing in the background: one moment of the roll, stored whole or not at all, once."""

from datetime import timedelta

import pytest
import sqlalchemy as sa
import world

from api.campaigns.create import create_campaign
from api.campaigns.plans import read_plan
from api.database import now
from api.jobs.tables import Job
from api.people.tables import AuditEntry
from api.registry.tables import DepartmentRecord, Household
from api.spot_checks import freeze
from api.spot_checks.frame import RollMoved, store_frame, work_out_frame
from api.spot_checks.freeze import ask_for_frame
from api.spot_checks.tables import Frame, FrameUnit


@pytest.fixture
def campaign(database):
    with database.transaction() as session:
        return create_campaign(session, **read_plan("shigatse_2018_95", year=2026))


@pytest.fixture
def ask(database, campaign):
    def for_frame(**values):
        with database.transaction() as session:
            return ask_for_frame(session, campaign, world.COUNTY, world.viewer(session, "county"), **values).id

    return for_frame


@pytest.fixture
def ready(database, campaign):
    """A frame worked out from the roll as it was, not yet stored."""
    with database.snapshot() as session:
        county = world.viewer(session, "county")
        return work_out_frame(session, campaign, world.COUNTY, county, day=now().date())


def stored(database):
    with database.read() as session:
        counts = [session.scalar(sa.select(sa.func.count()).select_from(table)) for table in (Frame, FrameUnit)]
        return tuple(counts)


def rename(session):
    session.scalars(sa.select(Household).where(Household.code == f"{world.VILLAGE}-0001")).one().head_name = "虚构改名"


def record(session):
    session.add(
        DepartmentRecord(
            county_code=world.COUNTY, department="公安", kind="vehicle", name="虚构", identity_hash="1" * 64
        )
    )


def test_the_frame_of_a_job_bears_its_name_and_one_that_died_after_storing_stores_nothing_twice(database, ask, work):
    job_id = ask()
    assert work() == 1
    assert stored(database) == (1, 48)
    with database.transaction() as session:
        frame = session.scalars(sa.select(Frame)).one()
        assert frame.id == job_id
        job = session.scalars(sa.select(Job)).one()
        assert job.result == {"frame_id": str(job_id)}
        # as if its process had died between storing the frame and saying so
        job.state, job.lease_until = "running", now() - timedelta(hours=1)
    assert work() == 1
    assert stored(database) == (1, 48)
    with database.read() as session:
        assert len(session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "frame.freeze")).all()) == 1


def test_another_population_is_another_job(database, ask, work):
    with database.transaction() as session:
        session.execute(sa.update(Household).where(Household.code == f"{world.VILLAGE}-0008").values(on_roll=False))
    assert ask() == ask()
    assert ask(population="missed") != ask()
    assert work() == 3


@pytest.mark.parametrize("change", [rename, record, lambda session: session.execute(sa.delete(Household))])
def test_a_frame_of_a_roll_that_has_changed_meanwhile_is_not_stored(database, ready, change):
    with database.transaction() as session:
        change(session)
    with database.transaction() as session, pytest.raises(RollMoved, match="发生了变化"):
        store_frame(session, ready)
    assert stored(database) == (0, 0)


def test_a_roll_that_changes_under_the_job_is_read_again(database, ask, work, monkeypatch):
    ask()
    real, calls = freeze.work_out_frame, []

    def disturbed(*args, **values):
        ready = real(*args, **values)
        if not calls:
            with database.transaction() as session:
                rename(session)
        calls.append(ready)
        return ready

    monkeypatch.setattr(freeze, "work_out_frame", disturbed)
    assert work() == 1
    assert len(calls) == 2
    with database.read() as session:
        names = session.scalars(sa.select(FrameUnit.head_name).where(FrameUnit.household_code.endswith("201-0001")))
        assert "虚构改名" in names.all()


def test_what_phones_send_meanwhile_does_not_disturb_it(database, ready):
    """Nothing a submission writes is part of a frame."""
    with database.transaction() as session:
        session.execute(sa.update(Household).values(updated_at=Household.updated_at))
        store_frame(session, ready)
    assert stored(database) == (1, 48)
