"""A key is shown once, ends at once, and comes back only with a worker who was stopped by mistake."""

import base64
import json
import zlib
from datetime import timedelta

import field
import pytest
import segno
import sqlalchemy as sa
import world

from api.collection.assignments.give import give_households
from api.collection.assignments.tables import AssignmentAct
from api.collection.workers.code import collect_settings, drawn, packed
from api.collection.workers.help import whom_to_ask
from api.collection.workers.keys import issue_cards, issue_key, revoke_key
from api.collection.workers.stop import reinstate_worker, stop_worker
from api.database import now
from api.people.roles import Role
from api.people.tables import AuditEntry, Token
from api.people.tokens import find_token, live_keys
from api.problems import Conflict, Forbidden, NotFound


def test_a_new_key_opens_the_door_and_is_kept_only_as_a_hash(session, surveyor, viewer):
    new = issue_key(session, viewer("township"), surveyor, end_old=False)
    assert find_token(session, new.text, kind="phone").name == "surveyor"
    assert new.text not in str([vars(token) for token in session.scalars(sa.select(Token))])
    entries = session.scalars(sa.select(AuditEntry)).all()
    assert new.text not in str([entry.details for entry in entries])
    assert "token.issue" in {entry.action for entry in entries}
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone")  # the other phone goes on


def test_issuing_anew_ends_every_old_key(session, surveyor, viewer):
    new = issue_key(session, viewer("township"), surveyor, end_old=True)
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone") is None
    assert [key.id for key in live_keys(session, [surveyor.id])] == [new.token.id]


def test_a_second_click_or_a_reload_issues_no_second_key(session, surveyor, viewer):
    looked = now()
    issue_key(session, viewer("township"), surveyor, end_old=True, as_of=looked)
    with pytest.raises(Conflict, match="刚才已为"):
        issue_key(session, viewer("township"), surveyor, end_old=True, as_of=looked)
    issue_key(session, viewer("township"), surveyor, end_old=True, as_of=now() + timedelta(seconds=1))


def test_cards_for_a_township_leave_phones_in_use_alone(session, surveyor, viewer):
    newcomers = [field.worker(session, f"new-{n}") for n in range(3)]
    cards = issue_cards(session, viewer("township"), [surveyor, *newcomers], end_old=False)
    assert [card.worker.name for card in cards] == ["new-0", "new-1", "new-2"]
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone")
    with pytest.raises(Conflict, match="都已有手机密钥"):
        issue_cards(session, viewer("township"), [surveyor, *newcomers], end_old=False)
    again = issue_cards(session, viewer("township"), [surveyor, *newcomers], end_old=True)
    assert len(again) == 4
    assert not any(find_token(session, card.text, kind="phone") for card in cards)


def test_one_key_is_revoked_and_the_other_stays(session, surveyor, viewer):
    lost = issue_key(session, viewer("township"), surveyor, end_old=False)
    revoke_key(session, viewer("township"), surveyor, lost.token.id)
    assert find_token(session, lost.text, kind="phone") is None
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone")
    with pytest.raises(NotFound):
        revoke_key(session, viewer("township"), surveyor, lost.token.id)


def test_nobody_issues_a_key_that_acts_for_more_than_a_worker(session, viewer):
    both = field.worker(session, "both", (Role.SURVEYOR, world.TOWNSHIP), (Role.COUNTY_SUPERVISOR, world.COUNTY))
    for who in ("township", "county", "admin"):
        with pytest.raises(Forbidden, match="由系统管理员处理"):
            issue_key(session, viewer(who), both, end_old=False)
    with pytest.raises(Forbidden):
        issue_key(session, viewer("township"), field.account(session, "checker"), end_old=False)


def test_a_worker_who_stops_leaves_his_households_and_comes_back_to_them(session, surveyor, viewer):
    campaign, road = field.campaign(session), field.road(session, first=4)
    second = field.worker(session, "surveyor-2")
    give_households(session, viewer("township"), campaign, road, [surveyor])
    (act,) = stop_worker(session, viewer("township"), surveyor)
    assert (act.kind, act.details["ended"]) == ("deactivate", {str(surveyor.id): 4})
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone") is None
    assert field.open_by(session) == {}
    with pytest.raises(Conflict, match="已经停用"):
        stop_worker(session, viewer("township"), surveyor)
    with pytest.raises(Conflict, match="先恢复账号"):
        issue_key(session, viewer("township"), surveyor, end_old=False)
    give_households(session, viewer("township"), campaign, road[:1], [second])
    back = reinstate_worker(session, viewer("township"), surveyor)
    assert (back.households, back.keys, back.left) == (3, 1, 1)
    assert find_token(session, world.PHONE_TOKENS["surveyor"], kind="phone").name == "surveyor"
    assert field.open_by(session) == {"surveyor": [2, 3, 4], "surveyor-2": [1]}
    with pytest.raises(Conflict, match="没有停用"):
        reinstate_worker(session, viewer("township"), surveyor)


def test_a_key_that_had_ended_before_does_not_come_back(session, surveyor, viewer):
    lost = issue_key(session, viewer("township"), surveyor, end_old=False)
    revoke_key(session, viewer("township"), surveyor, lost.token.id)
    stop_worker(session, viewer("township"), surveyor)
    reinstate_worker(session, viewer("township"), surveyor)
    assert find_token(session, lost.text, kind="phone") is None
    assert session.scalars(sa.select(AssignmentAct)).one().undone_at is not None


def test_the_code_is_what_collect_reads_settings_from(session):
    address = "https://dibao.example.org/key/some-token"
    settings = collect_settings(address, worker="虚构巴桑", project="入户", language="bo")
    text = packed(settings)
    read = json.loads(zlib.decompress(base64.b64decode(text)))
    assert read == settings
    assert read["general"] == {
        "server_url": address,
        "form_update_mode": "match_exactly",
        "periodic_form_updates_check": "every_one_hour",
        "autosend": "wifi_and_cellular",
        "image_size": "small",
        "app_language": "zh",  # Collect has no Tibetan
        "metadata_username": "虚构巴桑",
    }
    assert read["admin"]["change_server"] is False
    assert set(read) == {"general", "admin", "project"}
    assert collect_settings(address, worker="w", project="p", language="en")["general"]["app_language"] == "en"
    code = segno.make_qr(text, error="m", boost_error=False)
    assert drawn(text) == code.svg_inline(border=4, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
    assert code.version <= 20  # half a millimetre a module on the card


def test_a_card_names_the_townships_people_else_the_countys(session, surveyor):
    assert whom_to_ask(session, surveyor) == ["测试township"]
    assert whom_to_ask(session, field.account(session, "checker")) == ["测试county"]
