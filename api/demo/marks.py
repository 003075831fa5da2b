"""Files that say how far a load of the demo came: begun and not complete means that it was interrupted."""

from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.database import Database
from api.people.tables import Account
from api.problems import Conflict
from api.registry.tables import Household
from api.settings import Settings

BEGUN, COMPLETE = "begun", "complete"


def demo_folder(settings: Settings) -> Path:
    """Return where the demo keeps what stays out of the database: the truth, phones' addresses, its marks."""
    return settings.data_dir.absolute() / "demo"


def was_interrupted(settings: Settings) -> bool:
    """Tell whether a load began and did not come to its end."""
    folder = demo_folder(settings)
    return (folder / BEGUN).exists() and not (folder / COMPLETE).exists()


def refuse_unless_empty(session: Session, database: Database, settings: Settings) -> None:
    """Refuse to load the demo into a database that holds anything of anybody.

    Raises
    ------
    Conflict
        Saying whether an earlier load was interrupted, and what to do.
    """
    empty = all(
        session.scalar(sa.select(sa.func.count()).select_from(table)) == 0 for table in (Account, Household)
    )  # fmt: skip
    if empty:
        return
    where = database.url.render_as_string(hide_password=True)
    if was_interrupted(settings):
        raise Conflict(
            "上一次载入演示县时中断，数据库 {database} 里只有一部分数据；请删除这个数据库后重新运行",
            database=where,
        )
    raise Conflict(
        "数据库 {database} 里已有账号或家庭，演示县只能载入空数据库；请用 RUHU_DATA_DIR 另指一处",
        database=where,
    )


def mark(settings: Settings, name: str) -> None:
    """Write down that a load has begun, or is complete; a new beginning takes an old end back."""
    folder = demo_folder(settings)
    folder.mkdir(parents=True, exist_ok=True)
    if name == BEGUN:
        (folder / COMPLETE).unlink(missing_ok=True)
    (folder / name).touch()
