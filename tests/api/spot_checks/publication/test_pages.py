"""The pages of publication for those with an account, and the same through the interface."""

import re
from datetime import datetime, timedelta

import sqlalchemy as sa
import world

from api.evidence.reading import CHINA
from api.people.tables import AuditEntry
from api.spot_checks.tables import Draw, Frame, FrameUnit

DICE, MORE_DICE = "31415926535897932384", "27182818284590452353"
REASON = "首次抽取时骰子缺少公证"
ROOT = "/api/spot-checks"


def send(client, page, address, **fields):
    return client.post(address, data={"csrf_token": world.csrf_token(page.text), **fields})


def test_the_rule_is_chosen_and_shown_before_it_is_promised(signed_in, made):
    county = signed_in("county")
    later = (datetime.now(CHINA) + timedelta(hours=2)).strftime("%Y-%m-%dT%H:%M")
    said = county.get("/spot-checks/rules", query_string={"source": "drand", "at": later}).text
    assert "drand:quicknet:" in said
    assert later.replace("T", " ") in said
    past = county.get("/spot-checks/rules", query_string={"source": "drand", "at": "2026-01-01T08:00"}).text
    assert "不能再作承诺" in past
    frame = made.all(Frame.id)[0][0]
    page = county.get("/spot-checks")
    answer = send(county, page, "/spot-checks/draws", frame=frame, source="lottery", lottery="ssq", issue="2026140")
    assert answer.status_code == 302, answer.text
    ((manifest,),) = made.all(Draw.manifest_json)
    assert '"lottery:ssq:2026140|dice:20"' in manifest
    page = county.get("/spot-checks").text
    assert page.count('name="part"') == 2
    assert "彩票“双色球”第 2026140 期开奖号码" in page


def test_each_source_has_its_own_field_and_together_they_are_the_chance(signed_in, made):
    draw, county = made.commit(entropy_rule="lottery:ssq:2026140|dice:20"), signed_in("county")
    page = county.get("/spot-checks")
    witnesses = "虚构甲\n虚构乙"
    one = send(county, page, f"/spot-checks/{draw.id}/result", part=[DICE], witnesses=witnesses)
    assert (one.status_code, "每个都要填写" in one.text) == (422, True)
    both = ["05 12 17 23 28 31 07", DICE]
    answer = send(county, page, f"/spot-checks/{draw.id}/result", part=both, witnesses=witnesses)
    assert answer.status_code == 302, answer.text
    assert f"05121723283107|{DICE}" in county.get(f"/spot-checks/{draw.id}").text


def test_a_beacon_is_read_on_the_page_and_what_was_checked_is_said(signed_in):
    county = signed_in("county")
    signature = "b713718a38ae728dfd477991af2822e08d2f305e47718cef9f7848ce4050e7be41076862b98fad56e91a6b85b89cd97b"
    pasted = {"source": "drand:quicknet:1000", "part": f'{{"round":1000,"signature":"{signature}"}}'}
    said = county.get("/spot-checks/sources", query_string=pasted).text
    assert "没有核对签名本身" in said
    assert county.get("/spot-checks/sources", query_string={"source": "hope", "part": "1"}).status_code == 422


def test_one_witness_is_too_few_and_what_was_typed_stays(signed_in, made):
    draw, county = made.commit(), signed_in("county")
    answer = send(county, county.get("/spot-checks"), f"/spot-checks/{draw.id}/result", part=DICE, witnesses="虚构甲")
    assert answer.status_code == 422
    assert "现有 1 位" in answer.text
    assert f">{DICE}</textarea>" in answer.text
    assert ">虚构甲</textarea>" in answer.text


def test_the_city_is_told_on_its_pages_decides_and_the_county_goes_on(signed_in, made, drawn):
    second = made.commit(reason=REASON)
    county, city = signed_in("county"), signed_in("city")
    page = county.get("/spot-checks")
    assert "须先由市级批准" in page.text
    assert 'name="part"' not in page.text
    for address in ("/spot-checks", f"/spot-checks?county={world.COUNTY}"):
        assert "有 1 次再次抽取等您批准" in city.get(address).text
    page = city.get("/spot-checks/approvals")
    assert REASON in page.text
    address = f"/spot-checks/{second.id}/approval"
    assert send(city, page, address, decision="perhaps").status_code == 422
    refused = send(city, page, address, decision="refuse", note="不")
    assert (refused.status_code, ">不</textarea>" in refused.text) == (422, True)
    assert send(county, county.get("/spot-checks"), address, decision="approve").status_code == 403
    assert send(city, page, address, decision="approve", note="同意").status_code == 303
    page = city.get("/spot-checks/approvals").text
    assert "没有等待批准的抽取" in page
    assert "日喀则市 市级督导" in page
    page = county.get("/spot-checks")
    assert 'name="part"' in page.text
    witnesses = "虚构甲\n虚构乙"
    thrown = send(county, page, f"/spot-checks/{second.id}/result", part=MORE_DICE, witnesses=witnesses)
    assert thrown.status_code == 302
    for text in (REASON, "日喀则市 市级督导", "同意"):
        assert text in county.get("/spot-checks").text
        assert text in county.get(f"/spot-checks/{second.id}").text


def test_a_refused_draw_stays_on_the_page_and_the_first_list_stands(signed_in, made, drawn):
    second = made.commit(reason=REASON)
    city, county = signed_in("city"), signed_in("county")
    page = city.get("/spot-checks/approvals")
    answer = send(city, page, f"/spot-checks/{second.id}/approval", decision="refuse", note="理由不成立，维持首次抽取")
    assert answer.status_code == 303
    page = county.get("/spot-checks").text
    assert re.search(r'data-stage="now"[^>]*>\s*(\d)', page).group(1) == "4"
    for text in ("未批准，未掷骰", "理由不成立", REASON, str(drawn.id)):
        assert text in page


def test_programs_see_what_waits_and_decide(client, bearer, made, drawn):
    second = made.commit(reason=REASON)
    waiting = client.get(f"{ROOT}/approvals", headers=bearer("city")).json
    assert [(one["id"], one["reason"]) for one in waiting] == [(str(second.id), REASON)]
    address = f"{ROOT}/draws/{second.id}/approval"
    for name, status in (("county", 403), ("city-outside", 404)):
        assert client.post(address, json={"approved": True}, headers=bearer(name)).status_code == status
    answer = client.post(address, json={"approved": True, "note": "同意"}, headers=bearer("city"))
    assert (answer.status_code, answer.json["office"]) == (201, "日喀则市 市级督导")
    told = client.get(f"{ROOT}/draws/{second.id}/publication", headers=bearer("county")).json
    assert told["standing"]["state"] == "approved"
    assert [link["number"] for link in told["chain"]] == [1, 2]
    assert told["published"] is True
    assert told["address"].endswith(f"/public/draws/{second.manifest_sha256[:16]}")


def test_programs_compose_a_rule_and_take_certificate_and_proof(client, bearer, made, drawn):
    rule = client.get(f"{ROOT}/entropy-rule", query_string={"dice": 24}, headers=bearer("county"))
    assert rule.json == {"entropy_rule": "dice:24", "sources": [{"text": "dice:24", "available_at": None}]}
    later = client.get(
        f"{ROOT}/entropy-rule",
        query_string={"source": "drand", "at": (datetime.now(CHINA) + timedelta(hours=1)).isoformat()},
        headers=bearer("county"),
    )
    assert later.json["sources"][0]["available_at"] is not None
    certificate = client.get(f"{ROOT}/draws/{drawn.id}/certificate", headers=bearer("city"))
    public = client.get(f"/public/draws/{drawn.manifest_sha256[:16]}/certificate.json")
    assert certificate.data == public.data
    code, salt, leaf = made.all(FrameUnit.household_code, FrameUnit.salt, FrameUnit.leaf)[0]
    proof = client.post(f"{ROOT}/draws/{drawn.id}/proofs", json={"household_code": code}, headers=bearer("county"))
    assert (proof.status_code, proof.json["salt"], proof.json["leaf"]) == (200, salt, leaf)
    assert len(made.all(sa.select(AuditEntry.id).where(AuditEntry.action == "leaf.open").subquery())) == 1


def test_the_notice_is_for_the_board_before_the_dice_and_carries_a_code_once_public(signed_in, made):
    draw, county = made.commit(), signed_in("county")
    page = county.get(f"/spot-checks/{draw.id}/notice").text
    for text in (draw.manifest_sha256, "当众掷十面骰，至少 20 位数字", "张榜人 (签字)", "江孜镇"):
        assert text in page
    assert "没有二维码" in page
    made.publish()
    page = county.get(f"/spot-checks/{draw.id}/notice").text
    assert 'class="qr' in page
    assert f"/public/draws/{draw.manifest_sha256[:16]}" in page


def test_the_certificate_page_names_everything_and_is_not_there_before_the_dice(signed_in, made):
    draw, county = made.commit(), signed_in("county")
    assert county.get(f"/spot-checks/{draw.id}/certificate").status_code == 404
    made.throw(draw)
    page = county.get(f"/spot-checks/{draw.id}/certificate").text
    for text in (draw.manifest_sha256, draw.plan_sha256, DICE, "虚构甲", "虚构乙", "见证人", "verifier.py"):
        assert text in page
    assert county.get(f"/spot-checks/{draw.id}/certificate.json").json["manifest_sha256"] == draw.manifest_sha256


def test_the_proof_of_a_household_is_a_page_to_print_that_nobody_caches(signed_in, made, drawn):
    county = signed_in("county")
    code, salt, leaf = made.all(FrameUnit.household_code, FrameUnit.salt, FrameUnit.leaf)[0]
    page = county.get(f"/spot-checks/{drawn.id}")
    answer = send(county, page, f"/spot-checks/{drawn.id}/proof", household_code=code)
    assert answer.headers["Cache-Control"] == "no-store"
    for text in (code, salt, leaf, "hashlib.sha256"):
        assert text in answer.text
    assert send(county, page, f"/spot-checks/{drawn.id}/proof", household_code="x").status_code == 404
