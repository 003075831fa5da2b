"""The home visit published, a phone, and a count of what is stored."""

import pytest
import sqlalchemy as sa
from collect import Phone

from api.collection.forms import publish_form
from api.collection.tables import Submission, SubmissionVersion
from survey_forms.catalogue import compiled


@pytest.fixture(autouse=True)
def published(database):
    """The home visit, published."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))


@pytest.fixture
def phone(client):
    return Phone(client)


@pytest.fixture
def stored(database):
    """How many submissions and versions are stored."""

    def count():
        with database.read() as session:
            return tuple(
                session.scalar(sa.select(sa.func.count()).select_from(table))
                for table in (Submission, SubmissionVersion)
            )

    return count
