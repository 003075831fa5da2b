"""The paper that a team takes along: one day to print, all days of a draw to print, one day as a workbook."""

from collections.abc import Sequence
from typing import Final
from uuid import UUID

from flask import Blueprint, Response, render_template, request

from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid
from api.spot_checks.lists.paper import Paper, paper_of, papers_of
from api.spot_checks.lists.paper_sheet import paper_xlsx
from api.spot_checks.lists.places import PLACED
from api.spot_checks.lists.sketch import sketch_tour

blueprint = Blueprint(
    "spot_check_paper_pages", __name__, template_folder="templates", url_prefix="/spot-checks"
)  # fmt: skip

READ: Final = Permission.SPOT_CHECK_READ
SHEET: Final = "application/vnd.openxmlformats-officedocument.spreadsheetml.sheet"


@blueprint.get("/tours/<uuid:tour_id>/paper")
@allow(READ, area="rows", ways=("session",))
def tour_paper(tour_id: UUID) -> str:
    """Show one day of one team, to print."""
    return _print([paper_of(session_now(), viewer(), tour_id)])


@blueprint.get("/draws/<uuid:draw_id>/paper")
@allow(READ, area="rows", ways=("session",))
def tours_paper(draw_id: UUID) -> str:
    """Show every day of a draw, or those of one team or one day, each on a sheet of its own."""
    day = request.args.get("day", "")
    if day and not (day.isascii() and day.isdigit() and len(day) <= 4):  # noqa: PLR2004 - digits of a day
        raise Invalid("第几天要填数字，不能是 {day}", where="day", day=day[:20])
    try:
        team_id = UUID(team) if (team := request.args.get("team", "")) else None
    except ValueError:
        raise Invalid("地址里的小组编号不对", where="team") from None
    papers = papers_of(session_now(), viewer(), draw_id, team_id=team_id, day=int(day) if day else None)
    return _print(papers)


@blueprint.get("/tours/<uuid:tour_id>/sheet.xlsx")
@allow(READ, area="rows", ways=("session",))
def tour_sheet(tour_id: UUID) -> Response:
    """Download one day of one team as a workbook."""
    paper = paper_of(session_now(), viewer(), tour_id)
    answer = Response(paper_xlsx(paper), content_type=SHEET)
    name = f"spot-check-{paper.county_code}-{paper.draw_number}-{paper.team}-{paper.day}.xlsx"
    answer.headers.set("Content-Disposition", "attachment", filename=name)
    return answer


def _print(papers: Sequence[Paper]) -> str:
    sheets = [
        (paper, sketch_tour(paper.start, [(stop.point, stop.placed == "household") for stop in paper.stops]))
        for paper in papers
    ]
    return render_template("spot_check_paper/paper.html", sheets=sheets, placed=PLACED, one=len(papers) == 1)
