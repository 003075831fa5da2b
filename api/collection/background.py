"""Collection's background work: releases and reprocessing asked for by operators, and the sweep."""

from api.collection.derive import Workshop, sweep
from api.collection.flagged import again
from api.collection.quarantine import bulk
from api.jobs.queue import Queue


def register(queue: Queue, workshop: Workshop) -> None:
    """Tell the queue of collection's work."""
    queue.register(bulk.JOB, lambda task: bulk.release_all(task, workshop))
    queue.register(again.JOB, lambda task: again.reprocess_asked(task, workshop))
    queue.sweepers.append(lambda: sweep(queue.database, workshop.blobs, workshop.derivers))
