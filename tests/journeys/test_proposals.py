"""A supervisor looks at what visits would change of the roll, at a desk and on a phone."""

import pytest
import sqlalchemy as sa
import world
from collect import Phone
from lists import correction, give, listed_form, rows

from api import create_app
from api.collection.forms import publish_form
from api.registry.tables import Household
from survey_forms.values import Place


@pytest.fixture
def proposed(settings):
    """Twelve visits that say otherwise than the roll."""
    app, form = create_app(settings), listed_form()
    database = app.extensions["ruhu_database"]
    with database.transaction() as session:
        publish_form(session, form)
        give(session, "surveyor", *range(1, 13))
    phone = Phone(app.test_client())
    for number, row in enumerate(rows(phone.get("lists/households.csv"))):
        place = Place(28.95 + number / 500, 89.6, 4000.0, 5.0)
        sent = phone.send(correction(form, row["name"], code=row["code"], place=place, persons=9, phone="1000001234"))
        assert sent.status_code == 201
    app.extensions["ruhu_queue"].close()
    database.dispose()
    return database


def test_changes_are_looked_at_ticked_and_accepted_and_the_roll_follows(proposed, page):
    page.goto("/sign-in")
    page.get_by_label("账号").fill("county")
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    page.goto("/proposals")
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    rows_shown = page.locator("tbody tr")
    assert rows_shown.count() == 12
    if page.viewport_size["width"] >= 768:  # on a phone each household is a card with a box of its own
        page.get_by_label("全选本页").check()
        assert page.locator("input[name=proposal]:checked").count() == 12
        page.get_by_label("全选本页").uncheck()
    first = rows_shown.first
    first.locator("input[name=proposal]").check()
    first.get_by_label("电话").uncheck()
    page.get_by_label("理由").fill("电话核实无误")
    page.get_by_role("button", name="采纳所选").click()
    page.wait_for_url("**done=1")
    assert page.get_by_text("已处理 1 条").is_visible()
    assert page.locator("tbody tr").count() == 11
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    with proposed.read() as session:
        changed = session.scalars(sa.select(Household).where(Household.version > 1)).all()
        assert [(one.persons, one.phone_sealed) for one in changed] == [(9, None)]
    proposed.dispose()
