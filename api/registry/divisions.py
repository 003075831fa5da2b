"""Take in divisions: codes and names of every area, from a file of the statistics bureau."""

import csv
from collections.abc import Iterable, Iterator
from dataclasses import dataclass
from importlib import resources
from pathlib import Path

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.problems import Invalid
from api.registry.tables import Division, Household

# digits of a code → the level it is of (National Bureau of Statistics)
LEVEL_BY_LENGTH = {2: "region", 4: "city", 6: "county", 9: "township", 12: "village"}
SOURCE = "国家统计局《统计用区划代码和城乡划分代码》2023年"
COLUMNS = ("code", "level", "name", "parent_code")
FIRST_ROW = 2  # below the headings, as a spreadsheet counts
LONGEST_NAME = 64
CODES_AT_ONCE = 500


@dataclass(frozen=True)
class DivisionsImported:
    """How many divisions were new, renamed and already there."""

    added: int
    renamed: int
    unchanged: int


def shipped_divisions() -> Iterator[dict[str, str]]:
    """Yield the rows of the divisions that come with the project: Shigatse, 2023 edition.

    Examples
    --------
    >>> next(shipped_divisions())["name"]
    '西藏自治区'
    """
    with resources.files("api.registry.data").joinpath("shigatse_divisions.csv").open(encoding="utf-8") as file:
        yield from csv.DictReader(file)


def read_divisions(path: Path) -> Iterator[dict[str, str]]:
    """Yield the rows of a CSV file (UTF-8) with the columns ``code, level, name, parent_code``.

    Raises
    ------
    Invalid
        If a column is missing.
    """
    with path.open(encoding="utf-8-sig", newline="") as file:
        reader = csv.DictReader(file)
        if missing := [column for column in COLUMNS if column not in (reader.fieldnames or [])]:
            raise Invalid("区划文件缺少列 {columns}，请补充后重试", where="1", columns=", ".join(missing))
        yield from reader


def import_divisions(
    session: Session, rows: Iterable[dict[str, str]] | None = None, *, source: str = SOURCE
) -> DivisionsImported:
    """Add the divisions that are missing and rename those whose name differs; nothing is ever removed.

    Parameters
    ----------
    rows : iterable of dict, optional
        With ``code``, ``level``, ``name`` and ``parent_code``; by default those shipped with the project. A code of
        2, 4, 6, 9 or 12 digits; the level must be that of its length, the parent its prefix.
    source : str
        Where the rows come from, kept with each.

    Raises
    ------
    Invalid
        Naming every row that contradicts itself or whose parent is unknown; then nothing is taken.
    """
    known = dict(session.execute(sa.select(Division.code, Division.name)).all())
    added: list[Division] = []
    renamed: list[dict[str, str]] = []
    unchanged = 0
    errors = []
    for number, row in enumerate(shipped_divisions() if rows is None else rows, start=FIRST_ROW):
        code, name = row["code"].strip(), row["name"].strip()
        parent = row["parent_code"].strip() or None
        if problem := _problem(code, row["level"], name, parent, known):
            errors.append({"where": str(number), "message": problem, "values": {"code": code}})
        elif code not in known:
            added.append(
                Division(code=code, level=LEVEL_BY_LENGTH[len(code)], name=name, parent_code=parent, source=source)
            )
        elif known[code] != name:
            renamed.append({"code": code, "name": name, "source": source})
        else:
            unchanged += 1
        known[code] = name
    if errors:
        raise Invalid("区划文件有 {count} 行有误，没有导入任何区划", errors=errors, count=len(errors))
    for level in LEVEL_BY_LENGTH.values():  # parents first, whatever the order of the file
        session.add_all(division for division in added if division.level == level)
        session.flush()
    if renamed:
        session.execute(sa.update(Division), renamed)
        codes = [row["code"] for row in renamed]
        for start in range(0, len(codes), CODES_AT_ONCE):
            some = codes[start : start + CODES_AT_ONCE]
            session.execute(sa.update(Division).where(Division.code.in_(some)).values(renamed=Division.renamed + 1))
            # lists show the village's name: phones take these rows again
            session.execute(
                sa.update(Household)
                .where(Household.village_code.in_(some))
                .values(version=Household.version + 1, updated_at=Household.updated_at)
            )
    return DivisionsImported(len(added), len(renamed), unchanged)


def _problem(code: str, level: str, name: str, parent: str | None, known: dict[str, str]) -> str:
    if not (code.isascii() and code.isdigit()) or len(code) not in LEVEL_BY_LENGTH:
        return "区划代码 {code} 应为 2、4、6、9 或 12 位数字"
    if level != LEVEL_BY_LENGTH[len(code)]:
        return "区划 {code} 的级别与代码位数不符"
    if not 0 < len(name) <= LONGEST_NAME:
        return "区划 {code} 的名称为空或过长"
    if parent is None:
        return "" if level == "region" else "区划 {code} 缺少上级代码"
    if not code.startswith(parent) or parent == code:
        return "区划 {code} 的上级代码不是它的前缀"
    return "" if parent in known else "区划 {code} 的上级不存在，请先导入上级区划"
