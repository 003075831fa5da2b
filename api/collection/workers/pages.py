"""The pages of workers: the list, one worker with his phones, and the cards that are printed."""

from datetime import datetime
from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import Blueprint, Response, make_response, redirect, render_template, request, url_for
from werkzeug.wrappers import Response as AnyResponse

from api.collection.assignments.move import move_assignments
from api.collection.assignments.reach import open_of_worker
from api.collection.tables import PURPOSES
from api.collection.workers.code import drawn
from api.collection.workers.contact import program_of
from api.collection.workers.enrol import change_worker, enrol_workers
from api.collection.workers.find import (
    candidates,
    find_worker,
    find_workers,
    may_grant,
    may_manage,
    refuse_unmanaged,
    workers_for,
)
from api.collection.workers.help import whom_to_ask
from api.collection.workers.keys import NewKey, card_number, issue_cards, issue_key, revoke_key
from api.collection.workers.progress import phones_of, progress_of
from api.collection.workers.resources import SECRET, forms_hash_of, server_url, settings_code
from api.collection.workers.stop import reinstate_worker, stop_worker
from api.database import now
from api.edge import text
from api.pages.views import local_time
from api.people.guard import allow, session_now, viewer
from api.people.roles import ROLE_NAMES, Permission, Role
from api.people.tables import Account
from api.people.tokens import live_keys
from api.problems import Invalid, NotFound, Refusal
from api.registry.reading import division_names
from api.registry.roll_file.writing import write_csv
from api.registry.tables import Division
from api.translations import LANGUAGES

READ, MANAGE = Permission.ASSIGNMENT_READ, Permission.WORKER_MANAGE
MOST_ROWS = 500
HEADINGS = (
    "姓名", "账号", "在哪里", "已分配", "已走访", "待走访", "手机密钥", "附件未到", "最近联系", "最近上报",
)  # fmt: skip

blueprint = Blueprint("workers_pages", __name__, template_folder="templates")


@blueprint.get("/workers")
@allow(READ, area="rows", ways=("session",))
def workers() -> str:
    """Show the workers: who lags, whose phone is silent, who has no card."""
    return _list(_area(request.args.get("area", "")))


@blueprint.get("/workers.csv")
@allow(READ, area="rows", ways=("session",))
def export() -> Response:
    """Download the list of workers and how far each is."""
    found = _listed(_area(request.args.get("area", "")))
    names, rows = _names(found), [[text(heading) for heading in HEADINGS]]
    for one in progress_of(session_now(), viewer(), found):
        area = one.worker.grants[0].area_code
        moments = [local_time(at) if at else "" for at in (one.last_contact, one.last_sent)]
        numbers = [one.assigned, one.visited, one.waiting, one.keys, one.files_waiting]
        rows.append([one.worker.display_name, one.worker.name, names.get(area, area), *map(str, numbers), *moments])
    answer = Response(b"".join(write_csv(rows)), content_type="text/csv; charset=utf-8")
    answer.headers["Content-Disposition"] = 'attachment; filename="workers.csv"'
    return answer


@blueprint.post("/workers")
@allow(MANAGE, area="rows", ways=("session",))
def enrol() -> AnyResponse | tuple[str, int]:
    """Make workers of pasted names."""
    form, moment = request.form, now()
    area, language = form.get("area_code", ""), form.get("language", "zh")
    try:
        role = Role(form.get("role", "")) if form.get("role", "") in set(Role) else Role.SURVEYOR
        names = [form.get("names", "")]
        chosen = language if language in LANGUAGES else "zh"
        done = enrol_workers(session_now(), viewer(), names, role=role, area_code=area, language=chosen)
    except Refusal as refusal:
        if not viewer().may(READ, area):
            raise
        session_now().rollback()
        return _list("", refusal=refusal, typed=form), refusal.status
    since = moment.isoformat()
    return redirect(url_for(".workers", since=since, made=len(done.made), present=len(done.present)), 303)


@blueprint.get("/workers/<uuid:worker_id>")
@allow(READ, area="rows", ways=("session",))
def worker(worker_id: UUID) -> str:
    """Show one worker: how far, which phones, what they owe."""
    return _worker(find_worker(session_now(), viewer(), worker_id))


@blueprint.post("/workers/<uuid:worker_id>")
@allow(MANAGE, area="rows", ways=("session",))
def change(worker_id: UUID) -> AnyResponse:
    """Correct the name, choose the language."""
    found, language = _own(worker_id), request.form.get("language", "")
    name = " ".join(request.form.get("display_name", "").split())
    change_worker(
        session_now(), viewer(), found, display_name=name, language=language if language in LANGUAGES else ""
    )  # fmt: skip
    return redirect(url_for(".worker", worker_id=worker_id, told="changed"), 303)


@blueprint.post("/workers/<uuid:worker_id>/stop")
@allow(MANAGE, area="rows", ways=("session",))
def stop(worker_id: UUID) -> AnyResponse:
    """Stop a worker."""
    stop_worker(session_now(), viewer(), _own(worker_id))
    return redirect(url_for(".worker", worker_id=worker_id, told="stopped"), 303)


@blueprint.post("/workers/<uuid:worker_id>/reinstate")
@allow(MANAGE, area="rows", ways=("session",))
def reinstate(worker_id: UUID) -> AnyResponse:
    """Take a stopped worker back."""
    done = reinstate_worker(session_now(), viewer(), _own(worker_id))
    return redirect(url_for(".worker", worker_id=worker_id, told="reinstated", **vars(done)), 303)


@blueprint.post("/workers/<uuid:worker_id>/hand-over")
@allow(Permission.ASSIGNMENT_MANAGE, area="rows", ways=("session",))
def hand_over(worker_id: UUID) -> AnyResponse | tuple[str, int]:
    """Give everything a worker still has to visit to another."""
    session, asker = session_now(), viewer()
    found = find_worker(session, asker, worker_id)
    purpose = request.form.get("purpose", "")
    purpose = purpose if purpose in PURPOSES else PURPOSES[0]
    try:
        targets = find_workers(session, asker, _ids("worker"))
        done = move_assignments(session, asker, open_of_worker(session, asker, found.id, purpose), targets)
    except Refusal as refusal:
        session.rollback()
        return _worker(found, refusal=refusal), refusal.status
    area, asked = done.act.area_code, purpose if purpose != PURPOSES[0] else None
    return redirect(url_for("assignments_pages.overview", area=area, act=done.act.id, purpose=asked), 303)


@blueprint.post("/workers/<uuid:worker_id>/keys")
@allow(MANAGE, area="rows", ways=("session",))
def issue(worker_id: UUID) -> Response:
    """Issue a key and show its QR code, this once."""
    end_old = request.form.get("end_old") == "1"
    if end_old and request.form.get("sure") != "1":
        raise Invalid("请先勾选“旧卡立即失效”，再重新发卡", where="sure")
    new = issue_key(session_now(), viewer(), _own(worker_id), end_old=end_old, as_of=_as_of())
    return _cards([new], back=url_for(".worker", worker_id=worker_id), address=server_url(new))


@blueprint.post("/workers/<uuid:worker_id>/keys/<uuid:key_id>/revoke")
@allow(MANAGE, area="rows", ways=("session",))
def revoke(worker_id: UUID, key_id: UUID) -> AnyResponse:
    """End one key."""
    revoke_key(session_now(), viewer(), find_worker(session_now(), viewer(), worker_id), key_id)
    return redirect(url_for(".worker", worker_id=worker_id, told="revoked"), 303)


@blueprint.get("/workers/cards")
@allow(MANAGE, area="rows", ways=("session",))
def cards() -> str:
    """Show for whom cards can be printed, and what printing does."""
    area = _area(request.args.get("area", ""))
    found = [one for one in _listed(area, active=True) if may_manage(viewer(), one)]
    have = {key.account_id for key in live_keys(session_now(), [one.id for one in found])}
    return render_template(
        "workers/choose_cards.html",
        area=area,
        townships=_townships(),
        names=_names(found),
        without=[one for one in found if one.id not in have],
        having=[one for one in found if one.id in have],
        as_of=now().isoformat(),
    )


@blueprint.post("/workers/cards")
@allow(MANAGE, area="rows", ways=("session",))
def cards_print() -> Response:
    """Issue keys for the ticked workers and show their cards, this once."""
    end_old = request.form.get("end_old") == "1"
    if end_old and request.form.get("sure") != "1":
        raise Invalid("请先勾选“旧卡立即失效”，再重新发卡", where="sure")
    if not (ids := _ids("worker")):
        raise Invalid("没有选中任何人，请先勾选要发卡的人", where="workers")
    chosen = find_workers(session_now(), viewer(), ids)
    new = issue_cards(session_now(), viewer(), chosen, end_old=end_old, as_of=_as_of())
    return _cards(new, back=url_for(".workers"))


def _cards(new: list[NewKey], *, back: str, address: str = "") -> Response:
    """Return the page that holds keys: never kept by anybody between here and the paper."""
    shown = [
        {
            "name": one.worker.display_name,
            "account": one.worker.name,
            "place": _place(one.worker),
            "role": ROLE_NAMES[Role(one.worker.grants[0].role)],
            "number": card_number(one.token.id),
            "svg": drawn(settings_code(one)),
            "ask": whom_to_ask(session_now(), one.worker),
        }
        for one in new
    ]
    page = render_template("workers/cards.html", cards=shown, back=back, address=address, issued=now())
    return make_response(page, SECRET)


def _list(area: str, **given: Any) -> str:
    found = _listed(area)
    since = _moment(request.args.get("since", ""))
    places = _manageable_places()
    return render_template(
        "workers/list.html",
        rows=progress_of(session_now(), viewer(), found),
        names=_names(found),
        area=area,
        townships=_townships(),
        where=places,
        languages_offered=LANGUAGES,
        may_manage=bool(places),
        may_enrol_checkers=any(may_grant(viewer(), Role.SPOT_CHECKER, place.code) for place in places),
        most=MOST_ROWS,
        fresh={one.id for one in found if since is not None and one.created_at >= since},
        made=request.args.get("made", None, type=int),
        present=request.args.get("present", 0, type=int),
        **given,
    )


def _worker(found: Account, **given: Any) -> str:
    session, asker = session_now(), viewer()
    (progress,) = progress_of(session, asker, [found])
    area = found.grants[0].area_code
    open_by = {purpose: len(open_of_worker(session, asker, found.id, purpose)) for purpose in PURPOSES}
    others = {
        purpose: [one for one in candidates(session, asker, area, purpose) if one.id != found.id]
        for purpose, number in open_by.items()
        if number
    }
    return render_template(
        "workers/worker.html",
        one=progress,
        worker=found,
        names=_names([found]),
        phones=phones_of(session, asker, found),
        program_of=program_of,
        card_number=card_number,
        forms_hash=forms_hash_of(found),
        open_by=open_by,
        others=others,
        may_manage=may_manage(asker, found),
        languages_offered=LANGUAGES,
        as_of=now().isoformat(),
        told=request.args.get("told", ""),
        numbers={name: request.args.get(name, 0, type=int) for name in ("households", "keys", "left")},
        **given,
    )


def _own(worker_id: UUID) -> Account:
    found = find_worker(session_now(), viewer(), worker_id)
    refuse_unmanaged(viewer(), found)
    return found


def _listed(area: str, *, active: bool | None = None) -> list[Account]:
    return list(session_now().scalars(workers_for(viewer(), area=area, active=active).limit(MOST_ROWS)))


def _names(found: list[Account]) -> dict[str, str]:
    """Return the names of the divisions in which workers work, and of those above."""
    codes = {grant.area_code for one in found for grant in one.grants}
    return division_names(session_now(), codes | {code[:length] for code in codes for length in (6, 9)})


def _place(found: Account) -> str:
    """Return where a worker works, in words."""
    code = found.grants[0].area_code
    names = division_names(session_now(), {code, *(code[:length] for length in (6, 9))})
    return " ".join(dict.fromkeys(names[part] for length in (6, 9, 12) if (part := code[:length]) in names))


def _townships() -> list[Division]:
    statement = sa.select(Division).where(
        Division.level == "township", viewer().within(Division.code, READ)
    )  # fmt: skip
    return list(session_now().scalars(statement.order_by(Division.code).limit(MOST_ROWS)))


def _manageable_places() -> list[Division]:
    statement = sa.select(Division).where(
        Division.level.in_(("county", "township")), viewer().within(Division.code, MANAGE)
    )
    return list(session_now().scalars(statement.order_by(Division.code).limit(MOST_ROWS)))


def _area(asked: str) -> str:
    if asked and (not (asked.isascii() and asked.isdigit()) or not viewer().may(READ, asked)):
        raise NotFound("没有区划 {code}，或不在您的管辖范围内", where="area", code=asked)
    return asked


def _ids(name: str) -> list[UUID]:
    try:
        return [UUID(text) for text in request.form.getlist(name)]
    except ValueError:
        raise NotFound("找不到所选的内容，请刷新页面后重试", where=name) from None


def _as_of() -> datetime:
    if (found := _moment(request.form.get("as_of", ""))) is None:
        raise Invalid("页面不完整，请刷新后再发卡", where="as_of")
    return found


def _moment(text: str) -> datetime | None:
    try:
        found = datetime.fromisoformat(text)
    except ValueError:
        return None
    return found if found.tzinfo else None
