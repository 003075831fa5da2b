"""A draw large enough for every stratum to show a spread, and its list with what the checkers found."""

import pytest
import sqlalchemy as sa
from checks import seen

from api.spot_checks.commit import commit_draw
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Selection

NOTE = "村委会证实 (虚构)"


@pytest.fixture
def draw(session, campaign, frame, viewer):
    return commit_draw(session, frame, make_plan(session, frame, campaign, total=34), viewer("county"))


@pytest.fixture
def base(session, draw, result):
    drawn = sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")
    return session.scalars(drawn.order_by(Selection.household_code)).all()


@pytest.fixture
def refuses(base):
    """One of a stratum in which at least two others were drawn."""
    return next(one for one in base if sum(other.stratum == one.stratum for other in base) > 2)


@pytest.fixture
def wrong(base, refuses):
    """Each third is not eligible; the last of them has moved away."""
    return [one for at, one in enumerate(base) if at % 3 == 0 and one is not refuses]


@pytest.fixture
def checked(session, base, refuses, wrong):
    """Every household of the list, all checked."""
    for one in base:
        if one is refuses:
            seen(session, one, outcome="refused", outcome_note=NOTE)
        elif one is wrong[-1]:
            seen(session, one, outcome="moved", outcome_note=NOTE)
        elif one in wrong:
            seen(session, one, verdict="not_eligible", error_kinds=["favour"], withheld="no")
        else:
            seen(session, one, verdict="right", error_kinds="none", withheld="no")
    return base
