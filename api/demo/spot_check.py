"""The demo's spot check: frozen, published, drawn with dice that are no dice, and visited in part."""

from collections.abc import Iterable, Mapping, Sequence
from datetime import date, timedelta
from typing import Final

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.collection.tables import Assignment
from api.database import Database
from api.demo.county import COUNTY
from api.people.access import Viewer
from api.people.tables import Account
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.lists.hand_out import hand_out_tours
from api.spot_checks.lists.team import TeamWanted, make_team
from api.spot_checks.lists.tour import plan_tours
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw, Selection

# Written down in advance so that the demo is the same each time: exactly what a real draw must never do.
DICE = "31415926535897932384"
WITNESSES = "虚构见证人甲 (演示用固定数字)，虚构见证人乙 (不是当众掷出)"


# name → its checker, the place of the township it sets out from in the order of codes, days from today on
TEAMS: Final = {
    "一组 (演示)": ("checker", 0, 40),
    "二组 (演示)": ("checker-2", 7, 40),
    "三组 (演示)": ("checker-3", 13, 15),
}
A_DAY: Final = 12  # households of one team
BEGUN_DAYS: Final = 4  # before today
SECONDS: Final = 1.0  # for each part of the list: a demo need not have the very shortest way


def draw_demo(
    database: Database, campaign: Campaign, viewers: Mapping[str, Viewer], townships: Sequence[str], *, day: date
) -> None:
    """Freeze the roll, publish the plan, draw, make teams, plan their days and give these out: each step by itself.

    Parameters
    ----------
    townships : sequence of str
        All of the county, by code.
    """
    supervisor = viewers["county"]
    with database.transaction() as session:
        frame = freeze_frame(session, campaign, COUNTY, supervisor, day=day)
        draw = commit_draw(session, frame, make_plan(session, frame, campaign), supervisor)
        key = (draw.county_code, draw.id)
    with database.transaction() as session:
        draw_spot_check(session, session.get_one(Draw, key), DICE, supervisor, witnesses=WITNESSES)
    with database.transaction() as session:
        for name, (checker, start, days) in TEAMS.items():
            wanted = TeamWanted(
                name=name, members=[viewers[checker].account_id], capacity_per_day=A_DAY,
                days_from=day - timedelta(days=BEGUN_DAYS), days_to=day + timedelta(days=days),
                start_code=townships[start],
            )  # fmt: skip
            make_team(session, supervisor, COUNTY, campaign.id, wanted)
    with database.transaction() as session:
        plan_tours(session, supervisor, session.get_one(Draw, key), seconds=SECONDS)
    with database.transaction() as session:
        hand_out_tours(session, supervisor, session.get_one(Draw, key))


def to_check(session: Session, townships: Iterable[str], *, one_in: int) -> dict[str, str]:
    """Return the households that have been visited, with who has them: one part of the list in some townships.

    Parameters
    ----------
    one_in : int
        A third is 3; rounded up, village by village along the road.

    Returns
    -------
    dict of str to str
        Account name by household code.
    """
    found: dict[str, str] = {}
    for township in townships:
        drawn = session.execute(
            sa.select(Selection.household_code, Account.name)
            .join(
                Assignment,
                sa.and_(
                    Assignment.county_code == Selection.county_code,
                    Assignment.household_id == Selection.household_id,
                    Assignment.purpose == "spot_check",
                ),
            )
            .join(Account, Account.id == Assignment.account_id)
            .where(
                Selection.county_code == COUNTY,
                Selection.role == "base",
                Selection.village_code.startswith(township),
            )
            .order_by(Selection.household_code)
        ).all()
        found |= dict(drawn[: -(-len(drawn) // one_in)])
    return found
