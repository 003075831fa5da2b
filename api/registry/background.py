"""The registry's background work: imports of the roll, and the sweep that ends those whose process died."""

from typing import Any
from uuid import UUID

from api.jobs.queue import Queue
from api.jobs.work import Task
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import file_of, sweep_stale_imports
from api.settings import Settings

IMPORT = "roll.import"


def register(queue: Queue, settings: Settings) -> None:
    """Tell the queue of the registry's work."""

    def carry_out(task: Task) -> dict[str, Any]:
        import_id = UUID(task.arguments["import_id"])
        done = import_roll(
            task.database,
            task.county_code,
            import_id,
            file_of(settings.data_dir, import_id),
            keys=settings.encryption_keys(),
            on_progress=task.progress,
        )
        if done.state in {"applied", "refused", "failed"}:
            file_of(settings.data_dir, import_id).unlink(missing_ok=True)
        return {"state": done.state}

    def sweep() -> None:
        sweep_stale_imports(queue.database, settings.data_dir)

    queue.register(IMPORT, carry_out)
    queue.sweepers.append(sweep)
