"""The supervisor's page of what visits would change of the roll: look, tick, say why, accept or reject."""

from collections.abc import Iterator
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.edge import text
from api.evidence.proposals.reading import ORDERS, Filters, decide, how_many, proposals, shown
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid
from api.registry.divisions import LEVEL_BY_LENGTH
from api.registry.proposals.tables import FIELDS, STATES
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv
from api.registry.secrecy import Secrecy, open_secrecy
from api.registry.tables import Division

PAGE_ROWS: Final = 50
MOST_EXPORTED: Final = 10_000
FIELD_NAMES: Final = {"place": "位置", "phone": "电话", "persons": "人口", "address": "住址", "members": "成员"}
STATE_NAMES: Final = {"open": "待处理", "accepted": "已采纳", "rejected": "已退回", "superseded": "已被取代"}
HEADINGS: Final = (
    "户编码",
    "户主",
    "村",
    "变更",
    "名册原值",
    "上报值",
    "移动 (米)",
    "上报人",
    "上报时间",
    "状态",
    "理由",
)

blueprint = Blueprint("proposals_pages", __name__, template_folder="../templates")


@blueprint.get("/proposals")
@allow(Permission.REGISTRY_READ, area="rows", ways=("session",))
def page() -> str:
    """Show what waits for a decision, or what was decided."""
    session, filters = session_now(), _filters()
    statement = proposals(viewer(), filters)
    total = how_many(session, statement)
    pages = max(1, -(-total // PAGE_ROWS))
    number = min(max(1, request.args.get("page", 1, type=int)), pages)
    rows = list(shown(session.execute(statement.offset((number - 1) * PAGE_ROWS).limit(PAGE_ROWS)), _secrecy()))
    codes = {row["village_code"] for row in rows}
    townships = session.scalars(
        sa.select(Division)
        .where(Division.level == "township", viewer().within(Division.code, Permission.REGISTRY_READ))
        .order_by(Division.code)
        .limit(500)
    )
    return render_template(
        "evidence/proposals.html", rows=rows, total=total, page=number, pages=pages, asked=_asked(filters),
        names=division_names(session, codes | {code[:9] for code in codes}), townships=list(townships),
        fields=FIELD_NAMES, states=STATE_NAMES, done=request.args.get("done", type=int),
        may_decide=viewer().may(Permission.PROPOSAL_DECIDE) and filters.state == "open",
    )  # fmt: skip


@blueprint.post("/proposals")
@allow(Permission.PROPOSAL_DECIDE, area="rows", ways=("session",))
def decide_page() -> AnyResponse:
    """Accept or reject what was ticked, and show the same list again."""
    if (decision := request.form.get("decision")) not in {"accept", "reject"}:
        raise Invalid("请选择采纳或退回", where="decision")
    try:
        wanted: dict[UUID, list[str]] = {UUID(one): [] for one in request.form.getlist("proposal")}
    except ValueError:
        raise Invalid("有变更的编号无法识别，请刷新页面后再试", where="proposal") from None
    for ticked in request.form.getlist("take"):
        key, _, field = ticked.partition(":")
        for one, fields in wanted.items():
            if str(one) == key:
                fields.append(field)
    number = decide(session_now(), viewer(), wanted, accept=decision == "accept", reason=request.form.get("reason", ""))
    where: dict[str, Any] = {**_asked(_filters()), "done": number}
    return redirect(url_for("proposals_pages.page", **where), 303)


@blueprint.get("/proposals.csv")
@allow(Permission.REGISTRY_READ, area="rows", ways=("session",))
def export() -> Response:
    """Send the list as the filters have it, numbers masked."""
    session = session_now()
    rows = shown(session.execute(proposals(viewer(), _filters()).limit(MOST_EXPORTED)), _secrecy())
    content = b"".join(write_csv(_lines(rows)))
    response = Response(content, content_type="text/csv; charset=utf-8")
    response.headers["Content-Disposition"] = "attachment; filename=proposals.csv"
    return response


def _lines(rows: Iterator[dict[str, Any]]) -> Iterator[list[Any]]:
    yield [text(heading) for heading in HEADINGS]
    for row in rows:
        for field in row["fields"]:
            distance = row["distance_m"] if field == "place" else None
            yield [
                row["household_code"], row["head_name"], row["village_code"], text(FIELD_NAMES[field]),
                _plain(row["before"].get(field)), _plain(row["after"].get(field)),
                None if distance is None else round(distance), row["account_name"],
                f"{row['received_at']:%Y-%m-%d %H:%M}Z", text(STATE_NAMES[row["state"]]), row["reason"],
            ]  # fmt: skip


def _plain(value: Any) -> Any:
    match value:
        case {"added": added, "gone": gone}:
            return " ".join([*(f"+{one['name']} ({one['relation']})" for one in added), *(f"-{one}" for one in gone)])
        case [longitude, latitude, *_]:
            return f"{latitude:.6f}, {longitude:.6f}"
        case _:
            return value


def _filters() -> Filters:
    """Return what the address asks for; what makes no sense is left out."""
    given = request.args
    area, order = given.get("area", ""), given.get("order", "received")
    return Filters(
        state=given["state"] if given.get("state") in STATES else "open",
        area=area if len(area) in LEVEL_BY_LENGTH and area.isascii() and area.isdigit() else "",
        field=given["field"] if given.get("field") in FIELDS else "",
        conflict=given.get("conflict") == "1",
        text=given.get("q", "").strip()[:64],
        order=order if order.removeprefix("-") in ORDERS else "received",
    )


def _asked(filters: Filters) -> dict[str, str]:
    """Return the filters as the address writes them, without those that are the default."""
    asked = {
        "q": filters.text, "state": "" if filters.state == "open" else filters.state, "area": filters.area,
        "field": filters.field, "conflict": "1" if filters.conflict else "",
        "order": "" if filters.order == "received" else filters.order,
    }  # fmt: skip
    return {name: value for name, value in asked.items() if value}


def _secrecy() -> Secrecy:
    return open_secrecy(session_now(), current_app.extensions["ruhu_settings"].encryption_keys())
