"""People with a post, the relatives they declared, and what other departments have on file of anybody."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from api.demo.chance import dice
from api.demo.households import FEN, Family, Person
from api.demo.numbers import Numbers

CADRES = 95
PAYROLL_BODIES = ("县人民医院", "县中学", "县农牧局", "县自然资源局", "乡镇卫生院", "县民政局")
RIGHTFUL_RELATIVES = 0.012  # of households: poor, on the roll, and related to an official all the same
RELATIONS = {"男": ("父亲", "兄弟", "岳父", "子"), "女": ("母亲", "姐妹", "岳母", "女")}


@dataclass
class Post:
    """An official: a person, where they work, and the relatives they declared."""

    person: Person
    kind: str  # payroll, village_cadre, case_worker
    body: str
    title: str
    division: str
    relatives: list[tuple[str, str, str]] = field(default_factory=list)  # name, relation, identity number

    def declare(self, relative: Person, relation: str) -> None:
        """Add a close relative."""
        self.relatives.append((relative.name, relation, relative.identity))


@dataclass(frozen=True)
class Record:
    """What a department has on file of one person."""

    department: str
    kind: str
    name: str
    identity: str
    description: str
    amount_yuan: int | None
    on: date

    @property
    def amount_fen(self) -> int | None:
        """The amount as the database keeps it."""
        return None if self.amount_yuan is None else self.amount_yuan * FEN


def make_posts(divisions: Mapping[str, str], families: Iterable[Family]) -> list[Post]:
    """Return about 150 officials: a case worker and two on the payroll per township, cadres of villages.

    Parameters
    ----------
    divisions : mapping of str to str
        Names of the county's townships and villages, by code.
    families : iterable of Family
        A few of them are relatives, poor and rightly on the roll.
    """
    rng = dice("officials")
    numbers = Numbers(rng, first_serial=300)  # apart from the families'
    posts = []
    for code in sorted(divisions):
        name = divisions[code]
        if len(code) == 9:  # noqa: PLR2004 - a township's code
            posts.append(_post(rng, numbers, "case_worker", body=f"{name}人民政府", title="民政助理员", code=code))
            posts += [
                _post(rng, numbers, "payroll", body=f"{name} {rng.choice(PAYROLL_BODIES)}", title="工作人员", code=code)
                for _ in range(2)
            ]
    villages = [code for code in sorted(divisions) if len(code) == 12]  # noqa: PLR2004 - a village's code
    for code in sorted(rng.sample(villages, min(CADRES, len(villages)))):
        title = rng.choice(("村委会主任", "村党支部书记", "村会计"))
        posts.append(_post(rng, numbers, "village_cadre", body=_committee(divisions[code]), title=title, code=code))
    for post in posts:
        for _ in range(rng.randint(1, 3)):
            stranger = _adult(rng, numbers, rng.choice("男女"))
            post.declare(stranger, rng.choice(RELATIONS[stranger.sex]))
    for family in families:
        if family.on_roll and rng.random() < RIGHTFUL_RELATIVES:
            near_post(rng, posts, family).declare(family.head, rng.choice(RELATIONS[family.head.sex]))
    return posts


def near_post(rng: random.Random, posts: list[Post], family: Family, *kinds: str) -> Post:
    """Return an official of the family's township, of one of the kinds if any is named; else of anywhere."""
    fitting = [post for post in posts if not kinds or post.kind in kinds]
    near = [post for post in fitting if post.division.startswith(family.township)]
    return rng.choice(near or fitting)


def harmless_records(families: Iterable[Family], posts: Iterable[Post]) -> list[Record]:
    """Return records that prove nothing against anybody: wages of officials, subsidies, old tractors, dues."""
    rng = dice("records")
    records = [
        Record(
            "人社", "payroll", post.person.name, post.person.identity, post.body[:60],
            rng.randint(60, 110) * 1_000, date(2025, 12, 31),
        )
        for post in posts
        if post.kind != "village_cadre"
    ]  # fmt: skip
    for family in families:
        who = family.head
        if rng.random() < 0.3:  # noqa: PLR2004
            amount = rng.randint(3, 24) * 100
            records.append(
                Record("财政", "subsidy", who.name, who.identity, "草原生态保护补助奖励", amount, date(2025, 11, 20))
            )
        if rng.random() < 0.02:  # noqa: PLR2004
            records.append(
                Record("公安", "vehicle", who.name, who.identity, "正三轮摩托车，价值低于限额", 4_500, _day(rng))
            )
        if rng.random() < 0.015:  # noqa: PLR2004
            records.append(
                Record("农牧", "machinery", who.name, who.identity, "小型手扶拖拉机, 2009年购置", 2_000, _day(rng))
            )
        if rng.random() < 0.01:  # noqa: PLR2004
            records.append(
                Record("工商", "company", who.name, who.identity, "农民专业合作社社员，未分红", None, _day(rng))
            )
        if rng.random() < 0.008:  # noqa: PLR2004
            records.append(
                Record("住建", "property", who.name, who.identity, "农村危房改造住房 (唯一住房)", None, _day(rng))
            )
    return records


def _post(rng: random.Random, numbers: Numbers, kind: str, *, body: str, title: str, code: str) -> Post:
    return Post(_adult(rng, numbers, rng.choice("男女")), kind, body, title, code)


def _committee(village: str) -> str:
    """Return what a village's committee is called; a town quarter is named after its own."""
    return f"{village}委会" if village.endswith("村") else village


def _adult(rng: random.Random, numbers: Numbers, sex: str) -> Person:
    born = date(rng.randint(1962, 1998), rng.randint(1, 12), rng.randint(1, 28))
    return Person(numbers.name(), sex, born, "本人", numbers.identity(born, sex))


def _day(rng: random.Random) -> date:
    return date(rng.randint(2012, 2024), rng.randint(1, 12), rng.randint(1, 28))
