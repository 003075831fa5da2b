"""The pages of planning: the plan with its live preview, a frozen frame, and a city's sub-rounds."""

import csv
import io
from collections.abc import Mapping
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, redirect, render_template, request, url_for
from sqlalchemy.orm import Session
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_of_county
from api.campaigns.tables import Campaign
from api.edge import text
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound, Refusal
from api.spot_checks.assign import assign_selection
from api.spot_checks.commit import commit_draw, find_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.export import plain
from api.spot_checks.frame import POPULATIONS, find_frame
from api.spot_checks.lists import place_names
from api.spot_checks.numbers import COLUMNS, MOST_PERSONS, NAMES
from api.spot_checks.pages import address_of, again, plan_words
from api.spot_checks.planning.changes import FIELDS, KINDS, changes_since, counts_of_changes
from api.spot_checks.planning.make import check_design, make_plan, sizes_of
from api.spot_checks.planning.options import AIMS, ALLOCATIONS, DESIGNS, LABELS, PlanOptions, points_of, read_options
from api.spot_checks.planning.preview import Preview, preview
from api.spot_checks.planning.study import DESIGNS as STUDIED
from api.spot_checks.planning.study import study_designs
from api.spot_checks.planning.subround import freeze_subround
from api.spot_checks.publication.pages import entropy_entered, kept, photos_sent, rule_chosen, typed_dice
from api.spot_checks.publication.sources import LOTTERIES
from api.spot_checks.recheck import city_checkers
from api.spot_checks.risk import BAND_NAMES, BANDS
from api.spot_checks.rounds import draws_of_round, may_draw, round_of
from api.spot_checks.tables import Draw, Frame
from api.spot_checks.which import counties_to_read, county_asked
from sampling.allocation import floor_of

blueprint = Blueprint("spot_check_planning_pages", __name__, template_folder="templates", url_prefix="/spot-checks")

READ, SUBROUND = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_SUBROUND
PAGE_ROWS: Final = 200
MOST_FRAMES: Final = 30  # offered to plan from, the newest first
KEPT: Final = "a_"  # what stands before the options of the plan that is kept for comparison
WIDTHS_NAMED: Final = ("width_county", "width_township")


@blueprint.get("/plan")
@allow(READ, area="rows", ways=("session",))
def plan() -> str | tuple[str, int]:
    """Plan a draw: options on one side, what they come to on the other, everything in the address."""
    session, county = session_now(), county_asked()
    if not county:
        return render_template("spot_checks/counties.html", counties=counties_to_read(), numbers={})
    campaign = campaign_of_county(session, county)
    frames = _frames(session, county, campaign)
    frame = _frame_asked(frames)
    if campaign is None or frame is None:
        return render_template(
            "spot_checks_planning/plan.html", county=county, campaign=campaign, names=place_names(session, county),
            frame=None, fields={},
        )  # fmt: skip
    asked = round_of(frame)
    fields = {**_fields(read_options({}, floor_percent=campaign.spot_check_floor_percent)), **request.args.to_dict()}
    now, refusal = _look(session, frame, campaign, prefix="")
    kept, kept_refusal = _look(session, frame, campaign, prefix=KEPT) if "compare" in request.args else (None, None)
    page = render_template(
        "spot_checks_planning/plan.html",
        county=county,
        names=place_names(session, county),
        campaign=campaign,
        frame=frame,
        frames=frames,
        fields=fields,
        populations=POPULATIONS,
        numberings=NAMES,
        column=COLUMNS[frame.numbered_by],
        designs=DESIGNS,
        allocations=ALLOCATIONS,
        aims=AIMS,
        labels=LABELS,
        band_names={band: BAND_NAMES[band] for band in reversed(BANDS)},
        now=now,
        refusal=refusal,
        kept=kept,
        kept_refusal=kept_refusal,
        kept_fields={name: value for name, value in request.args.items() if name.startswith(KEPT) or name == "compare"},
        keep=_address(county, frame, now.options, compared_with=now.options) if now else "",
        swap=_address(county, frame, kept.options, compared_with=now.options) if now and kept else "",
        alone=_address(county, frame, now.options) if now else "",
        study=_address(county, frame, now.options, endpoint=".study") if now else "",
        committed=now.options.query() if now else {},
        lotteries=LOTTERIES,
        may_draw=may_draw(viewer(), county, asked),
        second=bool(draws_of_round(session, frame)),
        widths=now.widths if now else None,
        **(plan_words(now.plan) | {"strata": now.strata} if now else {}),
    )
    return (page, refusal.status) if refusal else page


@blueprint.get("/plan/study")
@allow(READ, area="rows", ways=("session",))
def study() -> str:
    """Draw the plan's numbers by several designs, over and over; a part of the plan's page."""
    session = session_now()
    frame = find_frame(session, viewer(), _identity(request.args.get("frame", "")), READ)
    campaign = session.get_one(Campaign, frame.campaign_id)
    options = read_options(request.args, floor_percent=campaign.spot_check_floor_percent)
    found = study_designs(session, frame, make_plan(session, frame, campaign, options=options))
    return render_template("spot_checks_planning/study.html", found=found, names=STUDIED)


@blueprint.get("/frames/<uuid:frame_id>")
@allow(READ, area="rows", ways=("session",))
def frame(frame_id: UUID) -> str:
    """Show what was frozen, to publish, and what has changed on the roll since."""
    session = session_now()
    found = find_frame(session, viewer(), frame_id, READ)
    campaign, part = session.get_one(Campaign, found.campaign_id), _part(found)
    counts = counts_of_changes(session, found)
    statement = changes_since(found, **part)
    total = sum(
        number
        for code, of_kind in counts.items()
        for kind, number in of_kind.items()
        if code.startswith(part["area"][:9]) and part["kind"] in {"", kind}
    )
    pages = max(1, -(-total // PAGE_ROWS))
    page = min(max(1, request.args.get("page", 1, type=int)), pages)
    sizes = sizes_of(session, found)
    return render_template(
        "spot_checks_planning/frame.html",
        frame=found,
        county=found.county_code,
        campaign=campaign,
        names=place_names(session, found.county_code),
        population=POPULATIONS[found.population],
        numbering=NAMES[found.numbered_by],
        most_persons=MOST_PERSONS,
        within=session.get_one(Draw, (found.county_code, found.within_draw_id)) if found.within_draw_id else None,
        bands=BAND_NAMES,
        rows=_frozen_rows(sizes, campaign.spot_check_floor_percent),
        floor=floor_of(campaign.spot_check_floor_percent, sum(sizes.values())),
        draws=[draw for draw in draws_of_round(session, found) if draw.frame_id == found.id],
        changes=session.execute(statement.offset((page - 1) * PAGE_ROWS).limit(PAGE_ROWS)).mappings().all(),
        counts=counts,
        kinds=KINDS,
        fields=FIELDS,
        part=part,
        page=page,
        pages=pages,
        total=total,
        back=address_of(found.county_code, round_of(found)),
        schemes={"urban": "城市", "rural": "农村"},
    )


@blueprint.get("/frames/<uuid:frame_id>/changes.csv")
@allow(READ, area="rows", ways=("session",))
def changes(frame_id: UUID) -> Response:
    """Download what has changed on the roll since it was frozen."""
    session = session_now()
    found = find_frame(session, viewer(), frame_id, READ)
    names = place_names(session, found.county_code)
    file = io.StringIO(newline="")
    writer = csv.writer(file)
    told = [
        text(heading, field=text(field))
        for field in FIELDS.values()
        for heading in ("{field} (冻结时)", "{field} (现在)")
    ]
    writer.writerow([*map(text, ("变化", "乡镇", "村", "家庭编码")), *told])
    for row in session.execute(changes_since(found, **_part(found))).mappings():
        place = row["place_code"]
        values = [_said(row[f"{name}_{when}"], name, names) for name in FIELDS for when in ("then", "now")]
        where = [names.get(place[:9], place[:9]), names.get(place, place), row["household_code"]]
        writer.writerow([text(KINDS[row["kind"]]), *map(plain, where), *values])
    answer = Response(file.getvalue().encode("utf-8-sig"), content_type="text/csv; charset=utf-8")
    name = f"roll-changes-{found.county_code}-{found.frozen_at:%Y%m%d}.csv"
    answer.headers["Content-Disposition"] = f'attachment; filename="{name}"'
    return answer


@blueprint.post("/<uuid:draw_id>/sub-rounds")
@allow(SUBROUND, area="rows", ways=("session",))
def begin_subround(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Freeze what a county has drawn, for the city's own draw within it."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    try:
        made = freeze_subround(
            session, draw, viewer(), numbered_by=request.form.get("numbered_by", "none"),
            townships=request.form.getlist("township"),
        )  # fmt: skip
    except Refusal as refusal:
        return again(draw.county_code, refusal)
    return redirect(address_of(draw.county_code, round_of(made)))


@blueprint.post("/sub-rounds/<uuid:frame_id>/draws")
@allow(SUBROUND, area="rows", ways=("session",))
def commit_subround(frame_id: UUID) -> AnyResponse | tuple[str, int]:
    """Commit the city's draw."""
    session = session_now()
    found = find_frame(session, viewer(), frame_id, SUBROUND)
    campaign = session.get_one(Campaign, found.campaign_id)
    try:
        options = read_options(request.form, floor_percent=campaign.spot_check_floor_percent)
        made = make_plan(session, found, campaign, options=options)
        rule = rule_chosen(request.form)
        commit_draw(session, found, made, viewer(), entropy_rule=rule, reason=request.form.get("reason", "")[:2000])
    except Refusal as refusal:
        return again(found.county_code, refusal, round_of(found))
    return redirect(address_of(found.county_code, round_of(found)))


@blueprint.post("/sub-rounds/draws/<uuid:draw_id>/result")
@allow(SUBROUND, area="rows", ways=("session",))
def throw_subround(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Enter the city's dice and witnesses."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    asked, typed = round_of(session.get_one(Frame, (draw.county_code, draw.frame_id))), typed_dice()
    try:
        entropy, sent = entropy_entered(draw, request.form), photos_sent()
        draw_spot_check(session, draw, entropy, viewer(), witnesses=typed["witnesses"], photos=kept(sent))
    except Refusal as refusal:
        return again(draw.county_code, refusal, asked, **typed)
    return redirect(url_for("spot_checks_pages.draw_page", draw_id=draw_id))


@blueprint.post("/sub-rounds/draws/<uuid:draw_id>/assignments")
@allow(SUBROUND, area="rows", ways=("session",))
def assign_subround(draw_id: UUID) -> AnyResponse:
    """Give the city's list to the city's checkers that were ticked."""
    session = session_now()
    draw = find_draw(session, viewer(), draw_id, SUBROUND)
    ticked = set(request.form.getlist("account"))
    accounts = [one for one in city_checkers(session, draw.county_code) if str(one.id) in ticked]
    done = assign_selection(session, draw, accounts, viewer())
    here = url_for(
        "spot_checks_pages.draw_page", draw_id=draw_id, given=sum(done.by_checker.values()), left=len(done.left),
        open=len(done.open_yet),
    )  # fmt: skip
    return redirect(f"{here}#list")


def _frames(session: Session, county: str, campaign: Campaign | None) -> list[Frame]:
    if campaign is None:
        return []
    same = sa.and_(Frame.county_code == county, Frame.campaign_id == campaign.id)
    newest = sa.select(Frame).where(same).order_by(Frame.frozen_at.desc(), Frame.id.desc()).limit(MOST_FRAMES)
    return list(session.scalars(newest))


def _frame_asked(frames: list[Frame]) -> Frame | None:
    """Return the frame that the address names, else the newest of the roll, else the newest."""
    if named := request.args.get("frame", ""):
        asked = _identity(named)
        for one in frames:
            if one.id == asked:
                return one
        raise NotFound("找不到这份冻结的名册，或不在您的管辖范围内", where="frame")
    of_roll = [one for one in frames if one.population == "on_roll" and one.within_draw_id is None]
    return next(iter(of_roll or frames), None)


def _look(session: Session, found: Frame, campaign: Campaign, *, prefix: str) -> tuple[Preview | None, Refusal | None]:
    """Look at the plan of the address's options; an impossible one is explained."""
    try:
        options = read_options(request.args, floor_percent=campaign.spot_check_floor_percent, prefix=prefix)
        check_design(found, options.design)
        return preview(session, found, campaign, options), None
    except Refusal as refusal:
        return None, refusal


def _fields(options: PlanOptions) -> dict[str, str]:
    """Return what the form shows before anything is typed."""
    usual = {
        name: str(getattr(options, name))
        for name in ("least", "design", "allocation", "aim", "teams", "days", "per_day")
    }
    floors = {f"floor_{level}": str(getattr(options, f"floor_{level}")) for level in ("county", "scheme", "township")}
    widths = {name: points_of(width) for name in WIDTHS_NAMED if (width := getattr(options, name)) is not None}
    return usual | floors | widths


def _address(
    county: str,
    found: Frame,
    options: PlanOptions,
    *,
    compared_with: PlanOptions | None = None,
    endpoint: str = ".plan",
) -> str:
    """Return the address that means these options, and another set beside them."""
    query: dict[str, Any] = options.query()
    if compared_with is not None:
        query |= {"compare": "1", **compared_with.query(prefix=KEPT)}
    return url_for(endpoint, county=county, frame=found.id, **query)


def _frozen_rows(sizes: Mapping[str, int], percent: int) -> list[dict[str, Any]]:
    """Return a row for each township and scheme: N, the floor, N by band."""
    rows: dict[tuple[str, str], dict[str, int]] = {}
    for stratum, size in sorted(sizes.items()):
        township, scheme, band = stratum.split("|")
        rows.setdefault((township, scheme), {})[band] = size
    return [
        {"township": township, "scheme": scheme, "by_band": by_band, "size": (size := sum(by_band.values())),
         "floor": floor_of(percent, size)}
        for (township, scheme), by_band in rows.items()
    ]  # fmt: skip


def _part(found: Frame) -> dict[str, str]:
    area, kind = request.args.get("area", ""), request.args.get("kind", "")
    if area and not (area.isascii() and area.isdigit() and len(area) == 9 and area.startswith(found.county_code)):  # noqa: PLR2004 - a township
        raise Invalid("区划 {code} 不在这份名册的县内", where="area", code=area)
    if kind and kind not in KINDS:
        raise Invalid("变化只有 {names}", where="kind", names=", ".join(KINDS))
    return {"area": area, "kind": kind}


def _said(value: Any, name: str, names: Mapping[str, str]) -> str | int | float:
    if value is None:
        return ""
    if name == "benefit_fen_per_month":
        return f"{value / 100:.2f}"
    return plain(names.get(value, value)) if isinstance(value, str) else int(value)


def _identity(named: str) -> UUID:
    try:
        return UUID(named)
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试") from None
