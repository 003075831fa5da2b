"""Families of the demo county before anything goes wrong: who lives there, what they earn, what they are owed."""

import random
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from datetime import date

from api.demo.chance import dice, share_out, weighted
from api.demo.ground import Spot, house_in, lay_out
from api.demo.numbers import Numbers

BORN_BEFORE = date(2026, 1, 1)  # ages are counted on this day, whenever the demo is loaded
MONTHS = 12
FEN = 100  # in a yuan
OFF_ROLL_SHARE = 12  # one registered-poor household off the roll for twelve on it
SIZES = {1: 14.0, 2: 20.0, 3: 22.0, 4: 19.0, 5: 12.0, 6: 8.0, 7: 4.0, 8: 1.0}  # 3.4 persons on average
FEWEST_IN_VILLAGE = 4  # with few households, some villages have none rather than one each
COMMUNITY = "社区居民委员会"  # villages so named are town quarters: the urban scheme
GROWN_UP, OLD = 18, 60


@dataclass
class Person:
    """One member of a household."""

    name: str
    sex: str
    born: date
    relation: str
    identity: str
    health: str = "健康"
    work: str = ""
    receives: bool = True

    @property
    def age(self) -> int:
        """Whole years, on the day ages are counted."""
        return BORN_BEFORE.year - self.born.year


@dataclass(frozen=True)
class Asset:
    """Something of worth that a household owns."""

    kind: str  # as the home visit's choices name it
    owner: str
    identifier: str
    value_yuan: int


@dataclass
class Truth:
    """How it really is with a household, as a perfect visit would find it."""

    members: int
    income_yuan: int  # of all, in twelve months
    kind: str = ""  # of error; empty when the roll is right
    what: str = ""
    correct_fen_per_month: int = 0
    withheld_yuan: int = 0
    card_holder: str = "own_household"
    assets: list[Asset] = field(default_factory=list)


@dataclass
class Family:
    """One household: what the roll says of it, and the truth."""

    code: str
    scheme: str
    on_roll: bool
    registered_poor: bool
    members: list[Person]
    phone: str
    card: str
    address: str
    standard_fen: int  # per person and year
    income_yuan: int  # of all, in twelve months, as stated
    benefit_fen: int  # per month
    since: date | None
    home: Spot
    truth: Truth

    @property
    def village(self) -> str:
        """Its village's code."""
        return self.code[:12]

    @property
    def township(self) -> str:
        """Its township's code."""
        return self.code[:9]

    @property
    def head(self) -> Person:
        """The householder."""
        return self.members[0]

    @property
    def persons(self) -> int:
        """How many the roll counts."""
        return sum(person.receives for person in self.members)

    @property
    def income_fen_per_person(self) -> int:
        """Stated income per person and year."""
        return self.income_yuan * FEN // len(self.members)


def gap_fen(standard_fen: int, income_yuan: int, members: int) -> int:
    """Return the monthly allowance that fills the gap between income and the standard, in fen.

    Parameters
    ----------
    standard_fen : int
        Per person and year.
    income_yuan : int
        Of the whole household, in a year.

    Examples
    --------
    >>> gap_fen(444_000, 6_000, 3)  # 13,320 yuan are the line of three, 7,320 are missing
    61000
    >>> gap_fen(444_000, 20_000, 3)
    0
    """
    return max(0, standard_fen * members - income_yuan * FEN) // MONTHS


def make_families(villages: Mapping[str, str], standards: Mapping[str, int], households: int) -> list[Family]:
    """Return the families of the county, by code.

    Parameters
    ----------
    villages : mapping of str to str
        Names by twelve-digit code.
    standards : mapping of str to int
        Fen per person and year, by scheme.
    households : int
        On the roll; one in twelve more is registered poor and not on it. At least one per township.
    """
    rng = dice("families", households)
    numbers = Numbers(dice("names", households))
    middles = lay_out(list(villages))
    off_roll = round(households / OFF_ROLL_SHARE)
    counts = _spread(rng, sorted(villages), households)
    off_counts = _off_roll(rng, counts, off_roll)
    families = []
    for code in sorted(counts):
        name = villages[code]
        scheme = "urban" if COMMUNITY in name else "rural"
        for serial in range(1, counts[code] + off_counts.get(code, 0) + 1):
            on_roll = serial <= counts[code]
            members = _members(rng, numbers)
            # poor enough on the roll; off it only a few are (漏保, planted later)
            share = rng.triangular(0.2, 0.97, 0.6) if on_roll else rng.triangular(1.02, 1.9, 1.2)
            income = int(standards[scheme] * share * len(members)) // FEN
            benefit = gap_fen(standards[scheme], income, len(members)) if on_roll else 0
            families.append(
                Family(
                    code=f"{code}-{serial:04d}",
                    scheme=scheme,
                    on_roll=on_roll,
                    registered_poor=not on_roll or (scheme == "rural" and rng.random() < 0.45),  # noqa: PLR2004
                    members=members,
                    phone=numbers.phone(),
                    card=numbers.card(),
                    address=f"{name}{rng.randint(1, 4)}组{serial}号 (虚构)",
                    standard_fen=standards[scheme],
                    income_yuan=income,
                    benefit_fen=benefit,
                    since=_since(rng) if on_roll else None,
                    home=house_in(rng, middles[code]),
                    truth=Truth(members=len(members), income_yuan=income, correct_fen_per_month=benefit),
                )
            )
    return families


def _spread(rng: random.Random, villages: Iterable[str], households: int) -> dict[str, int]:
    """Share households among townships, then among as many of their villages as have enough of them."""
    by_township: dict[str, list[str]] = {}
    for code in villages:
        by_township.setdefault(code[:9], []).append(code)
    townships = sorted(by_township)
    weights = [rng.uniform(0.7, 1.3) * (1.6 if at == 0 else 1.0) for at in range(len(townships))]
    counts: dict[str, int] = {}
    for township, share in zip(townships, share_out(households, weights, least=1), strict=True):
        inhabited = by_township[township][: max(1, share // FEWEST_IN_VILLAGE)]
        parts = share_out(share, [rng.uniform(0.6, 1.4) for _ in inhabited], least=1)
        counts |= dict(zip(inhabited, parts, strict=True))
    return counts


def _off_roll(rng: random.Random, counts: Mapping[str, int], households: int) -> dict[str, int]:
    """Share registered-poor households off the roll among the rural villages that have households."""
    rural = [code for code in counts if code[9:] >= "200"]
    shares = share_out(households, [counts[code] * rng.uniform(0.5, 1.5) for code in rural])
    return dict(zip(rural, shares, strict=True))


def _since(rng: random.Random) -> date:
    """Since when: one in four for so long that somebody should have looked again."""
    year = rng.randint(2013, 2018) if rng.random() < 0.25 else rng.randint(2023, 2025)  # noqa: PLR2004
    return date(year, rng.choice((1, 4, 7, 10)), 1)


def _members(rng: random.Random, numbers: Numbers) -> list[Person]:
    size = weighted(rng, SIZES)
    sex = rng.choice("男女")
    age = rng.randint(58, 82) if size == 1 and rng.random() < 0.6 else rng.randint(26, 70)  # noqa: PLR2004
    people = [_person(rng, numbers, age, sex, "本人")]
    if size > 1 and age < OLD + 15 and rng.random() < 0.75:  # noqa: PLR2004
        people.append(_person(rng, numbers, max(20, age + rng.randint(-6, 6)), "女" if sex == "男" else "男", "配偶"))
    while len(people) < size:
        if age < OLD and rng.random() < 0.2:  # noqa: PLR2004
            parent = rng.choice("男女")
            people.append(
                _person(rng, numbers, min(92, age + rng.randint(19, 32)), parent, "父亲" if parent == "男" else "母亲")
            )
        else:
            child = rng.choice("男女")
            years = max(0, age - rng.randint(20, 38))
            people.append(_person(rng, numbers, years, child, "子" if child == "男" else "女"))
    return people


def _person(rng: random.Random, numbers: Numbers, age: int, sex: str, relation: str) -> Person:
    born = date(BORN_BEFORE.year - age - 1, rng.randint(1, 12), rng.randint(1, 28))
    health = weighted(rng, {"健康": 80.0 - max(0, age - 40), "残疾": 6.0, "重病": 5.0, "慢性病": 4.0 + age / 4})
    if age < 6:  # noqa: PLR2004 - before school
        work = "学龄前"
    elif age < GROWN_UP:
        work = "学生"
    elif age >= OLD or health in {"残疾", "重病"}:
        work = "无劳动能力"
    else:
        work = weighted(rng, {"务农": 60.0, "放牧": 15.0, "灵活就业": 15.0, "务工": 10.0})
    return Person(numbers.name(), sex, born, relation, numbers.identity(born, sex), health, work)
