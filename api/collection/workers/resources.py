"""The programming interface of workers: enrol, look, issue and end keys, stop and take back."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa
from flask import current_app

from api.collection.forms import forms_for
from api.collection.workers.code import collect_settings, packed
from api.collection.workers.contact import hash_of, program_of
from api.collection.workers.enrol import change_worker, enrol_workers
from api.collection.workers.find import find_worker, refuse_unmanaged, workers_for
from api.collection.workers.keys import NewKey, card_number, issue_key, revoke_key
from api.collection.workers.progress import Phone, Progress, phones_of, progress_of
from api.collection.workers.schemas import (
    EnrolledSchema,
    EnrolSchema,
    KeySchema,
    KeyWantedSchema,
    StoppedSchema,
    WorkerChangeSchema,
    WorkerDetailSchema,
    WorkerFilterSchema,
    WorkerSchema,
)
from api.collection.workers.stop import reinstate_worker, stop_worker
from api.people.accounts import viewer_of
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission, Role
from api.people.tables import Account
from api.smorest import Blueprint
from api.translations import translate

READ, MANAGE = Permission.ASSIGNMENT_READ, Permission.WORKER_MANAGE
SECRET = {"Cache-Control": "no-store"}  # an answer with a key in it

blueprint = Blueprint("workers", __name__, url_prefix="/api", description="调查员 · field workers and their phones")


@blueprint.route("/workers")
@allow(READ, area="rows")
@blueprint.arguments(WorkerFilterSchema, location="query")
@blueprint.response(200, WorkerSchema(many=True))
@blueprint.paginate()
def worker_list(filters: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Workers of one's area and how far they are."""
    session = session_now()
    statement = workers_for(viewer(), area=filters["area"], active=filters["active"], text=filters["q"].strip())
    rows = statement.order_by(None).subquery()
    pagination_parameters.item_count = session.scalars(sa.select(sa.func.count()).select_from(rows)).one()
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [_shown(one) for one in progress_of(session, viewer(), session.scalars(page).all())]


@blueprint.route("/workers", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.arguments(EnrolSchema)
@blueprint.response(201, EnrolledSchema)
def worker_enrol(wanted: dict[str, Any]) -> dict[str, Any]:
    """Make workers of a list of names; they need no password, their phones use keys."""
    done = enrol_workers(
        session_now(), viewer(), wanted["names"], role=Role(wanted["role"]), area_code=wanted["area_code"],
        language=wanted["language"],
    )  # fmt: skip
    return {"made": done.made, "present": done.present}


@blueprint.route("/workers/<uuid:worker_id>")
@allow(READ, area="rows")
@blueprint.response(200, WorkerDetailSchema)
def worker_one(worker_id: UUID) -> dict[str, Any]:
    """One worker with his phones."""
    return _detail(find_worker(session_now(), viewer(), worker_id))


@blueprint.route("/workers/<uuid:worker_id>", methods=["PATCH"])
@allow(MANAGE, area="rows")
@blueprint.arguments(WorkerChangeSchema)
@blueprint.response(200, WorkerDetailSchema)
def worker_change(wanted: dict[str, str], worker_id: UUID) -> dict[str, Any]:
    """Correct a worker's name, or choose the language in which the server answers his phone."""
    worker = _own(worker_id)
    change_worker(session_now(), viewer(), worker, **wanted)
    return _detail(worker)


@blueprint.route("/workers/<uuid:worker_id>/stop", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.response(200, StoppedSchema)
def worker_stop(worker_id: UUID) -> dict[str, int]:
    """Stop a worker: his keys end, his open households have nobody then."""
    acts = stop_worker(session_now(), viewer(), _own(worker_id))
    return {
        "households": sum(sum(act.details["ended"].values()) for act in acts),
        "keys": sum(len(act.details["keys"]) for act in acts),
        "left": 0,
    }


@blueprint.route("/workers/<uuid:worker_id>/reinstate", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.response(200, StoppedSchema)
def worker_reinstate(worker_id: UUID) -> dict[str, int]:
    """Take a stopped worker back with his keys, and with the households nobody has since."""
    return vars(reinstate_worker(session_now(), viewer(), _own(worker_id)))


@blueprint.route("/workers/<uuid:worker_id>/keys", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.arguments(KeyWantedSchema)
@blueprint.response(201, KeySchema)
def key_issue(wanted: dict[str, bool], worker_id: UUID) -> tuple[dict[str, Any], dict[str, str]]:
    """Issue a key for a worker's phone; it is in this answer and nowhere else."""
    new = issue_key(session_now(), viewer(), _own(worker_id), end_old=wanted["end_old"])
    told = {
        "id": new.token.id,
        "card": card_number(new.token.id),
        "server_url": server_url(new),
        "settings_code": settings_code(new),
    }
    return told, SECRET


@blueprint.route("/workers/<uuid:worker_id>/keys/<uuid:key_id>", methods=["DELETE"])
@allow(MANAGE, area="rows")
@blueprint.response(204)
def key_revoke(worker_id: UUID, key_id: UUID) -> None:
    """End one key of a worker, now."""
    revoke_key(session_now(), viewer(), find_worker(session_now(), viewer(), worker_id), key_id)


def server_url(new: NewKey) -> str:
    """Return the address that a phone with this key is sent to."""
    public: str = current_app.extensions["ruhu_settings"].public_url
    return f"{public.rstrip('/')}/key/{new.text}"


def settings_code(new: NewKey) -> str:
    """Return the text of the QR code for a new key."""
    worker = new.worker
    project = translate(worker.language, "入户")
    return packed(
        collect_settings(server_url(new), worker=worker.display_name, project=project, language=worker.language)
    )


def forms_hash_of(worker: Account) -> str:
    """Return the mark of the list of forms that a worker's phone would get now."""
    return hash_of(forms_for(session_now(), viewer_of(worker)))


def _own(worker_id: UUID) -> Account:
    worker = find_worker(session_now(), viewer(), worker_id)
    refuse_unmanaged(viewer(), worker)
    return worker


def _detail(worker: Account) -> dict[str, Any]:
    (progress,) = progress_of(session_now(), viewer(), [worker])
    present = forms_hash_of(worker)
    return _shown(progress) | {"phones": [_phone(one, present) for one in phones_of(session_now(), viewer(), worker)]}


def _shown(progress: Progress) -> dict[str, Any]:
    worker = progress.worker
    columns = {name: getattr(worker, name) for name in ("id", "name", "display_name", "language", "active")}
    grants = [{"role": Role(grant.role), "area_code": grant.area_code} for grant in worker.grants]
    return {**vars(progress), **columns, "grants": grants, "waiting": progress.waiting}


def _phone(phone: Phone, present: str) -> dict[str, Any]:
    contact = phone.contact
    return {
        "id": phone.token.id,
        "card": card_number(phone.token.id),
        "created_at": phone.token.created_at,
        "revoked_at": phone.token.revoked_at,
        "last_heard": phone.last_heard,
        "program": program_of(contact.user_agent) if contact else "",
        "device_id": contact.device_id if contact else "",
        "forms_current": contact.forms_hash == present if contact and contact.forms_hash else None,
        "records": phone.records,
        "files_waiting": phone.files_waiting,
    }
