"""Every route, every role, inside and outside the area: who gets in, and who learns nothing."""

import pytest
import world
from built import built_world
from form_routes import DRAFT_TOKENS
from routes import EXAMPLES

from api import create_app
from api.people.guard import OPEN_ROUTES, access_of, own_methods, unguarded
from api.people.roles import GRANTED, Role
from api.settings import Settings

ROLES = list(Role)


def all_routes(app):
    for rule in app.url_map.iter_rules():
        for method in own_methods(rule):
            yield method, rule.endpoint


@pytest.fixture(scope="module")
def route_list():
    """The routes alone; no database is opened for them."""
    return list(all_routes(create_app(Settings(secret_key="x", database_url="sqlite:////nowhere/ruhu.db"))))


def account_of(role, *, inside):
    return next(
        name for name, (found, _) in world.ACCOUNTS.items() if found == role and ("outside" not in name) == inside
    )


def test_every_route_declares_who_may_call_it_or_stands_in_the_list_of_open_routes(app):
    assert list(unguarded(app)) == []


def test_the_list_of_open_routes_names_only_routes_there_are_and_gives_reasons(app):
    assert set(OPEN_ROUTES) <= set(app.view_functions)
    assert all(len(reason.split()) > 2 for reason in OPEN_ROUTES.values())


def test_every_guarded_route_has_an_example_for_the_walk(route_list):
    guarded = {(method, endpoint) for method, endpoint in route_list if endpoint not in OPEN_ROUTES}
    assert guarded - set(EXAMPLES) == set(), "add an example to tests/architecture/routes.py"
    assert set(EXAMPLES) - guarded == set(), "an example of a route that is gone"


class Caller:
    """Calls one route as an account, by the way in that the route takes."""

    def __init__(self, app, built, key):
        self.app, self.built, self.key = app, built, key
        self.access = access_of(app, key[1], key[0])
        self.example = EXAMPLES[key]

    def arguments(self, where):
        given = getattr(self.example, where)
        return dict(given(self.built) if callable(given) else given or {})

    def __call__(self, name, where="inside"):
        method, endpoint = self.key
        arguments = self.arguments(where)
        for way, tokens in (("phone", world.PHONE_TOKENS), ("draft", DRAFT_TOKENS)):
            if way in self.access.ways:
                arguments["token"] = tokens.get(name, "no-such-token")
        with self.app.test_request_context():
            address = self.app.url_for(endpoint, **arguments)
        client, headers = self.app.test_client(), {}
        form = self.example.form(self.built) if callable(self.example.form) else self.example.form
        if name and self.access.ways == ("session",):
            page = client.get("/sign-in").text
            token = world.csrf_token(page)
            client.post("/sign-in", data={"name": name, "password": world.PASSWORD, "csrf_token": token})
            if method != "GET":
                form = (form or {}) | {"csrf_token": token_after(client)}
        elif name and "bearer" in self.access.ways:
            headers["Authorization"] = f"Bearer {world.PROGRAM_TOKENS[name]}"
        body = self.example.json(self.built) if callable(self.example.json) else self.example.json
        return client.open(
            address,
            method=method,
            headers=headers,
            json=body,
            data=form,
            query_string=self.example.query,
            buffered=True,
        )


def token_after(client):
    """The token that the pages of a session that has just begun carry."""
    return world.csrf_token(client.get("/").text)


@pytest.fixture(scope="module")
def built(shared_app):
    return built_world(shared_app)


@pytest.fixture(params=sorted(EXAMPLES), ids=lambda key: f"{key[0]}-{key[1]}")
def caller(request, shared_app, built):
    return Caller(shared_app, built, request.param)


def test_the_walk(caller):
    """One route, its fifteen callers."""
    stranger = caller("")
    taken_to_the_way_in = stranger.status_code == 302 and stranger.headers["Location"].startswith("/sign-in")
    assert stranger.status_code in {401, 403} or taken_to_the_way_in
    for role in ROLES:
        granted = caller.access.permission in GRANTED[role]
        insider, outsider = account_of(role, inside=True), account_of(role, inside=False)
        answer = caller(insider)
        if not granted:
            assert answer.status_code == 403, f"{insider} has no {caller.access.permission}: {answer.text[:300]}"
            continue
        assert answer.status_code < 400 or answer.status_code in caller.example.also, f"{insider}: {answer.text[:300]}"
        shares = caller.example.whole_county and world.ACCOUNTS[outsider][1].startswith(world.COUNTY)
        if caller.example.outside is not None:
            assert caller(insider, "outside").status_code in {403, 404} or reaches_both(role), insider
            assert shares or caller(outsider).status_code in {403, 404}, outsider
        elif caller.access.area == "rows" and not shares:
            hidden = caller(outsider)
            may_answer = hidden.status_code < 400 and caller.key[0] == "GET"  # with nothing of the area in it
            assert may_answer or hidden.status_code in {403, 404}, outsider
            for secret in caller.example.secrets:
                assert secret not in hidden.text, f"{outsider} sees {secret}"


def reaches_both(role):
    """City roles of the small world reach both counties."""
    return len(world.ACCOUNTS[account_of(role, inside=True)][1]) < len(world.COUNTY)
