"""The demo's spot check: frozen, published, drawn with dice that are no dice, and visited in part."""

from collections.abc import Iterable
from datetime import date

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.database import Database
from api.demo.county import COUNTY
from api.people.access import Viewer
from api.people.tables import Account
from api.spot_checks.assign import assign_selection
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw, Selection

# Written down in advance so that the demo is the same each time: exactly what a real draw must never do.
DICE = "31415926535897932384"
WITNESSES = "虚构见证人甲 (演示用固定数字)，虚构见证人乙 (不是当众掷出)"


def draw_demo(database: Database, campaign: Campaign, supervisor: Viewer, checker: Viewer, *, day: date) -> None:
    """Freeze the roll, publish the plan, draw, and give the list to the checker: each step committed by itself."""
    with database.transaction() as session:
        frame = freeze_frame(session, campaign, COUNTY, supervisor, day=day)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), supervisor)
        key = (draw.county_code, draw.id)
    with database.transaction() as session:
        draw_spot_check(session, session.get_one(Draw, key), DICE, supervisor, witnesses=WITNESSES)
    with database.transaction() as session:
        account = session.get_one(Account, checker.account_id)
        assign_selection(session, session.get_one(Draw, key), [account], supervisor)


def to_check(session: Session, townships: Iterable[str], *, one_in: int) -> list[str]:
    """Return the codes of the households that the checker has visited: one part of what was drawn in some townships.

    Parameters
    ----------
    one_in : int
        A third is 3; rounded up, village by village along the road.
    """
    codes: list[str] = []
    for township in townships:
        drawn = session.scalars(
            sa.select(Selection.household_code)
            .where(
                Selection.county_code == COUNTY,
                Selection.role == "base",
                Selection.village_code.startswith(township),
            )
            .order_by(Selection.household_code)
        ).all()
        codes += drawn[: -(-len(drawn) // one_in)]
    return codes
