"""The programming interface of reviews."""

from typing import Any
from uuid import UUID

from api.evidence.review.background import ask_to_accept, ask_to_undo
from api.evidence.review.bulk import Accepted, Undone, accept_clean
from api.evidence.review.queue import Queued, Wanted, queue, returned_to
from api.evidence.review.schemas import (
    BatchUndoneSchema,
    BatchUndoSchema,
    BulkAllSchema,
    BulkDoneSchema,
    BulkSchema,
    QueuedSchema,
    ReturnedSchema,
    ReviewFilterSchema,
    ReviewSchema,
    StepSchema,
)
from api.evidence.review.tables import Review
from api.evidence.review.take import take_step
from api.jobs.resources import JobSchema
from api.jobs.tables import Job
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.smorest import Blueprint

blueprint = Blueprint(
    "reviews", __name__, url_prefix="/api/evidence/reviews", description="审核 · whether what phones sent is accepted"
)


@blueprint.route("")
@allow(Permission.REVIEW, area="rows")
@blueprint.arguments(ReviewFilterSchema, location="query")
@blueprint.response(200, QueuedSchema(many=True))
@blueprint.paginate()
def review_list(wanted: dict[str, Any], pagination_parameters: Any) -> list[Queued]:
    """What waits for review, or stands in a state; the most doubtful, the riskiest and then the oldest first."""
    rows, total = queue(
        session_now(), viewer(), Wanted(**wanted), limit=pagination_parameters.page_size,
        offset=pagination_parameters.first_item,
    )  # fmt: skip
    pagination_parameters.item_count = total
    return rows


@blueprint.route("/<uuid:submission_id>/steps", methods=["POST"])
@allow(Permission.REVIEW, area="rows")
@blueprint.arguments(StepSchema)
@blueprint.response(201, ReviewSchema)
def step_take(wanted: dict[str, Any], submission_id: UUID) -> Review:
    """Open, accept, return with a reason, reject with a reason, open again, or comment; never one's own."""
    return take_step(session_now(), viewer(), submission_id, **wanted)


@blueprint.route("/accepted", methods=["POST"])
@allow(Permission.REVIEW, area="rows")
@blueprint.arguments(BulkSchema)
@blueprint.response(200, BulkDoneSchema)
def bulk_accept(wanted: dict[str, Any]) -> Accepted:
    """Accept those of some submissions that wait and that every check passed; the others stay as they are."""
    return accept_clean(session_now(), viewer(), wanted["ids"], note=wanted["note"])


@blueprint.route("/accepted-all", methods=["POST"])
@allow(Permission.REVIEW, area="rows")
@blueprint.arguments(BulkAllSchema)
@blueprint.response(202, JobSchema)
def bulk_accept_all(wanted: dict[str, Any]) -> Job:
    """Accept in the background whatever waits, fits and passed every check by now; the job tells how far it is."""
    note = wanted.pop("note")
    return ask_to_accept(session_now(), viewer(), Wanted(**wanted), note=note)


@blueprint.route("/batches/<uuid:batch_id>/undo", methods=["POST"])
@allow(Permission.REVIEW, area="rows")
@blueprint.arguments(BatchUndoSchema)
@blueprint.response(200, BatchUndoneSchema)
def batch_undo(wanted: dict[str, Any], batch_id: UUID) -> Undone:
    """Open again what one has accepted together, as far as nobody has taken a step since."""
    return ask_to_undo(session_now(), viewer(), batch_id, note=wanted["note"])


@blueprint.route("/returned")
@allow(Permission.SUBMISSION_SEND, area="own")
@blueprint.response(200, ReturnedSchema(many=True))
def returned_list() -> Any:
    """One's own submissions that were returned and not sent again, with the reason."""
    return returned_to(session_now(), viewer())
