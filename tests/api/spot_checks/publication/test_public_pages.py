"""What anybody may see and download without an account, and what nobody may."""

import io
import re
import zipfile

import world

from api.registry.tables import Division, Household
from api.spot_checks.publication.bundle import AFTER_DICE, NAMES, ZIP
from api.spot_checks.tables import FrameUnit, Selection

REASON = "首次抽取时骰子缺少公证"
MORE_DICE = "27182818284590452353"


def address(draw, name=""):
    return f"/public/draws/{draw.manifest_sha256[:16]}" + (f"/{name}" if name else "")


def every_answer(client, draw):
    """Walk all public routes of a draw and yield what each says, archives unpacked."""
    pages = ["/public/draws", f"/public/draws?county={world.COUNTY}", address(draw)]
    for path in [*pages, *(address(draw, name) for name in NAMES)]:
        answer = client.get(path)
        if answer.status_code == 404:
            continue
        assert answer.status_code == 200, path
        yield path, answer.data
        if path.endswith(ZIP):
            with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
                for name in packed.namelist():
                    yield f"{path}:{name}", packed.read(name)


def test_before_the_dice_anybody_sees_the_promise_and_there_is_no_list(client, committed):
    page = client.get(address(committed))
    assert page.status_code == 200
    for text in (committed.manifest_sha256, committed.plan_sha256, "江孜县", "至少 20 位数字", "还没有掷骰"):
        assert text in page.text
    for name in NAMES:
        assert (client.get(address(committed, name)).status_code == 404) == (name in AFTER_DICE), name


def test_after_the_dice_anybody_sees_chance_witnesses_seed_and_every_file(client, drawn):
    page = client.get(address(drawn)).text
    for text in ("31415926535897932384", "虚构甲、虚构乙", "draw.json", "certificate.json", "江孜镇"):
        assert text in page
    for name in NAMES:
        answer = client.get(address(drawn, name))
        assert (answer.status_code, name in page) == (200, True), name
        assert answer.headers["Content-Disposition"].startswith("attachment")


def test_the_whole_hash_and_its_beginning_name_the_same_draw(client, drawn):
    assert client.get(f"/public/draws/{drawn.manifest_sha256}").status_code == 200
    assert client.get(f"/public/draws/{drawn.manifest_sha256[:15]}").status_code == 404  # too short to be sure


def test_the_code_on_the_page_leads_to_the_page(client, app, drawn, monkeypatch):
    codes = []
    monkeypatch.setattr("api.spot_checks.publication.public_pages.qr_code", lambda text: codes.append(text) or "")
    assert client.get(address(drawn)).status_code == 200
    assert codes == [app.extensions["ruhu_settings"].public_url + address(drawn)]


def test_a_campaign_that_does_not_publish_answers_like_a_draw_that_is_not_there(client, made, drawn):
    made.publish(on=False)
    there, not_there = address(drawn), "/public/draws/" + "0" * 16
    for suffix in ("", "/frame.csv", "/draw.zip", "/key.csv"):
        kept, missing = client.get(there + suffix), client.get(not_there + suffix)
        assert (kept.status_code, missing.status_code) == (404, 404), suffix
        assert without_tokens(kept.text) == without_tokens(missing.text)
    assert drawn.manifest_sha256[:16] not in client.get("/public/draws").text
    assert client.get("/public/draws", query_string={"county": world.COUNTY}).status_code == 404


def without_tokens(page):
    return re.sub(r'(content|value)="[^"]*"', "", page)


def test_draws_are_closed_until_a_campaign_says_otherwise(client, made):
    draw = made.commit()
    assert client.get(address(draw)).status_code == 404
    assert "还没有公示的抽查" in client.get("/public/draws").text


def test_no_household_name_village_or_place_is_in_any_public_answer(client, made, drawn):
    secrets = {code for (code,) in made.all(Household.code)} | {name for (name,) in made.all(Household.head_name)}
    secrets |= {code for code, level in made.all(Division.code, Division.level) if level == "village"}
    secrets |= {name for name, level in made.all(Division.name, Division.level) if level == "village"}
    secrets |= {salt for (salt,) in made.all(FrameUnit.salt)} | {str(one) for (one,) in made.all(Household.id)}
    places = {f"{28.9 + serial / 1000:.3f}" for serial in range(1, 13)} | {
        f"{89.6 + serial / 1000:.3f}" for serial in range(1, 13)
    }
    seen = dict(every_answer(client, drawn))
    assert len(seen) >= 3 + len(NAMES) + len(NAMES) - 1
    for path, data in seen.items():
        text = data.decode("utf-8", "replace")
        for secret in secrets | places:
            assert secret not in text, f"{path} tells {secret}"


def test_a_file_that_has_not_changed_costs_a_304_and_may_be_kept_for_a_day(client, drawn):
    for name in NAMES:
        first = client.get(address(drawn, name))
        assert first.headers["Cache-Control"] == "public, max-age=86400"
        assert "Set-Cookie" not in first.headers
        again = client.get(address(drawn, name), headers={"If-None-Match": first.headers["ETag"]})
        assert (again.status_code, again.data) == (304, b""), name
        assert again.headers["ETag"] == first.headers["ETag"]
    stale = client.get(address(drawn, "draw.json"), headers={"If-None-Match": '"another"'})
    assert stale.status_code == 200


def test_the_archive_says_when_it_was_too_early_and_changes_with_the_dice(client, made, committed):
    def archive():
        answer = client.get(address(committed, ZIP))
        return answer.headers["ETag"], zipfile.ZipFile(io.BytesIO(answer.data))

    tag, packed = archive()
    assert "draw.json" not in packed.namelist()
    assert "download again afterwards" in packed.read("README.txt").decode()
    made.throw(committed)
    later, packed = archive()
    assert later != tag
    assert set(packed.namelist()) == set(NAMES) - {ZIP}
    said = packed.read("README.txt").decode()
    assert "python -I verifier.py frame.csv plan.json manifest.json draw.json" in said
    assert committed.manifest_sha256 in said


def test_a_second_draw_its_reason_and_the_citys_word_stand_on_both_pages(client, signed_in, made, drawn):
    second = made.commit(reason=REASON)
    assert "等待市级批准" in client.get(address(second)).text
    city = signed_in("city")
    page = city.get("/spot-checks/approvals")
    answer = city.post(
        f"/spot-checks/{second.id}/approval",
        data={"csrf_token": world.csrf_token(page.text), "decision": "approve", "note": "同意，须有公证员到场"},
    )
    assert answer.status_code == 303
    made.throw(second, MORE_DICE)
    for draw in (drawn, second):
        page = client.get(address(draw)).text
        for text in (
            REASON,
            "日喀则市 市级督导",
            "同意，须有公证员到场",
            drawn.manifest_sha256,
            second.manifest_sha256,
        ):
            assert text in page
    assert "测试city" not in client.get(address(second)).text  # the office, not the person


def household(made):
    (code, salt, leaf) = made.all(FrameUnit.household_code, FrameUnit.salt, FrameUnit.leaf)[0]
    return code, salt, leaf


def ask(client, draw, code, salt):
    token = world.csrf_token(client.get(address(draw)).text)
    return client.post(address(draw), data={"csrf_token": token, "household_code": code, "salt": salt})


def test_a_household_with_its_salt_learns_whether_it_is_there_and_drawn(client, made, drawn):
    drawn_leaves = dict(made.all(Selection.leaf, Selection.role))
    words = {"base": "在抽查名单上", "reserve": "是备选", None: "没有被抽中"}
    for code, salt, leaf in made.all(FrameUnit.household_code, FrameUnit.salt, FrameUnit.leaf)[:6]:
        answer = ask(client, drawn, code, f" {salt.upper()} ")
        assert answer.status_code == 200
        assert words[drawn_leaves.get(leaf)] in answer.text
        assert leaf in answer.text


def test_without_its_salt_a_code_that_is_there_answers_like_one_that_is_not(client, made, drawn):
    code, salt, _ = household(made)
    other = made.all(FrameUnit.salt)[1][0]
    there, not_there = ask(client, drawn, code, "0" * 32).text, ask(client, drawn, "540222999999-9999", "0" * 32).text
    assert "对不上" in there
    assert without_tokens(there) == without_tokens(not_there)
    assert "对不上" in ask(client, drawn, code, other).text
    assert "对不上" in ask(client, drawn, f"{code}x", salt).text
    refused = ask(client, drawn, code, "short")
    assert (refused.status_code, "32 位十六进制" in refused.text) == (422, True)


def test_a_forged_check_and_a_closed_campaign_are_refused(client, made, drawn):
    code, salt, _ = household(made)
    assert client.post(address(drawn), data={"household_code": code, "salt": salt}).status_code == 403
    token = world.csrf_token(client.get(address(drawn)).text)
    made.publish(on=False)
    answer = client.post(address(drawn), data={"csrf_token": token, "household_code": code, "salt": salt})
    assert answer.status_code == 404


def test_a_frame_changed_in_the_database_is_not_given_out_under_its_old_fingerprint(client, database, drawn):
    with database.transaction() as session:
        if database.is_embedded:
            session.connection().exec_driver_sql("drop trigger frame_unit_no_update")
        else:
            session.connection().exec_driver_sql("alter table frame_unit disable trigger user")
        unit = session.query(FrameUnit).order_by(FrameUnit.leaf).first()
        unit.stratum = f"{world.TOWNSHIP}|rural|other"
    answer = client.get(address(drawn, "frame.csv"))
    assert answer.status_code == 409
    assert "公布的指纹不符" in answer.text
