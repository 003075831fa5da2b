import csv
import io

import pytest
import sqlalchemy as sa
import world
from collect import Phone, visit

from api.collection.forms import publish_form
from api.jobs.tables import Job
from api.jobs.work import do
from survey_forms.catalogue import compiled


@pytest.fixture
def visited(app, database):
    """Three households of one township visited, one of the other."""
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
    for name, code in (
        ("surveyor", f"{world.VILLAGE}-0001"), ("surveyor", f"{world.VILLAGE}-0002"),
        ("surveyor", f"{world.VILLAGE}-0003"), ("surveyor-outside", "540222201201-0001"),
    ):  # fmt: skip
        assert Phone(app.test_client(), name).send(visit(household=code, photo=None)).status_code == 201


def work(app):
    queue = app.extensions["ruhu_queue"]
    with queue.database.read() as session:
        waiting = session.scalars(sa.select(Job).where(Job.state == "waiting")).all()
    assert [do(queue.database, queue.kinds, job.county_code, job.id) for job in waiting] == [True]


def test_a_supervisor_exports_a_township_and_downloads_it_when_it_is_ready(visited, page, app, tmp_path):
    page.goto("/sign-in?next=/exports")
    page.get_by_label("账号").fill("county")
    page.get_by_label("密码").fill(world.PASSWORD)
    page.get_by_role("button", name="登录").click()
    assert page.get_by_text("还没有导出过").is_visible()
    page.get_by_text("符合条件的有 4 份").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    page.get_by_label("范围").select_option(world.TOWNSHIP)
    page.get_by_text("符合条件的有 3 份").wait_for()
    page.get_by_text("给统计软件").click()
    page.get_by_text("写法").click()
    page.get_by_label("包括重复组").uncheck()
    page.get_by_role("button", name="导出", exact=True).click()
    page.get_by_text("等待").wait_for()
    assert page.evaluate("document.documentElement.scrollWidth <= document.documentElement.clientWidth")
    work(app)
    page.get_by_text("可以下载").wait_for()  # the page asks by itself
    with page.expect_download() as download:
        page.get_by_role("link", name="下载").click()
    assert download.value.suggested_filename.startswith("入户调查-")
    rows = list(csv.reader(io.StringIO(download.value.path().read_text("utf-8-sig"))))
    assert [row[1] for row in rows[1:]] == [f"{world.VILLAGE}-000{number}" for number in (1, 2, 3)]
    page.get_by_role("button", name="删除导出").click()
    page.get_by_text("还没有导出过").wait_for()
