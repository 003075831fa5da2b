"""Whether the server lives, for whoever supervises the process."""

from flask import Blueprint

blueprint = Blueprint("health", __name__)


@blueprint.get("/alive")
def alive() -> str:
    """Answer; nothing is looked at, so that a busy database does not get the server killed."""
    return "ok"
