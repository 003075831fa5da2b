"""The map page: its choices are its reader's, and nothing in it comes from elsewhere."""

import json
import re

import pytest
import world
from collect import JPEG, visit

from api.evidence.kinds import KINDS
from api.pages.assets import DIST

ROLES = ["county", "township", "city", "discipline", "surveyor", "checker"]


def given_to(browser):
    page = browser.get("/map")
    assert page.status_code == 200
    return page.text, json.loads(re.search(r'id="map-given">(.*?)</script>', page.text, flags=re.DOTALL)[1])


@pytest.mark.parametrize("name", ROLES)
def test_each_role_that_reads_evidence_has_a_map_of_its_own_area(signed_in, name):
    page, given = given_to(signed_in(name))
    assert given["areas"] == [world.ACCOUNTS[name][1]]
    assert ('value="540221100"' in page) == (name in {"city", "discipline"})
    assert ('name="drawn"' in page) == (name in {"county", "city", "discipline"}), "who may not know the draw"


def test_the_map_begins_where_the_evidence_lies(signed_in, phone_of):
    assert given_to(signed_in("county"))[1]["extent"] is None
    assert phone_of("surveyor").send(visit(), {"house.jpg": JPEG}).status_code == 201
    assert given_to(signed_in("county"))[1]["extent"] == pytest.approx([89.61, 28.95, 89.61, 28.95])
    assert given_to(signed_in("township-outside"))[1]["extent"] is None


def test_words_come_in_the_readers_language(app, signed_in):
    browser = signed_in("county")
    with browser.session_transaction() as session:
        session["language"] = "en"
    page, given = given_to(browser)
    chinese = re.compile(r"[\u4e00-\u9fff]")
    assert not [words for words in given["words"].values() if chinese.search(words)]
    assert not chinese.search("".join(given["kinds"].values()) + "".join(given["states"].values()))
    assert not chinese.search("".join(given["signs"].values()))
    assert "Filter" in page


@pytest.mark.parametrize("language", ["zh", "en"])
def test_every_kind_has_a_sign_of_one_character_of_its_own(signed_in, language):
    browser = signed_in("county")
    with browser.session_transaction() as session:
        session["language"] = language
    signs = given_to(browser)[1]["signs"]
    assert signs.keys() == KINDS.keys()
    assert {len(sign) for sign in signs.values()} == {1}
    assert signs.pop("inspection") == signs["asset"], "what is found on the spot is property as well"
    assert len(set(signs.values())) == len(signs)


def test_the_scripts_of_the_map_hold_no_words_of_their_own():
    folder = DIST.parent / "src"
    for path in [folder / "map.ts", *(folder / "map").glob("*.ts")]:
        code = re.sub(r"^\s*(//|/?\*).*$| // .*$", "", path.read_text(encoding="utf-8"), flags=re.MULTILINE)
        assert re.findall(r"[\u3000-\u303f\u4e00-\u9fff\uff00-\uffef]+", code) == [], path.name
