"""The background work of exports: making them, and the sweep that removes what is over."""

from datetime import timedelta
from typing import Any

from api.collection.blobs import Blobs
from api.evidence.export.ask import EXPORT
from api.evidence.export.carry_out import carry_out
from api.evidence.export.expire import sweep_exports
from api.jobs.queue import Queue
from api.jobs.work import Task
from api.settings import Settings


def register(queue: Queue, settings: Settings, blobs: Blobs) -> None:
    """Tell the queue of the work of exports."""
    kept_for = timedelta(days=settings.export_days)

    def make(task: Task) -> dict[str, Any]:
        return carry_out(task, blobs, settings.data_dir, kept_for=kept_for)

    queue.register(EXPORT, make)
    queue.sweepers.append(lambda: sweep_exports(queue.database, settings.data_dir, kept_for=kept_for))
