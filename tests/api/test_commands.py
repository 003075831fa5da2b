import subprocess
import sys

import pytest
import sqlalchemy as sa
import world
from live import environment_of

from api.people.audit import record
from api.people.tables import Account, AuditEntry


@pytest.fixture
def ruhu(settings, project):
    """The command as an operator types it, in a process of its own."""

    def run(*words, **more):
        command = [sys.executable, "-m", "api.commands", *words]
        return subprocess.run(
            command,
            env=environment_of(settings) | more,
            cwd=project,
            capture_output=True,
            text=True,
            timeout=120,
            check=False,
        )

    return run


def test_an_account_made_on_the_command_line_can_sign_in_once_and_only_once_made(ruhu, database, client):
    words = ("create-user", "Pema", "--display-name", "虚构白玛", "--grant", f"surveyor:{world.TOWNSHIP}")
    made = ruhu(*words, "--password", "a long enough password")
    assert made.returncode == 0, made.stderr
    token = world.csrf_token(client.get("/sign-in").text)
    form = {"name": "pema", "password": "a long enough password", "csrf_token": token}
    assert client.post("/sign-in", data=form).status_code == 302
    again = ruhu(*words, "--password", "a long enough password")
    assert again.returncode == 2
    assert "账号 pema 已存在" in again.stderr
    assert "Traceback" not in again.stderr
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).where(Account.name == "pema")) == 1


@pytest.mark.parametrize(
    ("words", "said"),
    [
        (("create-user", "x", "--display-name", "x", "--grant", "king:54", "--password", "long enough!"), "surveyor"),
        (("create-user", "x", "--display-name", "x", "--grant", "surveyor:54", "--password", "short"), "10 至 256"),
        (("verify-audit", "--anchor", "nonsense"), "anchor"),
        (("no-such-command",), "No such command"),
    ],
)
def test_a_wrong_call_ends_with_a_sentence_and_an_exit_code(ruhu, words, said):
    answer = ruhu(*words)
    assert answer.returncode == 2
    assert said in answer.stderr
    assert "Traceback" not in answer.stderr


def test_a_wrong_setting_stops_every_command_with_its_name(ruhu):
    answer = ruhu("migrate", RUHU_PORT="eight thousand")
    assert answer.returncode == 2
    assert "RUHU_PORT is 'eight thousand': use a whole number" in answer.stderr
    assert ruhu("migrate", RUHU_WORKRES="4").returncode == 2


def test_the_sealed_log_is_verified_against_an_anchor_and_a_change_is_named(ruhu, database):
    with database.transaction() as session:
        for number in range(3):
            record(session, None, "test.do", "thing", number, division_code=world.COUNTY)
    anchor = ruhu("seal-audit").stdout.strip()
    assert anchor.startswith(f"{world.COUNTY}:3:")
    whole = ruhu("verify-audit", "--anchor", anchor)
    assert whole.returncode == 0, whole.stdout + whole.stderr
    with database.transaction() as session:
        if database.is_embedded:
            session.execute(sa.text("drop trigger audit_entry_no_update"))
        else:
            session.execute(sa.text("alter table audit_entry disable trigger user"))
        session.execute(sa.update(AuditEntry).where(AuditEntry.object_id == "1").values(action="harmless"))
    changed = ruhu("verify-audit", "--anchor", anchor)
    assert changed.returncode == 3
    assert f"{world.COUNTY} #2 changed" in changed.stdout
