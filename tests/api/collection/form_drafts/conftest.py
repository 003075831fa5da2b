"""A county's supervisor, the house's form published, and a compiler that does not begin a process each time."""

import pytest
import world
from forms import compile_here
from supervisor import Supervisor

from api.collection.form_drafts import resources
from api.collection.forms import publish_form
from survey_forms.catalogue import compiled


@pytest.fixture
def published(database):
    """The home visit, published."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))


@pytest.fixture(autouse=True)
def compiled_here(monkeypatch):
    """Compile in this process; `test_findings` has the tests of the other one."""
    monkeypatch.setattr(resources, "compile_apart", compile_here)


@pytest.fixture
def supervisor(app, bearer, published):
    return Supervisor(app, bearer("county"), world.COUNTY)


@pytest.fixture
def neighbour(app, bearer, published):
    """The supervisor of the other county."""
    return Supervisor(app, bearer("county-outside"), world.OTHER_COUNTY)
