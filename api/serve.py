"""Serve: gunicorn and the consumer of background work side by side, started and stopped together."""

import os
import signal
import subprocess
import sys
import time
from types import FrameType

import click
import sqlalchemy as sa
from flask import current_app
from flask.cli import with_appcontext

from api.database import database
from api.migrate import migrate
from api.people.tables import Account
from api.settings import Settings

GRACE_SECONDS = 30  # for requests and jobs under way when the server is told to stop
LOOK_SECONDS = 0.5


@click.command("serve")
@click.option("--demo", is_flag=True, help="load the demo county when the database is empty, and show its sign-ins")
@with_appcontext
def serve(*, demo: bool) -> None:
    """Bring the database up to date, then serve until told to stop."""
    settings: Settings = current_app.extensions["ruhu_settings"]
    migrate(database())
    if demo:
        _show_demo(settings)
    database().dispose()  # nothing of ours stays open while the children work
    click.echo(f"入户 Ruhu: {settings.public_url}  (Ctrl-C 停止 · to stop)")
    sys.exit(_supervise(settings))


def _show_demo(settings: Settings) -> None:
    # a county in service never loads the demo
    from api.demo.accounts import ACCOUNTS, choose_password, password_file, write_secret  # noqa: PLC0415
    from api.demo.load import load_demo  # noqa: PLC0415
    from api.demo.marks import demo_folder, was_interrupted  # noqa: PLC0415
    from api.demo.progress import Bars  # noqa: PLC0415

    with database().read() as session:
        empty = session.scalar(sa.select(sa.func.count()).select_from(Account)) == 0
    if empty or was_interrupted(settings):  # the second is refused, and told what to do
        password = choose_password(settings)
        with Bars() as bars:
            derivers = current_app.extensions["ruhu_derivers"]
            load_demo(database(), settings, password=password, on_progress=bars, derivers=derivers)
        write_secret(password_file(settings), password + "\n")
    if password_file(settings).exists():
        click.echo("演示账号 demo sign-ins, 密码 password: " + password_file(settings).read_text().strip())
        for name, (role, area) in ACCOUNTS.items():
            click.echo(f"  {name:<12}{role:<22}{area}")
        phones = demo_folder(settings) / "phones.txt"
        if phones.exists():
            click.echo("演示手机 (ODK Collect 的服务器地址) demo phones:")
            for line in phones.read_text().splitlines():
                click.echo(f"  {line}")


def _supervise(settings: Settings) -> int:
    """Run both children; when the server ends, so do we; a consumer that died is started again."""
    environment = {**os.environ, "PYTHONUNBUFFERED": "1"}
    web = [
        sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"{settings.host}:{settings.port}",
        "--workers", str(settings.workers), "--threads", str(settings.threads), "--worker-class", "gthread",
        "--timeout", "120", "--graceful-timeout", str(GRACE_SECONDS), "--no-control-socket",
        "--preload",  # imported once; connections are made in each process, after the fork
    ]  # fmt: skip
    consumer = [sys.executable, "-m", "api.commands", "work"]
    stop = False

    def asked_to_stop(_signal: int, _frame: FrameType | None) -> None:
        nonlocal stop
        stop = True

    for number in (signal.SIGINT, signal.SIGTERM):
        signal.signal(number, asked_to_stop)
    server = subprocess.Popen(web, env=environment, start_new_session=True)  # noqa: S603 - our own command
    worker = subprocess.Popen(consumer, env=environment, start_new_session=True)  # noqa: S603 - our own command
    try:
        while not stop and server.poll() is None:
            if worker.poll() is not None:
                click.echo("后台任务进程已退出，正在重新启动 · the consumer ended and is started again", err=True)
                time.sleep(1)
                worker = subprocess.Popen(consumer, env=environment, start_new_session=True)  # noqa: S603 - ours
            time.sleep(LOOK_SECONDS)
    finally:
        for child in (server, worker):
            if child.poll() is None:
                child.terminate()
        for child in (server, worker):
            try:
                child.wait(GRACE_SECONDS + 5)
            except subprocess.TimeoutExpired:
                child.kill()
    return 0 if stop else (server.returncode or 1)
