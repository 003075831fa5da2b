"""The programming interface of people: who am I, and the tokens that act for me."""

from typing import Any
from uuid import UUID

import sqlalchemy as sa

from api.people.guard import allow, session_now, viewer
from api.people.roles import GRANTED, Permission
from api.people.schemas import MeSchema, TokenSchema
from api.people.tables import Account, Token
from api.people.tokens import issue_token, revoke_token
from api.smorest import Blueprint

blueprint = Blueprint("people", __name__, url_prefix="/api", description="账号与凭证 · accounts and tokens")


@blueprint.route("/me")
@allow(Permission.HOME, area="own")
@blueprint.response(200, MeSchema)
def me() -> dict[str, Any]:
    """Whoever is asking: name, roles, areas, permissions."""
    found = viewer()
    return {
        "name": found.name,
        "display_name": found.display_name,
        "language": found.language,
        "grants": [{"role": role, "area_code": area} for role, area in found.grants],
        "permissions": sorted({permission for role in found.roles for permission in GRANTED[role]}),
    }


@blueprint.route("/tokens")
@allow(Permission.TOKEN_OWN, area="own")
@blueprint.response(200, TokenSchema(many=True))
def token_list() -> list[Token]:
    """One's own tokens, newest first."""
    statement = sa.select(Token).where(Token.account_id == viewer().account_id).order_by(Token.created_at.desc())
    return list(session_now().scalars(statement))


@blueprint.route("/tokens", methods=["POST"])
@allow(Permission.TOKEN_OWN, area="own")
@blueprint.arguments(TokenSchema)
@blueprint.response(201, TokenSchema)
def token_issue(wanted: dict[str, str]) -> dict[str, Any]:
    """Make a token; its text is in this answer and nowhere else."""
    session = session_now()
    account = session.get_one(Account, viewer().account_id)
    token, text = issue_token(session, account, kind=wanted["kind"], label=wanted["label"], by=viewer())
    return {
        "id": token.id,
        "kind": token.kind,
        "label": token.label,
        "token": text,
        "created_at": token.created_at,
    }


@blueprint.route("/tokens/<uuid:token_id>", methods=["DELETE"])
@allow(Permission.TOKEN_OWN, area="own")
@blueprint.response(204)
def token_revoke(token_id: UUID) -> None:
    """End a token of one's own, now."""
    revoke_token(session_now(), token_id, by=viewer())
