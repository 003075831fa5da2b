"""A real server in its own processes, and a real browser."""

import os
import shutil

import pytest
from live import Live
from playwright.sync_api import sync_playwright

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 760}


@pytest.fixture(scope="session")
def one_database(database_kind):
    """Run on the embedded database alone what only a browser can get wrong."""
    if database_kind != "embedded":
        pytest.skip("what is tested here happens in the browser, whatever the database")


@pytest.fixture
def server(settings):
    """The address of gunicorn with two processes on the test's own database."""
    with Live(settings, threads=4) as live:
        yield live.address


@pytest.fixture(scope="session")
def launch():
    """A function from more arguments to a browser."""
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("RUHU_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert program, "no Chromium on this machine: `make test` installs it where it may"
    with sync_playwright() as playwright:
        yield lambda *more: playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking", *more]
        )


@pytest.fixture(scope="session")
def chromium(launch):
    browser = launch()
    yield browser
    browser.close()


@pytest.fixture(params=[DESK, PHONE], ids=["desk", "phone"])
def page(request, chromium, server):
    """A page of a desk's or a phone's width; the test fails on any error in the browser's console."""
    context = chromium.new_context(viewport=request.param, base_url=server, locale="zh-CN")
    page = context.new_page()
    complaints = []
    page.on("console", lambda message: complaints.append(message.text) if message.type == "error" else None)
    page.on("pageerror", lambda error: complaints.append(str(error)))
    yield page
    context.close()
    # a refused sign-in is a 401, refused answers a 422: the browser reports them as errors of the network, not of ours
    expected = ("status of 401", "status of 422")
    assert [text for text in complaints if not any(words in text for words in expected)] == []
