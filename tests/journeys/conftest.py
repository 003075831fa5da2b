"""A real server in its own processes, and a real browser."""

import os
import shutil
import socket
import subprocess
import sys
import time
import urllib.request
from dataclasses import fields

import pytest
from playwright.sync_api import sync_playwright

DESK = {"width": 1280, "height": 800}
PHONE = {"width": 375, "height": 760}


def environment_of(settings):
    """The environment in which another process has the same settings."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RUHU_")}
    return inherited | {f"RUHU_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}


@pytest.fixture
def server(settings, project):
    """The address of gunicorn with two processes on the test's own database."""
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    command = [sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{port}", "--workers", "2"]
    process = subprocess.Popen(
        [*command, "--threads", "4", "--worker-class", "gthread", "--preload", "--no-control-socket"],
        env=environment_of(settings), cwd=project,
    )  # fmt: skip
    try:
        address = f"http://127.0.0.1:{port}"
        wait_until_alive(process, address)
        yield address
    finally:
        process.terminate()
        process.wait(30)


def wait_until_alive(process, address, seconds=120):
    until = time.monotonic() + seconds
    while True:
        try:
            urllib.request.urlopen(f"{address}/alive", timeout=2).close()  # noqa: S310 - our own server
        except OSError:
            assert process.poll() is None, "the server did not start"
            assert time.monotonic() < until, "the server did not answer in time"
            time.sleep(0.1)
        else:
            return


@pytest.fixture(scope="session")
def chromium():
    names = ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")
    program = os.environ.get("RUHU_CHROMIUM") or next(filter(None, map(shutil.which, names)), None)
    assert program, "no Chromium on this machine: `make test` installs it where it may"
    with sync_playwright() as playwright:
        browser = playwright.chromium.launch(
            executable_path=program, args=["--no-sandbox", "--disable-background-networking"]
        )
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
    # a refused sign-in is a 401, which the browser reports as an error of the network, not of ours
    assert [text for text in complaints if "status of 401" not in text] == []
