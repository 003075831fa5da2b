"""A township at work."""

import field
import pytest

from api.collection.assignments.give import give_households


@pytest.fixture
def campaign(session):
    return field.campaign(session)


@pytest.fixture
def surveyor(session):
    return field.account(session, "surveyor")


@pytest.fixture
def second(session):
    return field.worker(session, "surveyor-2")


@pytest.fixture
def road(session):
    return field.road(session)


@pytest.fixture
def give(session, campaign, viewer):
    """A function that gives households to workers."""
    return lambda households, *workers, who="township", **more: give_households(
        session, viewer(who), campaign, households, workers, **more
    )
