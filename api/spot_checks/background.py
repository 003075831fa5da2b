"""The background work of spot checks: freezing a roll."""

from api.jobs.queue import Queue
from api.spot_checks import freeze


def register(queue: Queue) -> None:
    """Tell the queue of it."""
    queue.register(freeze.JOB, freeze.freeze_asked)
