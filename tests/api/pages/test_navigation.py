"""The navigation says where one is, on every page under a place."""

import re

import pytest
import world


@pytest.fixture
def county(app):
    client = app.test_client()
    page = client.get("/sign-in").text
    fields = {"name": "county", "password": world.PASSWORD, "csrf_token": world.csrf_token(page)}
    assert client.post("/sign-in", data=fields).status_code == 302
    return client


@pytest.mark.parametrize(
    ("address", "place"),
    [
        ("/", "首页"),
        ("/spot-checks", "抽查"),
        ("/spot-checks/risk", "抽查"),
        ("/roll", "名册"),
        ("/roll/imports", "导入名册"),
        ("/exports", "导出"),
    ],
)
def test_the_place_under_which_a_page_lies_is_marked_and_no_other(county, address, place):
    page = county.get(address, query_string={"county": world.COUNTY} if "spot" in address else None)
    assert page.status_code == 200
    marked = re.findall(
        r'<a class="nav-link" href="[^"]*" aria-current="page">.*?</span>\s*([^<]+)</a>', page.text, re.DOTALL
    )
    assert [words.strip() for words in marked] == [place]
