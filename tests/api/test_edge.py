import errno

import pytest
import sqlalchemy as sa

from api.people.guard import allow, session_now
from api.people.roles import Permission
from api.people.tables import Account

PROBLEM = "application/problem+json"


@pytest.mark.parametrize(
    ("address", "where", "slug"),
    [
        ("/api/divisions/5402%00/children", "path", "nul-byte"),
        ("/api/me?x=%00", "query", "nul-byte"),
        ("/api/me?x=%c3%28", "query", "bad-encoding"),
    ],
)
def test_an_address_that_is_no_text_is_refused_with_the_place(client, bearer, address, where, slug):
    answer = client.get(address, headers=bearer("county"))
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert (answer.json["where"], answer.json["type"]) == (where, f"/api/problems#{slug}")


def test_a_path_that_is_no_utf_8_is_refused(client, bearer):
    # the test client repairs such a path; a server hands it on as it came
    answer = client.get("/", headers=bearer("county"), environ_overrides={"PATH_INFO": "/api/divisions/\xff/children"})
    assert (answer.status_code, answer.content_type) == (400, PROBLEM)
    assert answer.json["where"] == "path"


@pytest.mark.parametrize(
    ("body", "status"),
    [
        (b'{"kind": "phone", "label": "a\\u0000b"}', 400),
        (b'{"kind": "phone", "label": "\\ud800"}', 400),
        (b'{"kind": "phone", "label": "\xff"}', 400),
        (b'{"kind": "phone", "label": ', 400),
        (b'{"kind": "phone", "label": "x", "stray": 1}', 422),
        (b'{"kind": "phone", "label": ""}', 422),
        (b'{"kind": "phone", "label": "' + b"x" * 121 + b'"}', 422),
        (b'["kind"]', 422),
        (b"", 422),
    ],
)
def test_a_body_that_is_wrong_is_refused_and_nothing_is_made(client, bearer, body, status):
    headers = bearer("county") | {"Content-Type": "application/json"}
    answer = client.post("/api/tokens", data=body, headers=headers)
    assert (answer.status_code, answer.content_type) == (status, PROBLEM)
    assert len(client.get("/api/tokens", headers=bearer("county")).json) == 2  # those of the small world


def test_a_wrong_method_is_told_which_ones_there_are(client, bearer):
    answer = client.put("/api/me", headers=bearer("county"))
    assert (answer.status_code, answer.content_type) == (405, PROBLEM)
    assert "GET" in answer.headers["Allow"]


def test_a_number_that_no_column_can_hold_is_the_callers_mistake(app, client, bearer):
    @app.get("/api/test-overflow")
    @allow(Permission.HOME, area="any")
    def overflow():
        session_now().scalar(sa.select(sa.func.count()).select_from(Account).limit(10**30))

    assert client.get("/api/test-overflow", headers=bearer("county")).status_code == 422


def test_a_full_disk_is_said_and_nothing_is_committed(app, client, bearer, database):
    @app.post("/api/test-full")
    @allow(Permission.HOME, area="any")
    def full():
        session_now().execute(sa.update(Account).values(display_name="changed"))
        raise OSError(errno.ENOSPC, "no space left on device")

    answer = client.post("/api/test-full", headers=bearer("county"))
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers
    with database.read() as session:
        assert not session.scalars(sa.select(Account).where(Account.display_name == "changed")).all()


def test_an_answer_that_could_not_be_committed_is_not_given(app, client, bearer, database):
    @app.post("/api/test-commit")
    @allow(Permission.HOME, area="any")
    def fails_at_commit():
        session = session_now()
        session.execute(sa.update(Account).values(display_name="changed"))

        @sa.event.listens_for(session, "before_commit")
        def disk_full(_session):
            raise sa.exc.OperationalError("commit", {}, Exception("disk I/O error"))

        return {"said": "done"}

    answer = client.post("/api/test-commit", headers=bearer("county"))
    assert answer.status_code == 503
    assert "done" not in answer.text
    with database.read() as session:
        assert not session.scalars(sa.select(Account).where(Account.display_name == "changed")).all()


def test_a_route_without_a_rule_is_closed(app, client, bearer):
    @app.get("/api/test-forgotten")
    def forgotten():
        return "secret"

    assert client.get("/api/test-forgotten", headers=bearer("admin")).status_code == 403


def test_refusals_are_read_in_the_readers_language(client, bearer):
    headers = bearer("county") | {"Accept-Language": "en"}
    assert client.get("/api/nowhere", headers=headers).json["status"] == 404
    page = client.get("/nowhere")
    assert page.status_code == 404
    assert "返回首页" in page.text


def test_every_answer_carries_the_protection_headers(client):
    for address in ("/sign-in", "/api/me", "/nowhere"):
        headers = client.get(address).headers
        assert "frame-ancestors 'none'" in headers["Content-Security-Policy"]
        assert headers["X-Content-Type-Options"] == "nosniff"


def test_what_is_the_same_for_everybody_carries_nobodys_cookie(signed_in):
    browser = signed_in("county")
    for address in ("/alive", "/api/openapi.json"):
        answer = browser.get(address)
        assert answer.status_code == 200
        assert "Set-Cookie" not in answer.headers
        assert "Cookie" not in answer.headers.get("Vary", "")
    assert "Cookie" in browser.get("/").headers["Vary"]
