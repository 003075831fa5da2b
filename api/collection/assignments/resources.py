"""The programming interface of assignments."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from api.campaigns.reach import campaign_of_county, campaign_one
from api.campaigns.tables import Campaign
from api.collection.assignments.choose import households_by_code, households_of_villages
from api.collection.assignments.give import Given, give_households
from api.collection.assignments.move import Moved, move_assignments, withdraw_assignments
from api.collection.assignments.progress import Place, assignments_for, places_below
from api.collection.assignments.reach import find_assignments
from api.collection.assignments.schemas import (
    ActFilterSchema,
    AssignmentActSchema,
    AssignmentFilterSchema,
    AssignmentSchema,
    DoneSchema,
    GiveSchema,
    MoveSchema,
    PlaceFilterSchema,
    PlaceSchema,
    UndoneSchema,
    WithdrawSchema,
)
from api.collection.assignments.tables import AssignmentAct
from api.collection.assignments.undo import Undone, acts_for, find_act, undo_act
from api.collection.workers.find import find_workers
from api.edge import text
from api.people.access import inside
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import NotFound
from api.smorest import Blueprint

READ, MANAGE = Permission.ASSIGNMENT_READ, Permission.ASSIGNMENT_MANAGE

blueprint = Blueprint("assignments", __name__, url_prefix="/api", description="任务 · who visits which household")


@blueprint.route("/assignments")
@allow(READ, area="rows")
@blueprint.arguments(AssignmentFilterSchema, location="query")
@blueprint.response(200, AssignmentSchema(many=True))
@blueprint.paginate()
def assignment_list(filters: dict[str, Any], pagination_parameters: Any) -> list[dict[str, Any]]:
    """Assignments of one's area; spot checks only for who may see the draw."""
    session = session_now()
    statement = assignments_for(viewer(), **filters)
    pagination_parameters.item_count = _how_many(statement)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [
        {
            **{name: getattr(one, name) for name in AssignmentSchema().fields if hasattr(one, name)},
            "household_code": code,
            "village_code": village,
            "worker_id": one.account_id,
        }
        for one, code, village in session.execute(page)
    ]


@blueprint.route("/assignments", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.arguments(GiveSchema)
@blueprint.response(201, DoneSchema)
def assignment_give(wanted: dict[str, Any]) -> dict[str, Any]:
    """Give households to workers for the township's visit; several workers get equal stretches of the road."""
    session, asker = session_now(), viewer()
    if "codes" in wanted:
        households = households_by_code(session, asker, wanted["codes"])
    else:
        households = households_of_villages(session, asker, wanted["divisions"])
    workers = find_workers(session, asker, wanted["workers"])
    campaign = _campaign(wanted["campaign_id"], households[0].county_code)
    return _told(give_households(session, asker, campaign, households, workers, again=wanted["again"]))


@blueprint.route("/assignments/move", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.arguments(MoveSchema)
@blueprint.response(200, DoneSchema)
def assignment_move(wanted: dict[str, Any]) -> dict[str, Any]:
    """Give open assignments to other workers; what is done stays where it is."""
    session, asker = session_now(), viewer()
    assignments = find_assignments(session, asker, wanted["assignments"])
    return _told(move_assignments(session, asker, assignments, find_workers(session, asker, wanted["workers"])))


@blueprint.route("/assignments/withdraw", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.arguments(WithdrawSchema)
@blueprint.response(200, DoneSchema)
def assignment_withdraw(wanted: dict[str, Any]) -> dict[str, Any]:
    """Take open assignments back; the households have nobody then."""
    session, asker = session_now(), viewer()
    return _told(withdraw_assignments(session, asker, find_assignments(session, asker, wanted["assignments"])))


@blueprint.route("/assignments/acts")
@allow(READ, area="rows")
@blueprint.arguments(ActFilterSchema, location="query")
@blueprint.response(200, AssignmentActSchema(many=True))
@blueprint.paginate()
def act_list(filters: dict[str, str], pagination_parameters: Any) -> list[dict[str, Any]]:
    """What was decided about assignments, the latest first."""
    statement = acts_for(viewer())
    if filters["area"]:
        statement = statement.where(inside(AssignmentAct.area_code, [filters["area"]]))
    pagination_parameters.item_count = _how_many(statement)
    page = statement.offset(pagination_parameters.first_item).limit(pagination_parameters.page_size)
    return [_act(one) for one in session_now().scalars(page)]


@blueprint.route("/assignments/acts/<uuid:act_id>/undo", methods=["POST"])
@allow(MANAGE, area="rows")
@blueprint.response(200, UndoneSchema)
def act_undo(act_id: UUID) -> dict[str, Any]:
    """Undo a decision as far as it is safe: visits made and later decisions stay."""
    act = find_act(session_now(), viewer(), act_id, manage=True)
    undone: Undone = undo_act(session_now(), viewer(), act)
    return {
        "ended": undone.ended,
        "reopened": undone.reopened,
        "left": {text(why): number for why, number in undone.left.items()},
    }


@blueprint.route("/assignments/places")
@allow(READ, area="rows")
@blueprint.arguments(PlaceFilterSchema, location="query")
@blueprint.response(200, PlaceSchema(many=True))
def place_list(filters: dict[str, str]) -> list[Place]:
    """How far the divisions below a county or township are: visited, given, free."""
    area = filters["area"]
    return places_below(session_now(), viewer(), _campaign(None, area[:6]), area)


def _campaign(campaign_id: UUID | None, county_code: str) -> Campaign:
    if campaign_id is not None:
        return campaign_one(session_now(), viewer(), campaign_id)
    found = campaign_of_county(session_now(), county_code)
    if found is None:
        raise NotFound("县 {code} 还没有开展中的专项工作，请先建立", where="campaign_id", code=county_code)
    return found


def _told(done: Given | Moved) -> dict[str, Any]:
    visited = done.visited if isinstance(done, Given) else done.done
    return {"act": _act(done.act), "kept": done.kept, "done": visited, "left": done.left}


def _act(act: AssignmentAct) -> dict[str, Any]:
    columns = {name: getattr(act, name) for name in AssignmentActSchema().fields if hasattr(act, name)}
    return columns | {"begun": act.details["begun"], "ended": act.details["ended"]}


def _how_many(statement: sa.Select[*tuple[Any, ...]]) -> int:
    rows = statement.order_by(None).subquery()
    return session_now().scalars(sa.select(sa.func.count()).select_from(rows)).one()
