"""Visits of three townships with doubts, photos and answers, as layers show them."""

import pytest
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.collection.forms import publish_form
from api.evidence.checks.judge import sweep
from api.evidence.review.tables import Review
from api.evidence.tables import Evidence
from api.registry.tables import Household
from survey_forms.catalogue import compiled

HERE = f"{world.VILLAGE}-000"
NEXT = "540222201201-0001"
AWAY = "540221100201-0001"


def household(session, code):
    return Drawn(session.scalars(sa.select(Household).where(Household.code == code)).one())


@pytest.fixture
def visits(app, database):
    """Ids by name: six visits here, one without a place, one next door, one in another county, an interview."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
        made = {
            f"here-{n}": seen(
                session, household(session, f"{HERE}{n}"), purpose="township_visit", by="surveyor", photo=n == 1,
                minutes=n, sheep=n, remark="电话13812345678",
            )
            for n in range(1, 7)
        }  # fmt: skip
        made["nowhere"] = seen(
            session, household(session, f"{HERE}7"), purpose="township_visit", by="surveyor", place=False
        )  # fmt: skip
        made["next"] = seen(session, household(session, NEXT), purpose="township_visit", by="surveyor-outside")
        made["away"] = seen(session, household(session, AWAY), by="checker-outside")
        made["interview"] = seen(
            session, household(session, f"{HERE}1"), purpose="township_visit", by="surveyor", kind="interview"
        )  # fmt: skip
        session.execute(
            sa.update(Evidence)
            .where(Evidence.id == made["here-6"].id)
            .values(place="SRID=4326;POINT(89.9 28.95)", collected_at=made["here-1"].collected_at.replace(year=2020))
        )
        one = made["here-2"]
        session.add(Review(county_code=world.COUNTY, id=one.submission_id, state="accepted"))
        ids = {name: str(piece.id) for name, piece in made.items()}
    assert sweep(database)
    return ids


@pytest.fixture
def ask(app, bearer):
    """A function from an account and an address below /ogc to the answer."""
    client = app.test_client()
    return lambda name, address, **query: client.get("/ogc" + address, headers=bearer(name), query_string=query or None)


@pytest.fixture
def ids_of(ask):
    """A function from an account, a layer and a query to the ids that the layer shows, over all its pages."""

    def ids(name, layer="evidence", **query):
        found, answer = [], ask(name, f"/collections/{layer}/items", **query)
        while True:
            assert answer.status_code == 200, answer.text
            found += [one["id"] for one in answer.json["features"]]
            following = [link["href"] for link in answer.json["links"] if link["rel"] == "next"]
            if not following:
                return found
            answer = ask(name, following[0].partition("/ogc")[2])

    return ids
