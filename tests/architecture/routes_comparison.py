"""Examples of the routes of comparisons, for the walk. The first drawn households of both counties are visited."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
import world
from checks import seen
from example import Example

from api.spot_checks.tables import Selection

WHY = "两份答卷都看过 (虚构)"
HOUSEHOLD = {
    "inside": lambda built: {"draw_id": built.draws[world.COUNTY], "household_id": built.compared[world.COUNTY]},
    "outside": lambda built: {
        "draw_id": built.draws[world.OTHER_COUNTY],
        "household_id": built.compared[world.OTHER_COUNTY],
    },
}
DRAW = {
    "inside": lambda built: {"draw_id": built.draws[world.COUNTY]},
    "outside": lambda built: {"draw_id": built.draws[world.OTHER_COUNTY]},
}
CHECKERS = {world.COUNTY: "checker", world.OTHER_COUNTY: "checker-outside"}


def visit_both(session: Any, draw_id: UUID) -> UUID:
    """Both visits of the last household that a draw chose; the surveyor's is the same for both counties."""
    drawn = sa.select(Selection).where(Selection.draw_id == draw_id, Selection.role == "base")
    chosen = session.scalars(drawn.order_by(Selection.household_code.desc())).first()
    seen(session, chosen, purpose="township_visit", by="surveyor", minutes=-60, members_count=2)
    seen(
        session, chosen, by=CHECKERS[chosen.county_code], members_count=3, verdict="amount_high", error_kinds=["favour"]
    )
    return chosen.household_id


INCOME = "visit.income_yuan_per_person_year"
NOT_HIS = (404,)  # a surveyor or reviewer reads evidence, but no comparison; a checker only of his own checks

COMPARISON: dict[tuple[str, str], Example] = {
    ("GET", "spot_check_comparison.comparison_list"): Example(**DRAW),
    ("GET", "spot_check_comparison.comparison_one"): Example(**HOUSEHOLD, also=NOT_HIS),
    ("POST", "spot_check_comparison.comparison_judge"): Example(
        **HOUSEHOLD, json={"verdict": "right", "reason": WHY}, also=(409,)
    ),
    ("GET", "spot_check_comparison.comparison_rates"): Example(**DRAW),
    ("GET", "spot_check_comparison.tolerances_one"): Example(query={"county": world.COUNTY}, secrets=("visit.met",)),
    ("POST", "spot_check_comparison.tolerances_declare"): Example(
        json={
            "county_code": world.COUNTY,
            "note": WHY,
            "rules": [{"key": INCOME, "kind": "relative", "tolerance": 15, "decides": "always"}],
        },
        also=(422,),  # declared once, a second time nothing has changed
    ),
    ("GET", "spot_check_comparison_pages.comparison"): Example(query={"county": world.COUNTY}, secrets=("虚构户主",)),
    ("GET", "spot_check_comparison_pages.export"): Example(
        inside={"file_format": "csv"}, query={"county": world.COUNTY}, secrets=("虚构户主",)
    ),
    ("GET", "spot_check_comparison_pages.rates"): Example(query={"county": world.COUNTY}, secrets=("江孜",)),
    ("GET", "spot_check_comparison_pages.rules"): Example(query={"county": world.COUNTY}, secrets=("江孜",)),
    ("POST", "spot_check_comparison_pages.declare"): Example(
        form={
            "county": world.COUNTY,
            "note": WHY,
            f"kind:{INCOME}": "relative",
            f"tolerance:{INCOME}": "20",
            f"decides:{INCOME}": "always",
        },
        also=(422,),
    ),
    ("GET", "spot_check_comparison_pages.beside"): Example(**HOUSEHOLD),
    ("GET", "spot_check_comparison_pages.household"): Example(**HOUSEHOLD, also=NOT_HIS),
    ("POST", "spot_check_comparison_pages.judge"): Example(
        **HOUSEHOLD, form={"verdict": "right", "reason": WHY}, also=(409,)
    ),
}
