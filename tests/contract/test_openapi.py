"""The programming interface answers as its own description says, whatever it is asked."""

import itertools
import os

import pytest
import schemathesis
import world
from built import built_world
from forms import compile_here
from hypothesis import HealthCheck, settings
from routes import EXAMPLES
from schemathesis.checks import not_a_server_error
from schemathesis.specs.openapi.checks import (
    content_type_conformance,
    response_headers_conformance,
    response_schema_conformance,
    status_code_conformance,
)

from api import create_app
from api.collection.form_drafts import resources as form_drafts
from api.settings import Settings

SOAK = os.environ.get("RUHU_SOAK") == "1"
CHECKS = [
    not_a_server_error,
    status_code_conformance,
    content_type_conformance,
    response_schema_conformance,
    response_headers_conformance,
]


class Stage:
    """A WSGI application behind which another takes its place: the description is read before there is a database."""

    def __init__(self):
        self.app = create_app(Settings(secret_key="x", database_url="sqlite:////nowhere/ruhu.db"))
        self.known = {}

    def __call__(self, environ, start_response):
        answer = self.app(environ, start_response)
        try:
            return [b"".join(answer)]
        finally:
            if hasattr(answer, "close"):  # as a server would: a file that was sent is closed
                answer.close()


stage = Stage()
turns = itertools.cycle((True, True, False))  # two of three questions are about things there are
# at module level: loaded in a fixture it does not work with this pytest
schema = schemathesis.openapi.from_wsgi("/api/openapi.json", stage)


@pytest.fixture(scope="module")
def played(shared_app):
    """The small world on stage, with the arguments of things there are in it."""
    compile_apart, form_drafts.compile_apart = form_drafts.compile_apart, compile_here  # not a process for each guess
    built = built_world(shared_app)
    before, stage.app = stage.app, shared_app
    stage.known = {}
    for example in EXAMPLES.values():
        given = example.inside(built) if callable(example.inside) else example.inside or {}
        stage.known[frozenset(given)] = {name: str(value) for name, value in given.items()}
    yield
    stage.app = before
    form_drafts.compile_apart = compile_apart


@schema.hook
def map_path_parameters(_context, path_parameters):
    """Ask about things there are, or nearly every answer would be that nothing was found."""
    if path_parameters and next(turns):
        return stage.known.get(frozenset(path_parameters), path_parameters)
    return path_parameters


@pytest.mark.usefixtures("played")
@schema.parametrize()
@settings(
    max_examples=500 if SOAK else 8,
    deadline=None,
    derandomize=not SOAK,
    database=None,
    suppress_health_check=list(HealthCheck),
)
def test_every_answer_is_a_described_one(case):
    case.call_and_validate(headers={"Authorization": f"Bearer {world.PROGRAM_TOKENS['county']}"}, checks=CHECKS)


def test_the_description_holds_every_route_of_the_interface(shared_app):
    described = {
        (method.upper(), path) for path, methods in document(shared_app)["paths"].items() for method in methods
    }
    rules = shared_app.url_map.iter_rules()
    routes = {rule.rule for rule in rules if rule.rule.startswith("/api/")} - {"/api/openapi.json", "/api/docs"}
    assert len({path for _, path in described}) == len(routes)


def test_every_operation_says_who_it_is_and_what_it_refuses(shared_app):
    for path, methods in document(shared_app)["paths"].items():
        for method, operation in methods.items():
            if method == "parameters":
                continue
            assert operation["summary"], (method, path)
            assert {"401", "403", "422", "429", "503"} <= set(operation["responses"]), (method, path)


def test_refusals_are_described_as_problem_details(shared_app):
    responses = document(shared_app)["components"]["responses"]
    assert "application/problem+json" in responses["FORBIDDEN"]["content"]
    assert document(shared_app)["security"] == [{"bearer": []}]


def document(app):
    return app.test_client().get("/api/openapi.json").json
