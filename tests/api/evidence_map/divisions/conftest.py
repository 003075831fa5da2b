"""Ground for the small world: a row of squares, villages within townships within counties, neighbours edge to edge."""

import pytest
import shapely
import sqlalchemy as sa
import world
from checks import Drawn, seen

from api.registry.tables import DivisionBoundary, Household


@pytest.fixture
def ground(database):
    """Gives every village, township and county of the small world its square, all but one made up."""
    squares = {code: shapely.box(89 + at, 28, 90 + at, 29) for at, code in enumerate(world.VILLAGES)}
    shapes = dict(squares)
    for length in (9, 6):
        for code in {code[:length] for code in squares}:
            shapes[code] = shapely.union_all([one for key, one in squares.items() if key.startswith(code)])
    with database.transaction() as session:
        for code, shape in shapes.items():
            session.add(
                DivisionBoundary(
                    division_code=code, ground=f"SRID=4326;{shapely.MultiPolygon([shape]).wkt}",
                    synthetic=code != world.VILLAGE, source="虚构",
                )
            )  # fmt: skip
    return shapes


@pytest.fixture
def visited(database):
    """A function that keeps a visit of a household, by default by the township."""

    def make(code=f"{world.VILLAGE}-0001", **more):
        with database.transaction() as session:
            household = session.scalars(sa.select(Household).where(Household.code == code)).one()
            given = {"purpose": "township_visit", "by": "surveyor", "photo": True, **more}
            return seen(session, Drawn(household), **given).id

    return make


@pytest.fixture
def ask(app, bearer):
    """A function that asks one of the two ways programs have, as an account."""

    def call(name, way="figures", **query):
        return app.test_client().get(f"/api/evidence/map/{way}", query_string=query, headers=bearer(name))

    return call
