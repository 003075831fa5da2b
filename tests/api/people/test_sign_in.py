import pytest
import world
from sqlalchemy import select

from api.people.tables import Account, AuditEntry, FailedAttempt


def attempt(client, name="county", password=world.PASSWORD):
    token = world.csrf_token(client.get("/sign-in").text)
    return client.post("/sign-in", data={"name": name, "password": password, "csrf_token": token})


def test_the_right_password_lets_in_and_is_written_down(client, database):
    assert attempt(client).status_code == 302
    assert client.get("/api/me").json["name"] == "county"
    with database.read() as session:
        assert session.scalars(select(AuditEntry.action)).all() == ["account.sign_in"]


@pytest.mark.parametrize("name", ["county", "nobody-of-this-name"])
def test_a_wrong_password_and_an_unknown_name_are_answered_alike(client, name):
    answer = attempt(client, name=name, password="wrong")
    assert answer.status_code == 401
    assert "账号或密码不正确" in answer.text
    assert client.get("/api/me").status_code == 401


def test_five_mistakes_lock_the_name_and_each_further_one_doubles_the_wait(client, database):
    for _ in range(5):
        assert attempt(client, password="wrong").status_code == 401
    answer = attempt(client)
    assert answer.status_code == 429
    assert int(answer.headers["Retry-After"]) <= 30
    with database.transaction() as session:
        failed = session.get_one(FailedAttempt, "account:county")
        failed.locked_until = None
    assert attempt(client, password="wrong").status_code == 401
    with database.read() as session:
        failed = session.get_one(FailedAttempt, "account:county")
        assert 50 < (failed.locked_until - failed.last_at).total_seconds() <= 60


def test_a_right_password_forgets_the_mistakes(client, database):
    attempt(client, password="wrong")
    assert attempt(client).status_code == 302
    with database.read() as session:
        assert session.get(FailedAttempt, "account:county") is None


def test_a_sign_in_without_the_pages_token_is_refused(client):
    answer = client.post("/sign-in", data={"name": "county", "password": world.PASSWORD})
    assert answer.status_code == 403
    assert "页面已过期" in answer.text


def test_a_cookie_alone_cannot_change_anything_through_the_programming_interface(signed_in):
    client = signed_in("county")
    answer = client.post("/api/tokens", json={"kind": "program", "label": "x"})
    assert answer.status_code == 403


def test_a_changed_stamp_ends_every_session(signed_in, database):
    client = signed_in("county")
    with database.transaction() as session:
        session.scalars(select(Account).where(Account.name == "county")).one().session_stamp = "f" * 32
    assert client.get("/api/me").status_code == 401


def test_the_address_after_signing_in_stays_on_this_server(client):
    token = world.csrf_token(client.get("/sign-in").text)
    form = {"name": "county", "password": world.PASSWORD, "csrf_token": token, "next": "//evil.example/"}
    assert client.post("/sign-in", data=form).headers["Location"] == "/"


def test_wrong_program_tokens_from_one_address_have_to_wait(client, bearer):
    for _ in range(20):
        assert client.get("/api/me", headers={"Authorization": "Bearer ruhu_guess"}).status_code == 401
    assert client.get("/api/me", headers={"Authorization": "Bearer ruhu_guess"}).status_code == 429
    assert client.get("/api/me", headers=bearer("county")).status_code == 200


def test_invented_phone_keys_from_one_address_have_to_wait_and_real_ones_never(client):
    for _ in range(20):
        assert client.head("/key/an-invented-key/submission").status_code == 403
    assert client.head("/key/an-invented-key/submission").status_code == 429
    assert client.head(f"/key/{world.PHONE_TOKENS['surveyor']}/submission").status_code == 204


def test_a_phone_with_a_revoked_key_may_ask_as_often_as_it_likes(client, bearer):
    tokens = client.get("/api/tokens", headers=bearer("surveyor")).json
    phone = next(token["id"] for token in tokens if token["kind"] == "phone")
    assert client.delete(f"/api/tokens/{phone}", headers=bearer("surveyor")).status_code == 204
    for _ in range(30):
        assert client.head(f"/key/{world.PHONE_TOKENS['surveyor']}/submission").status_code == 403


def test_somebody_elses_token_is_not_found_and_lives_on(client, bearer):
    tokens = client.get("/api/tokens", headers=bearer("surveyor")).json
    answer = client.delete(f"/api/tokens/{tokens[0]['id']}", headers=bearer("county"))
    assert answer.status_code == 404
    assert client.get("/api/me", headers=bearer("surveyor")).status_code == 200


def test_a_token_made_for_a_program_works_until_it_is_revoked(client, bearer):
    made = client.post("/api/tokens", json={"kind": "program", "label": "报表"}, headers=bearer("county")).json
    headers = {"Authorization": f"Bearer {made['token']}"}
    assert client.get("/api/me", headers=headers).json["name"] == "county"
    assert client.delete(f"/api/tokens/{made['id']}", headers=headers).status_code == 204
    assert client.get("/api/me", headers=headers).status_code == 401
