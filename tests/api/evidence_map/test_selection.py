"""A selection narrows what a reader sees, and never widens it."""

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.evidence.checks.judge import sweep
from api.evidence.review.tables import Review
from api.evidence.tables import Evidence
from api.evidence_map.selection import Selection, selected
from api.registry.tables import Household

ONE, TWO = f"{world.VILLAGE}-0001", f"{world.VILLAGE}-0002"


@pytest.fixture
def visits(database):
    """Two visits of the township: one without a place, accepted, one with; judged."""
    with database.transaction() as session:
        for code, place in ((ONE, False), (TWO, True)):
            household = session.scalars(sa.select(Household).where(Household.code == code)).one()
            household.head_name = f"虚构户主{code[-1]}"
            piece = seen(
                session, Drawn(household), purpose="township_visit", by="surveyor", place=place, photo=place
            )  # fmt: skip
            if code == ONE:
                session.add(Review(county_code=world.COUNTY, id=piece.submission_id, state="accepted"))
    assert sweep(database)


@pytest.fixture
def selects(database):
    """A function from an account and a selection to the households of what it selects."""

    def codes(name, **asked):
        with database.read() as session:
            condition = selected(world.viewer(session, name), Selection(**asked))
            return sorted(session.scalars(sa.select(Evidence.household_code).where(condition)))

    return codes


@pytest.mark.usefixtures("visits")
def test_every_part_of_a_selection_narrows(selects):
    assert selects("county") == [ONE, TWO]
    assert selects("county", state="accepted") == [ONE]
    assert selects("county", state="received") == [TWO]
    assert selects("county", rule="no-place") == [ONE]
    assert selects("county", doubt="any", area=world.VILLAGE)[0] == ONE
    assert selects("county", search=TWO) == [TWO]
    assert selects("county", search="主1") == [ONE]
    assert selects("county", area=world.NEXT_TOWNSHIP) == []


@pytest.mark.usefixtures("visits")
def test_who_may_not_know_the_draw_cannot_ask_for_it(selects):
    assert selects("county", drawn="no") == [ONE, TWO]  # no draw yet
    assert selects("township", drawn="no") == []
    assert selects("township", band="high") == []


@pytest.mark.usefixtures("visits")
def test_a_selection_opens_nothing_outside(selects):
    assert selects("township-outside", search=ONE) == []
    assert selects("county-outside", area=world.TOWNSHIP) == []
