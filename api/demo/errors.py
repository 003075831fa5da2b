"""What is planted: each kind of error that the plan names, done to a family of the demo."""

import random
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from api.demo.households import FEN, GROWN_UP, MONTHS, Asset, Family, Person, gap_fen
from api.demo.numbers import Numbers
from api.demo.officials import RELATIONS, Post, Record, near_post


@dataclass
class Plot:
    """What an error may touch besides the family."""

    rng: random.Random
    numbers: Numbers
    posts: list[Post]
    records: list[Record]

    def day(self, first: int = 2016, last: int = 2024) -> date:
        """Return some day of those years."""
        return date(self.rng.randint(first, last), self.rng.randint(1, 12), self.rng.randint(1, 28))

    def file(self, department: str, kind: str, who: Person, description: str, *, yuan: int | None, on: date) -> None:
        """Put a record into a department's files."""
        self.records.append(Record(department, kind, who.name, who.identity, description, yuan, on))


def _rich(plot: Plot, family: Family, low: float, high: float) -> None:
    """Let the true income lie above the line, by a factor; nothing is owed then."""
    line = family.standard_fen * len(family.members)
    family.truth.income_yuan = int(line * plot.rng.uniform(low, high)) // FEN
    family.truth.correct_fen_per_month = 0


def wrongly_included(plot: Plot, family: Family) -> str:
    """错保: the income was never looked at again."""
    _rich(plot, family, 1.15, 2.4)
    if plot.rng.random() < 0.3:  # noqa: PLR2004
        yuan = plot.rng.randint(30, 90) * 1_000
        shop = Asset("business", family.head.name, "茶馆", yuan)
        family.truth.assets.append(shop)
        plot.file("工商", "company", family.head, "个体工商户，经营茶馆", yuan=yuan, on=plot.day())
    return "实际人均收入高于保障标准，长期未核查"


def wrongly_excluded(plot: Plot, family: Family) -> str:
    """漏保: poor, registered as poor, and not on the roll."""
    line = family.standard_fen * len(family.members)
    family.income_yuan = family.truth.income_yuan = int(line * plot.rng.uniform(0.3, 0.85)) // FEN
    family.truth.correct_fen_per_month = gap_fen(family.standard_fen, family.income_yuan, len(family.members))
    return "建档立卡户，人均收入低于保障标准，未纳入低保"


def favour(plot: Plot, family: Family) -> str:
    """人情保: an acquaintance of whoever keeps the list."""
    _rich(plot, family, 1.1, 2.0)
    post = near_post(plot.rng, plot.posts, family, "case_worker")
    return f"收入高于标准，与经办人 {post.person.name} 是熟人，未经民主评议纳入"


def connection(plot: Plot, family: Family) -> str:
    """关系保: a close relative, declared as such."""
    _rich(plot, family, 1.1, 2.2)
    post = near_post(plot.rng, plot.posts, family, "case_worker", "village_cadre")
    relation = plot.rng.choice(RELATIONS[family.head.sex])
    post.declare(family.head, relation)
    return f"收入高于标准，户主是{post.body}{post.title} {post.person.name} 的{relation}"


def kin_favoured(plot: Plot, family: Family) -> str:
    """优亲厚友: rightly on the roll, but given more than others would get; half of them declared."""
    family.benefit_fen = int(family.truth.correct_fen_per_month * plot.rng.uniform(1.35, 1.9))
    post = near_post(plot.rng, plot.posts, family, "village_cadre")
    if plot.rng.random() < 0.5:  # noqa: PLR2004
        post.declare(family.head, plot.rng.choice(RELATIONS[family.head.sex]))
    return f"{post.title} {post.person.name} 的亲友，补助金额高于差额"


def person_not_household(plot: Plot, family: Family) -> str:
    """保人不保户: only some members are counted, as if they lived alone and earned nothing."""
    counted = plot.rng.randint(1, len(family.members) - 1)
    for person in family.members[counted:]:
        person.receives = False
    family.benefit_fen = family.standard_fen * counted // MONTHS
    return f"全家 {len(family.members)} 人，只按 {counted} 人保障，未以家庭为单位核算"


def rotation(plot: Plot, families: list[Family]) -> str:
    """轮流坐庄: this year it is their turn."""
    for family in families:
        _rich(plot, family, 1.02, 1.2)
        family.since = date(2026, 1, 1)
    return "村内各户轮流享受，今年轮到本户，收入略高于标准"


def equal_shares(_plot: Plot, families: list[Family]) -> str:
    """平均发放: what the neighbours are owed together, split into equal parts."""
    equal = sum(family.benefit_fen for family in families) // len(families)
    for family in families:
        family.benefit_fen = equal
    return f"村内 {len(families)} 户不论收入，每月一律发放 {equal / FEN:.2f} 元"


def false_claim(plot: Plot, family: Family) -> str:
    """虚报冒领: members on the roll who do not exist."""
    invented = plot.rng.randint(1, 2)
    for _ in range(invented):
        sex = plot.rng.choice("男女")
        born = date(plot.rng.randint(1950, 2015), plot.rng.randint(1, 12), plot.rng.randint(1, 28))
        family.members.append(
            Person(plot.numbers.name(), sex, born, "其他亲属", plot.numbers.identity(born, sex), "慢性病", "无")
        )
    family.benefit_fen = gap_fen(family.standard_fen, family.income_yuan, len(family.members))
    return f"名册多报 {invented} 人，实际共同生活 {family.truth.members} 人"


def withheld(plot: Plot, family: Family) -> str:
    """截留挪用: the right amount leaves the treasury, and part of it does not arrive."""
    part = plot.rng.uniform(0.15, 0.5)
    family.truth.withheld_yuan = max(1, int(family.benefit_fen * MONTHS * part) // FEN)
    return f"村干部以集体支出为名截留，每年约 {family.truth.withheld_yuan} 元"


def card_kept(plot: Plot, family: Family) -> str:
    """扣压代管: somebody of the village keeps the card."""
    family.truth.card_holder = "cadre"
    post = near_post(plot.rng, plot.posts, family, "village_cadre")
    return f"一卡通由{post.body}{post.title} {post.person.name} 保管"


def paid_after_death(plot: Plot, family: Family) -> str:
    """死亡未退: a member died and is still counted."""
    gone = family.members[-1]
    died = plot.day(2023, 2025)
    plot.file("公安", "death", gone, "死亡注销户口", yuan=None, on=died)
    left = len(family.members) - 1
    family.truth.members = left
    if not left:
        family.truth.income_yuan = 0
    family.truth.correct_fen_per_month = gap_fen(family.standard_fen, family.truth.income_yuan, left) if left else 0
    return f"成员 {gone.name} 已于 {died:%Y-%m-%d} 去世，仍按其在世发放"


def too_wealthy(plot: Plot, family: Family) -> str:
    """超标准财产: something of worth that the limit rules out."""
    kind, department, record, description, low, high = plot.rng.choice(
        (
            ("vehicle", "公安", "vehicle", "小型轿车", 60, 180),
            ("vehicle", "公安", "vehicle", "轻型载货汽车，营运", 70, 160),
            ("farm_machinery", "农牧", "machinery", "联合收割机", 90, 220),
            ("house", "住建", "property", "县城商品房一套", 200, 480),
        )
    )
    yuan = plot.rng.randint(low, high) * 1_000
    owner = next((person for person in family.members if person.age >= GROWN_UP), family.head)
    family.truth.assets.append(Asset(kind, owner.name, f"演-{plot.rng.randint(1000, 9999)}", yuan))
    family.truth.correct_fen_per_month = 0
    plot.file(department, record, owner, description, yuan=yuan, on=plot.day())
    return f"{owner.name} 名下有{description}，约 {yuan} 元，超过财产限额"


def on_public_payroll(plot: Plot, family: Family) -> str:
    """财政供养: a member draws a public wage."""
    earner = next((person for person in family.members[1:] if person.age >= GROWN_UP + 4), family.head)
    wage = plot.rng.randint(58, 96) * 1_000
    plot.file("人社", "payroll", earner, "事业单位在编人员", yuan=wage, on=date(2025, 12, 31))
    family.truth.income_yuan += wage
    family.truth.correct_fen_per_month = 0
    return f"{earner.name} 是财政供养人员，年工资约 {wage} 元"


Deed = Callable[[Plot, Family], str]
