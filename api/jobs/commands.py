"""Commands of background work."""

import signal

import click
from flask import current_app
from flask.cli import with_appcontext

from api.jobs.queue import Queue


@click.command("work")
@click.option("--threads", default=2, show_default=True, help="how many jobs at once")
@with_appcontext
def work(threads: int) -> None:
    """Do background work until told to stop."""
    queue: Queue = current_app.extensions["ruhu_queue"]
    for sweeper in queue.sweepers:  # what the last run left undone
        sweeper()
    consumer = queue.huey.create_consumer(workers=threads, worker_type="thread", periodic=True)
    signal.signal(signal.SIGINT, signal.SIG_IGN)  # Ctrl-C reaches the whole group; the parent ends us in order
    consumer.run()
    queue.seal_log()


commands = [work]
