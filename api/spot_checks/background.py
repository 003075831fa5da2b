"""The background work of spot checks: freezing a roll, and working out the days of a list."""

from api.jobs.queue import Queue
from api.spot_checks import freeze
from api.spot_checks.lists import tour


def register(queue: Queue) -> None:
    """Tell the queue of it."""
    queue.register(freeze.JOB, freeze.freeze_asked)
    queue.register(tour.JOB, tour.tours_asked)
