"""The home visit published, and an address of a new key as a phone types it."""

import field
import pytest

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled


@pytest.fixture
def published(database):
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))


@pytest.fixture
def surveyor(session):
    return field.account(session, "surveyor")
