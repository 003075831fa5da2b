"""The programming interface's house style: problems as RFC 9457, pages of lists, honest OpenAPI."""

import json
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask, Response

from api.edge import Answer
from api.problems import NulByte

PROBLEM_TYPE = "application/problem+json"


class Schema(ma.Schema):
    """Base of every schema: unknown fields are refused, so that a typing error is not silently ignored."""

    class Meta:
        """What marshmallow wants to be told."""

        unknown = ma.RAISE

    @ma.pre_load
    def refuse_nul(self, data: Any, **_: Any) -> Any:
        """Refuse NUL bytes anywhere in text."""
        if _has_nul(data):
            raise NulByte("文字中含有空字符, 请删除后重试")
        return data


def _has_nul(data: Any) -> bool:
    if isinstance(data, str):
        return "\x00" in data
    if isinstance(data, dict):
        return any(_has_nul(key) or _has_nul(value) for key, value in data.items())
    return isinstance(data, list) and any(_has_nul(item) for item in data)


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details."""

    type = ma.fields.String(required=True, metadata={"description": "URI reference naming the kind of refusal"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True, metadata={"description": "what is wrong and what to do"})
    where = ma.fields.String(metadata={"description": "the field, row or parameter"})
    errors = ma.fields.List(ma.fields.Dict(), metadata={"description": "single findings with where and message"})


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint; every documented error is a problem."""

    DEFAULT_PAGINATION_PARAMETERS = {"page": 1, "page_size": 50, "max_page_size": 500}  # noqa: RUF012 - the library's name and type


class Api(flask_smorest.Api):
    """flask-smorest's API; refusals of the library go through our own edge."""

    ERROR_SCHEMA = ProblemSchema

    def _register_error_handlers(self) -> None:
        """Leave every error to the edge, which answers in one voice."""


def speak_problem(answer: Answer) -> Response:
    """Voice a refusal as problem details for programs."""
    body: dict[str, Any] = {
        "type": f"/api/problems#{answer.slug}",
        "title": answer.title,
        "status": answer.status,
        "detail": answer.detail,
    }
    if answer.where:
        body["where"] = answer.where
    if answer.errors:
        body["errors"] = [{key: value for key, value in error.items() if key != "values"} for error in answer.errors]
    return Response(json.dumps(body, ensure_ascii=False), status=answer.status, content_type=PROBLEM_TYPE)


def init_app(app: Flask) -> Api:
    """Set up the description of the interface at /api/openapi.json and return the API to register blueprints on."""
    app.config.update(
        API_TITLE="Ruhu 入户",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",  # GDAL's OAPIF driver reads 3.0
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    return api
