"""The home visit published, and phones of any account."""

import pytest
from collect import Phone

from api.collection.forms import publish_form
from survey_forms.catalogue import compiled


@pytest.fixture
def phone_of(app, database):
    """A function from an account's name to its phone; phones have the home visit."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
    return lambda name: Phone(app.test_client(), name)
