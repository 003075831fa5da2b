"""Judge the rows of a roll: read every cell, gather persons to households, and say all that is wrong with each."""

import re
from collections.abc import Callable, Iterable, Iterator, Mapping
from dataclasses import dataclass, field
from datetime import date
from typing import Any

from api.registry.identity import IdentityError, normal_identity, read_identity
from api.registry.roll_file.cells import (
    HEAD_WORDS,
    SCHEMES,
    SEXES,
    TRUTHS,
    CellError,
    read_choice,
    read_date,
    read_degrees,
    read_digits,
    read_text,
    read_whole,
    read_yuan,
)
from api.registry.roll_file.columns import BY_NAME

CODE = re.compile(r"(\d{12})-[0-9A-Za-z]{1,16}", re.ASCII)
SERIAL_DIGITS = 4  # 1 → 0001
MOST_PERSONS = 99
NUMBER = re.compile(r"[0-9+]{5,20}")
CARD = re.compile(r"[0-9]{8,30}")
LONGEST_SHOWN = 80


@dataclass
class Finding:
    """One thing wrong: the row as Excel counts, the column's name, the cell shown, and what to do."""

    row_number: int
    column: str
    shown: str
    message: str
    names: dict[str, Any] = field(default_factory=dict)


@dataclass
class Judged:
    """One household of the file, with its members and what is wrong with it."""

    code: str
    row_number: int
    household: dict[str, Any]
    members: list[dict[str, Any]]
    findings: list[Finding]


@dataclass
class Villages:
    """The villages of the county, by code and by name.

    Attributes
    ----------
    names : dict
        Village code → (township name, village name).
    area_code : str
        Outside of this prefix nothing may be imported.
    """

    names: Mapping[str, tuple[str, str]]
    area_code: str

    def __post_init__(self) -> None:
        self._by_name: dict[tuple[str, str], list[str]] = {}
        for code, (township, village) in self.names.items():
            self._by_name.setdefault((township, village), []).append(code)

    def find(self, township: str, village: str) -> str:
        """Return the code of a village by names.

        Raises
        ------
        CellError
            If there is none, or several.
        """
        found = self._by_name.get((township, village), [])
        if len(found) != 1:
            raise CellError(
                "{township} {village} 不在区划中或不止一个，请填写 12 位村编码", township=township, village=village
            )
        return found[0]

    def check(self, code: str) -> str:
        """Return a village code if it exists and lies within the area.

        Raises
        ------
        CellError
            Saying which.
        """
        if not code.startswith(self.area_code):
            raise CellError("村 {code} 不在本次导入的区划 {area} 内", code=code, area=self.area_code)
        if code not in self.names:
            raise CellError("没有编码为 {code} 的村(居), 请核对或先导入区划", code=code)
        return code


READERS: dict[str, Callable[[Any], Any]] = {
    "scheme": lambda cell: read_choice(cell, SCHEMES, "城市、农村"),
    "name": lambda cell: read_text(cell, most=64),
    "relation": lambda cell: read_text(cell, most=16),
    "sex": lambda cell: read_choice(cell, SEXES, "男、女"),
    "birth_date": read_date,
    "health": lambda cell: read_text(cell, most=32),
    "work": lambda cell: read_text(cell, most=64),
    "receives": lambda cell: read_choice(cell, TRUTHS, "是、否"),
    "persons": lambda cell: read_whole(cell, least=1, most=MOST_PERSONS),
    "benefit": read_yuan,
    "benefit_since": read_date,
    "phone": lambda cell: _number(cell, NUMBER, "电话号码"),
    "bank_card": lambda cell: _number(cell, CARD, "银行卡号"),
    "address": lambda cell: read_text(cell, most=200),
    "registered_poor": lambda cell: read_choice(cell, TRUTHS, "是、否"),
    "income": read_yuan,
    "longitude": lambda cell: read_degrees(cell, least=73, most=136),
    "latitude": lambda cell: read_degrees(cell, least=3, most=54),
}
NEEDED_OF_HEAD = ("scheme", "benefit")


def judge(rows: Iterable[tuple[int, Mapping[str, Any]]], villages: Villages, *, today: date) -> Iterator[Judged]:
    """Yield the households of a file one after another.

    Memory: the codes and identity numbers seen so far, about 200 bytes a person.

    Parameters
    ----------
    rows
        Row number and column name → cell, as `api.registry.roll_file.reading.open_roll` yields them.
    villages
        Where a household may live.
    today
        No birth and no allowance begins later.
    """
    codes: dict[str, int] = {}
    identities: dict[str, int] = {}
    gathered: list[_Person] = []
    for number, cells in rows:
        person = _Person(number, cells, villages, today)
        person.refuse_second(identities)
        if gathered and person.code != gathered[0].code:
            yield _household(gathered, codes)
            gathered = []
        gathered.append(person)
    if gathered:
        yield _household(gathered, codes)


class _Person:
    """One row, its cells read."""

    def __init__(self, number: int, cells: Mapping[str, Any], villages: Villages, today: date) -> None:
        self.number, self.cells, self.today = number, cells, today
        self.findings: list[Finding] = []
        self.read = {name: self._try(name, reader, cells.get(name)) for name, reader in READERS.items()}
        self.identity = self._identity()
        self.code, self.village_code = self._code(villages)
        if not self.read["name"] and "name" not in self._faulty():
            self.complain("name", "缺少姓名，请填写")
        since = self.read["benefit_since"]
        if since is not None and since > today:
            self.complain("benefit_since", "日期在今天之后，请核对")

    @property
    def is_head(self) -> bool:
        """Whether the row says that it is the householder's."""
        return str(self.read["relation"] or "").lower() in HEAD_WORDS

    def complain(self, column: str, message: str, **names: Any) -> None:
        """Write down what is wrong with a cell, shown masked if secret."""
        try:
            shown = read_text(self.cells.get(column), most=1000)
        except CellError:
            shown = "…"
        mask = BY_NAME[column].mask
        self.findings.append(
            Finding(self.number, column, (mask(shown) if mask else shown)[:LONGEST_SHOWN], message, names)
        )

    def refuse_second(self, identities: dict[str, int]) -> None:
        """Refuse an identity number that stands in the file already."""
        if not self.identity:
            return
        first = identities.setdefault(self.identity, self.number)
        if first != self.number:
            self.complain("identity", "与第 {row} 行的身份证号相同，同一人只能出现一次", row=first)

    def _faulty(self) -> set[str]:
        return {finding.column for finding in self.findings}

    def _try(self, name: str, reader: Callable[[Any], Any], cell: Any) -> Any:
        try:
            return reader(cell)
        except CellError as error:
            self.complain(name, error.message, **error.names)
            return None

    def _identity(self) -> str | None:
        text = self._try("identity", lambda cell: normal_identity(read_digits(cell, most=40, what="身份证号")),
                         self.cells.get("identity"))  # fmt: skip
        if not text:
            return None
        try:
            found = read_identity(text, today=self.today)
        except IdentityError as error:
            self.complain("identity", str(error))
            return None
        for name, value in (("birth_date", found.birth_date), ("sex", found.sex)):
            if self.read[name] is None:
                self.read[name] = value
            elif self.read[name] != value:
                self.complain(name, "与身份证号不一致，请对照证件核对")
        return found.number

    def _code(self, villages: Villages) -> tuple[str, str]:
        """Return household code and village code; what cannot be told is empty and complained of."""
        text = {
            name: self._try(name, lambda cell: read_text(cell, most=64), self.cells.get(name)) or ""
            for name in ("code", "village_code", "township", "village", "serial")
        }
        column = "code" if text["code"] else "village_code" if text["village_code"] else "village"
        try:
            if text["code"]:
                if not (found := CODE.fullmatch(text["code"])):
                    raise CellError("户编码应为 12 位村编码、短横线和序号，如 540222100201-0001")  # noqa: TRY301 - read top down
                village = found[1]
                if text["village_code"] and text["village_code"] != village:
                    column = "village_code"
                    raise CellError("村编码与户编码的前 12 位不一致")  # noqa: TRY301 - the same
                return text["code"], villages.check(village)
            village = text["village_code"] or villages.find(text["township"], text["village"])
            villages.check(village)
            column = "serial"
            code = f"{village}-{text['serial'].zfill(SERIAL_DIGITS)}"
            if not text["serial"] or not CODE.fullmatch(code):
                raise CellError("户序号应为 1 到 16 位数字或字母")  # noqa: TRY301 - the same
            return code, village
        except CellError as error:
            self.complain(column, error.message, **error.names)
            return text["code"], ""


def _number(cell: Any, pattern: re.Pattern[str], what: str) -> str | None:
    text = read_digits(cell, most=40, what=what)
    if text and not pattern.fullmatch(text):
        raise CellError("{what}应为数字，请核对", what=what)
    return text or None


def _household(persons: list[_Person], codes: dict[str, int]) -> Judged:
    first = persons[0]
    heads = [person for person in persons if person.is_head]
    if not heads and not first.read["relation"]:
        heads = [first]
    head = heads[0] if heads else first
    if first.code:
        before = codes.setdefault(first.code, first.number)
        if before != first.number:
            first.complain("code", "户编码在第 {row} 行已出现；编码不得重复，同一户的成员须排在一起", row=before)
    if not heads:
        first.complain("relation", "本户没有户主，请在户主一行填写“户主”或“本人”")
    for second in heads[1:]:
        second.complain("relation", "本户有两个户主 (另一个在第 {row} 行)", row=head.number)
    for name in NEEDED_OF_HEAD:
        if head.read[name] is None and name not in head._faulty():  # noqa: SLF001 - of this module
            head.complain(name, "户主一行缺少此项，请填写")
    longitude, latitude = head.read["longitude"], head.read["latitude"]
    if (longitude is None) != (latitude is None) and not {"longitude", "latitude"} & head._faulty():  # noqa: SLF001 - the same
        head.complain("latitude" if latitude is None else "longitude", "经度和纬度须同时填写")
    ordered = [head, *(person for person in persons if person is not head)]
    members = [_member(person, is_head=person is head) for person in ordered]
    receiving = sum(member["receives"] for member in members)
    stated = head.read["persons"]
    if stated is None and not receiving and "persons" not in head._faulty():  # noqa: SLF001 - the same
        head.complain("receives", "本户没有一名保障对象；若已停保请从名册中删去")
    household = {
        "village_code": head.village_code,
        "scheme": head.read["scheme"],
        "registered_poor": bool(head.read["registered_poor"]),
        "head_name": head.read["name"],
        "phone": head.read["phone"],
        "bank_card": head.read["bank_card"],
        "address": head.read["address"] or "",
        "persons": stated or receiving,
        "benefit_fen_per_month": head.read["benefit"],
        "benefit_since": head.read["benefit_since"],
        "income_fen_per_person_year": head.read["income"],
        "longitude": longitude,
        "latitude": latitude,
    }
    findings = [finding for person in persons for finding in person.findings]
    return Judged(first.code, head.number, household, members, findings)


def _member(person: _Person, *, is_head: bool) -> dict[str, Any]:
    return {
        "row_number": person.number,
        "name": person.read["name"],
        "relation": "本人" if is_head else person.read["relation"] or "其他",
        "identity": person.identity,
        "birth_date": person.read["birth_date"],
        "sex": person.read["sex"],
        "health": person.read["health"] or "",
        "work": person.read["work"] or "",
        "receives": person.read["receives"] is not False,
    }
