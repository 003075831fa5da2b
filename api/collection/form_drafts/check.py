"""Let ODK Validate read a draft as a phone would: background work, where Java is present."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from api.collection.form_drafts.keep import CHECK
from api.collection.form_drafts.tables import FormDraft
from api.database import Database
from api.jobs.queue import Queue
from api.jobs.work import Task
from survey_forms.errors import ValidationError, ValidatorMissingError

LONGEST = 4_000


def register(queue: Queue) -> None:
    """Tell the queue of this work."""
    queue.register(CHECK, _do)


def _do(task: Task) -> dict[str, Any]:
    draft_id, sha256 = UUID(task.arguments["draft_id"]), task.arguments["xform_sha256"]
    return {"check_state": check_draft(task.database, task.county_code, draft_id, sha256)}


def check_draft(database: Database, county_code: str, draft_id: UUID, xform_sha256: str) -> str:
    """Run ODK Validate on a draft and write down what it says; its own transactions.

    Parameters
    ----------
    xform_sha256
        Of the content that is meant: the word on an older one is not written to a newer.

    Returns
    -------
    str
        ``passed``, ``refused``, ``missing`` where there is no Java; ``stale`` when the draft has changed since.
    """
    mine = (
        FormDraft.county_code == county_code,
        FormDraft.id == draft_id,
        FormDraft.xform_sha256 == xform_sha256,
        FormDraft.state == "ready",
    )
    with database.read() as session:
        xform = session.scalar(sa.select(FormDraft.xform).where(*mine))
    if xform is None:
        return "stale"
    state, said = _validated(xform)
    with database.transaction() as session:
        session.execute(sa.update(FormDraft).where(*mine).values(check_state=state, check_said=said[:LONGEST]))
    return state


def _validated(xform: bytes) -> tuple[str, str]:
    from survey_forms.compile import validate_xform  # noqa: PLC0415 - pyxform is heavy, and few processes do this

    try:
        return "passed", "\n".join(validate_xform(xform))
    except ValidatorMissingError as missing:
        return "missing", missing.what
    except ValidationError as refused:
        return "refused", refused.what
