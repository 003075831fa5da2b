"""The programming interface's house style: problems as RFC 9457, pages of lists, honest OpenAPI."""

import json
import threading
from collections.abc import Callable, Iterator, Mapping
from http import HTTPStatus
from typing import Any

import flask_smorest
import marshmallow as ma
from flask import Flask, Response, request
from flask_smorest.utils import prepare_response

from api.degrees import rounded
from api.edge import Answer, refuse_unstorable_bytes
from api.people.guard import SAFE_METHODS

PROBLEM_TYPE = "application/problem+json"
ERRORS = range(400, 600)
# any route may answer so: not signed in, not allowed, too many failed attempts, out of order
ALWAYS = (
    HTTPStatus.UNAUTHORIZED,
    HTTPStatus.FORBIDDEN,
    HTTPStatus.TOO_MANY_REQUESTS,
    HTTPStatus.SERVICE_UNAVAILABLE,
)


class Schema(ma.Schema):
    """Base of every schema: unknown fields are refused, so that a typing error is not silently ignored."""

    class Meta:
        """What marshmallow wants to be told."""

        unknown = ma.RAISE

    @ma.pre_load
    def refuse_unstorable(self, data: Any, **_: Any) -> Any:
        """Refuse text anywhere in the data that no database keeps: NUL bytes, halves of surrogate pairs."""
        for text in _texts(data):
            # JSON may write half a pair as an escape; as bytes it is no UTF-8
            refuse_unstorable_bytes(text.encode("utf-8", "surrogatepass"), where="body")
        return data


class Degrees(ma.fields.Float):
    """Longitude or latitude, to a centimetre."""

    def _serialize(self, value: Any, *args: Any, **kwargs: Any) -> Any:
        written: Any = super()._serialize(value, *args, **kwargs)
        return rounded(written)


def _texts(data: Any) -> Iterator[str]:
    if isinstance(data, str):
        yield data
    elif isinstance(data, Mapping):
        for key, value in data.items():
            yield from (*_texts(key), *_texts(value))
    elif isinstance(data, list):
        for item in data:
            yield from _texts(item)


class ProblemSchema(ma.Schema):
    """RFC 9457 problem details."""

    type = ma.fields.String(required=True, metadata={"description": "URI reference naming the kind of refusal"})
    title = ma.fields.String(required=True)
    status = ma.fields.Integer(required=True)
    detail = ma.fields.String(required=True, metadata={"description": "what is wrong and what to do"})
    where = ma.fields.String(metadata={"description": "the field, row or parameter"})
    errors = ma.fields.List(ma.fields.Dict(), metadata={"description": "single findings with where and message"})


class Blueprint(flask_smorest.Blueprint):
    """flask-smorest's blueprint; the refusals of a route are documented from its access rule and its arguments."""

    DEFAULT_PAGINATION_PARAMETERS = {"page": 1, "page_size": 50, "max_page_size": 500}  # noqa: RUF012 - the library's

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        super().__init__(*args, **kwargs)
        self._prepare_doc_cbks.append(self._document_problems)

    def register_views_in_doc(
        self, api: "Api", app: Flask, spec: Any, *, name: str, parameters: list[Any] | None
    ) -> None:  # fmt: skip
        """Describe the routes when somebody asks for the description: most processes never do."""
        describe = super().register_views_in_doc
        api.undescribed.append(lambda: describe(api, app, spec, name=name, parameters=parameters))

    @staticmethod
    def _document_problems(doc: dict[str, Any], _doc_info: dict[str, Any], *, method: str, **_: Any) -> dict[str, Any]:
        statuses = {HTTPStatus.BAD_REQUEST, HTTPStatus.NOT_FOUND, HTTPStatus.UNPROCESSABLE_ENTITY, *ALWAYS}
        if method.upper() not in SAFE_METHODS:
            statuses |= {HTTPStatus.CONFLICT, HTTPStatus.REQUEST_ENTITY_TOO_LARGE, HTTPStatus.UNSUPPORTED_MEDIA_TYPE}
        responses = doc.setdefault("responses", {})
        documented = {str(status) for status in responses}
        for status in sorted(statuses):
            if str(status.value) not in documented:
                responses[str(status.value)] = status.name
        responses.update({status: HTTPStatus(int(status)).name for status in documented if int(status) in ERRORS})
        if method.upper() == "GET":  # see `tag_answers`
            responses.setdefault("304", HTTPStatus.NOT_MODIFIED.name)
        return doc


class Api(flask_smorest.Api):
    """flask-smorest's API; refusals of the library go through our own edge."""

    ERROR_SCHEMA = ProblemSchema
    DEFAULT_ERROR_RESPONSE_NAME = None  # each route names its own

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        self.undescribed: list[Callable[[], None]] = []
        self._describing = threading.Lock()
        super().__init__(*args, **kwargs)

    def _openapi_json(self) -> Response:
        """Serve the description, made when it is asked for first: making it takes as long as all else at the start."""
        with self._describing:
            while self.undescribed:
                self.undescribed[0]()
                self.undescribed.pop(0)
        served: Response = super()._openapi_json()
        return served

    def _register_error_handlers(self) -> None:
        """Leave every error to the edge, which answers in one voice."""

    def _register_pagination_header(self) -> None:
        """Describe the pagination header as what it is: a text that holds JSON."""
        schema = flask_smorest.pagination.PaginationMetadataSchema
        header = {"description": "where this page stands, as JSON", "content": {"application/json": {"schema": schema}}}
        self.spec.components.header("PAGINATION", header, lazy=True)

    def _register_responses(self) -> None:
        """Describe each status; refusals are problem details."""
        for status in HTTPStatus:
            response: dict[str, Any] = {"description": status.phrase}
            content_type = self.DEFAULT_RESPONSE_CONTENT_TYPE
            if status.value in ERRORS:
                response["schema"] = self.ERROR_SCHEMA
                content_type = PROBLEM_TYPE
            prepare_response(response, self.spec, content_type)
            self.spec.components.response(status.name, response, lazy=True)


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


def tag_answers(app: Flask) -> None:
    """Give every answer that programs read an ETag: asked again with If-None-Match, what is unchanged costs a 304."""

    @app.after_request
    def tag(response: Response) -> Response:
        reads = request.method in {"GET", "HEAD"} and response.status_code == HTTPStatus.OK
        if reads and request.path.startswith("/api/") and (response.mimetype or "").endswith("json"):
            response.headers.setdefault("Cache-Control", "private, no-cache")
            if not response.is_streamed:
                response.add_etag()
            elif "ETag" not in response.headers:
                return response  # made as it is sent: to ask for its length would gather all of it first
            response.make_conditional(request)
        return response


def init_app(app: Flask) -> Api:
    """Set up the description of the interface at /api/openapi.json and return the API to register blueprints on."""
    app.config.update(
        API_TITLE="Ruhu 入户",
        API_VERSION="v1",
        OPENAPI_VERSION="3.0.3",  # GDAL's OAPIF driver reads 3.0
        OPENAPI_URL_PREFIX="/api",
        OPENAPI_JSON_PATH="openapi.json",
    )
    tag_answers(app)
    api = Api(app)
    api.spec.components.security_scheme("bearer", {"type": "http", "scheme": "bearer"})
    api.spec.options["security"] = [{"bearer": []}]
    return api
