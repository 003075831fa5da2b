"""The pages of publication for those with an account: approvals, notice, certificate, proofs, photos, the rule."""

from datetime import datetime
from typing import Any, Final
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, current_app, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.campaigns.reach import campaign_one
from api.campaigns.tables import Campaign
from api.collection.blobs import Blobs
from api.collection.serving import serve
from api.collection.workers.code import drawn as qr_code
from api.database import now
from api.evidence.pictures import PictureUnreadable
from api.evidence.reading import CHINA
from api.evidence.thumbnails import SIZES, Thumbnails
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound, Refusal
from api.registry.reading import division_names
from api.spot_checks.commit import find_draw, manifest_of
from api.spot_checks.draw import LONGEST_ENTROPY
from api.spot_checks.publication.approve import STATES, decide_second_draw, decided_by_area, waiting_for
from api.spot_checks.publication.bundle import CHECKED
from api.spot_checks.publication.certificate import certificate_file, software
from api.spot_checks.publication.describe import describe_draw
from api.spot_checks.publication.photos import (
    KINDS,
    MOST_BYTES,
    KeptPhoto,
    add_photo,
    check_photo,
    keep_photo,
    photo_of,
)
from api.spot_checks.publication.proof import open_leaf
from api.spot_checks.publication.public_pages import SCHEMES, public_url
from api.spot_checks.publication.publish import set_publishing
from api.spot_checks.publication.sources import compose_rule, read_source, words_of
from api.spot_checks.risk import BAND_NAMES
from api.spot_checks.tables import Draw, Frame
from sampling.tickets import FEWEST_DICE, EntropyRule

READ, DRAW, APPROVE = Permission.SPOT_CHECK_READ, Permission.SPOT_CHECK_DRAW, Permission.SPOT_CHECK_APPROVE
BEACON: Final = "https://api.drand.sh/{chain}/public/{round}"  # where people read a round; the server never calls it
QUICKNET_HASH: Final = "52db9ba70e0cc0f6eaf7803dd07447a1f5477735fd3f661792ba94600c84e971"

blueprint = Blueprint("spot_check_publication_pages", __name__, template_folder="templates", url_prefix="/spot-checks")


@blueprint.app_context_processor
def offer_words() -> dict[str, Any]:
    """Give the pages of a round what they say of approvals and sources."""
    return {
        "approval_states": STATES,
        "source_words": words_of,
        "draws_waiting": lambda: waiting_for(session_now(), viewer()) if viewer().may(APPROVE) else [],
        "may_publish": lambda campaign: viewer().may(Permission.CAMPAIGN_MANAGE, campaign.area_code),
        "describe_draw": lambda draw: describe_draw(session_now(), draw, public_url()),
        "photo_kinds": sorted(KINDS),
        "most_photo_mb": MOST_BYTES // 1_000_000,
        "beacon_address": lambda source: BEACON.format(chain=QUICKNET_HASH, round=source.number),
    }


@blueprint.get("/approvals")
@allow(APPROVE, area="rows", ways=("session",))
def approvals() -> str:
    """Show the second draws that wait for the city, and what it decided before."""
    return _approvals()


@blueprint.post("/<uuid:draw_id>/approval")
@allow(APPROVE, area="rows", ways=("session",))
def decide(draw_id: UUID) -> AnyResponse | tuple[str, int]:
    """Approve a second draw, or refuse it."""
    draw = find_draw(session_now(), viewer(), draw_id, APPROVE)
    decision, note = request.form.get("decision", ""), request.form.get("note", "")
    try:
        if decision not in {"approve", "refuse"}:
            raise Invalid("请选择批准或不批准", where="decision")
        decide_second_draw(session_now(), draw, viewer(), approved=decision == "approve", note=note)
    except Refusal as refusal:
        session_now().rollback()
        return _approvals(refusal=refusal, typed={draw_id: note[:2000]}), refusal.status
    return redirect(url_for(".approvals"), 303)


@blueprint.post("/publishing")
@allow(Permission.CAMPAIGN_MANAGE, area="rows", ways=("session",))
def publishing() -> AnyResponse:
    """Open a campaign's draws to everybody, or close them."""
    campaign = campaign_one(session_now(), viewer(), _identity(request.form.get("campaign", "")))
    set_publishing(session_now(), campaign, viewer(), publish=request.form.get("publish") == "1")
    if request.form.get("back") == "public":
        return redirect(url_for("public_draws.index"), 303)
    return redirect(url_for("spot_checks_pages.rounds", county=request.form.get("county") or None), 303)


@blueprint.get("/<uuid:draw_id>/notice")
@allow(READ, area="rows", ways=("session",))
def notice(draw_id: UUID) -> str:
    """Show the notice for the board: what is promised, before the dice; made to be printed and signed."""
    return _printed("publication/notice.html", find_draw(session_now(), viewer(), draw_id, READ))


@blueprint.get("/<uuid:draw_id>/certificate")
@allow(READ, area="rows", ways=("session",))
def certificate_page(draw_id: UUID) -> str:
    """Show the certificate of a draw, made to be printed and signed."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    certificate_file(session_now(), draw)  # nothing is certified that cannot be worked out again
    return _printed("publication/certificate.html", draw)


@blueprint.get("/<uuid:draw_id>/certificate.json")
@allow(READ, area="rows", ways=("session",))
def certificate_json(draw_id: UUID) -> Response:
    """Download the certificate as a document."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    answer = Response(certificate_file(session_now(), draw), content_type="application/json")
    answer.headers["Content-Disposition"] = 'attachment; filename="certificate.json"'
    return answer


@blueprint.post("/<uuid:draw_id>/proof")
@allow(READ, area="rows", ways=("session",))
def proof(draw_id: UUID) -> Response:
    """Show the proof of one household, made to be printed and handed over; nobody caches it."""
    draw = find_draw(session_now(), viewer(), draw_id, READ)
    found = open_leaf(session_now(), draw, request.form.get("household_code", ""), viewer())
    page = _printed("publication/proof.html", draw, proof=found)
    return make_response(page, {"Cache-Control": "no-store"})


@blueprint.post("/<uuid:draw_id>/photos")
@allow(DRAW, area="rows", ways=("session",))
def photo_add(draw_id: UUID) -> AnyResponse:
    """Add photos of the dice or the minutes to a draw."""
    draw = find_draw(session_now(), viewer(), draw_id, DRAW)
    sent = photos_sent()
    if not sent:
        raise Invalid("请先选择照片", where="photo")
    for photo in kept(sent):
        add_photo(session_now(), draw, photo, viewer())
    return redirect(url_for("spot_checks_pages.draw_page", draw_id=draw_id) + "#photos", 303)


@blueprint.get("/<uuid:draw_id>/photos/<string:sha256>")
@allow(READ, area="rows", ways=("session",))
def photo(draw_id: UUID, sha256: str) -> Response:
    """Show a photo small and without what the camera wrote into it, or give out the very bytes."""
    found = photo_of(session_now(), find_draw(session_now(), viewer(), draw_id, READ), sha256)
    if request.args.get("original") == "1":
        name = f"{sha256[:16]}.{KINDS[found.media_type]}"
        return serve(lambda: blobs_now().open(sha256), tag=sha256, name=name, media_type="application/octet-stream")
    thumbnails: Thumbnails = current_app.extensions["ruhu_thumbnails"]
    try:
        small = thumbnails.open(sha256, SIZES[1])
    except PictureUnreadable:
        raise NotFound("这张照片无法显示，请下载原件查看", where="sha256") from None
    with small:
        answer = Response(small.read(), content_type="image/jpeg")
    answer.headers["Cache-Control"] = "private, max-age=3600"
    return answer


@blueprint.get("/sources")
@allow(DRAW, area="any", ways=("session",))
def source() -> str:
    """Say what was read of one source, while it is being typed."""
    try:
        (wanted,) = EntropyRule.parse(_alone(request.args.get("source", ""))).sources[:1]
    except ValueError:
        raise Invalid("不认识这个随机数来源", where="source") from None
    text = request.args.get("part", "")
    read, refusal = None, None
    try:
        read = read_source(wanted, text, now()) if text.strip() else None
    except Refusal as found:
        refusal = found
    return render_template("publication/source.html", read=read, refusal=refusal)


@blueprint.get("/rules")
@allow(DRAW, area="any", ways=("session",))
def rule() -> str:
    """Say in words which rule a choice makes, and when its sources will be there."""
    words, refusal = [], None
    try:
        words = words_of(rule_chosen(request.args))
    except Refusal as found:
        refusal = found
    return render_template("publication/rule.html", words=words, refusal=refusal)


def rule_chosen(form: Any) -> str:
    """Return the rule that a form says: by choices, or (as programs and older pages do) as its text."""
    if form.get("entropy_rule"):
        return str(form["entropy_rule"])[:400]
    dice = form.get("dice", "").strip() or str(FEWEST_DICE)
    if not (dice.isascii() and dice.isdigit() and len(dice) <= 3):  # noqa: PLR2004 - digits of a number of dice
        raise Invalid("骰子位数须为整数", where="dice")
    return compose_rule(
        form.get("source", ""), now(), dice=int(dice), at=_moment(form.get("at", "")),
        lottery=form.get("lottery", ""), issue=form.get("issue", "")[:40],
    )  # fmt: skip


def entropy_entered(draw: Draw, form: Any) -> str:
    """Return the chance as the draw reads it: one field for each source of the rule, or one text."""
    if "entropy" in form:
        return str(form["entropy"])
    sources, parts = EntropyRule.parse(manifest_of(draw).entropy_rule).sources, form.getlist("part")
    if len(parts) != len(sources):
        raise Invalid("随机数来源有 {n} 个，每个都要填写", where="entropy", n=len(sources))
    moment = now()
    return "|".join(read_source(one, text, moment).digits for one, text in zip(sources, parts, strict=True))


def typed_dice() -> dict[str, Any]:
    """Return what was typed of the chance and its witnesses, to be shown again when it is refused."""
    parts = [text[:LONGEST_ENTROPY] for text in request.form.getlist("part")]
    typed = parts or request.form.get("entropy", "")[:LONGEST_ENTROPY].split("|")
    return {"parts": typed, "witnesses": request.form.get("witnesses", "")[:400]}


def photos_sent() -> list[bytes]:
    """Return the photos that came with a form, looked at and not kept yet."""
    sent = [one.stream.read(MOST_BYTES + 1) for one in request.files.getlist("photo") if one.filename]
    for data in sent:
        check_photo(data)
    return sent


def kept(sent: list[bytes]) -> list[KeptPhoto]:
    """Keep photos: on the disk before anything is told."""
    return [keep_photo(blobs_now(), data) for data in sent]


def blobs_now() -> Blobs:
    """Return where the running application keeps bytes."""
    found: Blobs = current_app.extensions["ruhu_blobs"]
    return found


def _approvals(**given: Any) -> str:
    session, asker = session_now(), viewer()
    waiting = [
        (draw, session.get_one(Frame, (draw.county_code, draw.frame_id))) for draw in waiting_for(session, asker)
    ]
    decided = decided_by_area(session, asker)
    campaigns = {one.id: one.name for one in session.scalars(sa.select(Campaign))}
    codes = {draw.county_code for draw, _ in (*waiting, *decided)}
    return render_template(
        "publication/approvals.html", waiting=waiting, decided=decided, names=division_names(session, codes),
        campaigns=campaigns, **({"typed": {}} | given),
    )  # fmt: skip


def _printed(template: str, draw: Draw, **given: Any) -> str:
    told = describe_draw(session_now(), draw, public_url())
    return render_template(
        template, told=told, qr=qr_code(told.address) if told.published else "", schemes=SCHEMES, bands=BAND_NAMES,
        software=software(), command="python -I verifier.py " + " ".join(CHECKED), **given,
    )  # fmt: skip


def _alone(text: str) -> str:
    """Return a rule that holds one source: dice must always come last."""
    return text if text.startswith("dice:") else f"{text}|dice:{FEWEST_DICE}"


def _moment(text: str) -> datetime | None:
    """Read a moment as a browser's field writes it, by the county's clock."""
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else found.replace(tzinfo=CHINA)


def _identity(text: str) -> UUID:
    try:
        return UUID(text)
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试") from None
