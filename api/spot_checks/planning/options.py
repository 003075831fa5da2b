"""What may be asked of a plan: read from an address, a form or a program, checked, and written back into an address."""

from collections.abc import Mapping
from dataclasses import dataclass, field, fields
from decimal import Decimal, InvalidOperation
from typing import Any, Final

from api.problems import Invalid
from api.spot_checks.risk import BANDS
from sampling.allocation import LEAST_PERCENT

DESIGNS: Final = {"srs": "简单随机", "pareto": "按人口数比例 (Pareto)", "systematic": "等距 (按公布的次序)"}
ALLOCATIONS: Final = {
    "neyman": "向预计差错多的层倾斜 (Neyman)",
    "proportional": "按户数成比例",
    "equal": "各层户数尽量相等",
}
AIMS: Final = {"fewest": "达到下限的最少户数", "total": "指定总户数", "width": "指定精度", "days": "指定队日"}
# What the fields are called where a refusal must say which it means.
LABELS: Final = {
    "total": "总户数",
    "width_county": "全县精度 ±",
    "width_township": "乡镇精度 ±",
    "least": "每层最少户数",
    "teams": "队数",
    "days": "天数",
    "per_day": "每队每天户数",
    "band_high": "高",
    "band_middle": "中",
    "band_low": "低",
}
MOST_VISITS: Final = 10_000_000
MOST_LEAST: Final = 1_000  # a minimum per stratum above this is a slip of the finger
WHOLE: Final = 100
PERMILLE_OF_A_POINT: Final = 10
WIDEST_POINTS: Final = 50


@dataclass(frozen=True, kw_only=True)
class PlanOptions:
    """What a supervisor asks of a plan.

    Attributes
    ----------
    floor_county, floor_scheme, floor_township : int
        Whole percent; never below the campaign's, which is never below 30.
    bands : mapping of str to int
        Whole percent of every stratum of a band; what is named nothing has none of its own.
    least : int
        Households of every stratum at least, where it has so many; two, so that a variance can be estimated.
    design : {'srs', 'pareto', 'systematic'}
    allocation : {'neyman', 'proportional', 'equal'}
        Where the visits go that no floor asks for.
    aim : {'fewest', 'total', 'width', 'days'}
        What decides how many.
    total : int or None
    width_county, width_township : int or None
        Wanted half-width of the error rate's interval, in thousandths (35 for ±3.5 points).
    teams, days, per_day : int
        Teams, days of each, households that one visits in a day; they also turn households into days.
    """

    floor_county: int = LEAST_PERCENT
    floor_scheme: int = LEAST_PERCENT
    floor_township: int = LEAST_PERCENT
    bands: Mapping[str, int] = field(default_factory=dict)
    least: int = 2
    design: str = "srs"
    allocation: str = "neyman"
    aim: str = "fewest"
    total: int | None = None
    width_county: int | None = None
    width_township: int | None = None
    teams: int = 4
    days: int = 20
    per_day: int = 8

    @property
    def capacity(self) -> int:
        """Households that the teams can visit in their days."""
        return self.teams * self.days * self.per_day

    def query(self, *, prefix: str = "") -> dict[str, str]:
        """Return what an address must say to mean these options; what is as by default is left out."""
        said: dict[str, str] = {}
        usual = PlanOptions()
        for one in fields(self):
            value = getattr(self, one.name)
            if one.name == "bands":
                said |= {f"{prefix}band_{band}": str(percent) for band, percent in sorted(value.items())}
            elif value is not None and value != getattr(usual, one.name):
                said[prefix + one.name] = points_of(value) if one.name.startswith("width") else str(value)
        if self.total is not None:
            said[f"{prefix}aim"] = self.aim  # a total alone would be the aim
        return said


def read_options(values: Mapping[str, Any], *, floor_percent: int = LEAST_PERCENT, prefix: str = "") -> PlanOptions:
    """Read options by name; what is missing or empty is as by default.

    Parameters
    ----------
    values : mapping of str to str or number
        An address's query, a form or a program's object: ``floor_county``, ``floor_scheme``, ``floor_township``,
        ``band_<band>``, ``least``, ``design``, ``allocation``, ``aim``, ``total``, ``width_county`` and
        ``width_township`` (in points), ``teams``, ``days``, ``per_day``. A total without an aim is the aim.
    floor_percent : int
        The campaign's; no floor may be below it.
    prefix : str
        What stands before each name.

    Raises
    ------
    Invalid
        Names the field, and what may stand there.

    Examples
    --------
    >>> asked = read_options({"floor_township": "40", "band_high": "60", "width_county": "2.5", "aim": "width"})
    >>> asked.floor_township, dict(asked.bands), asked.width_county
    (40, {'high': 60}, 25)
    >>> asked.query(prefix="a_")
    {'a_floor_township': '40', 'a_band_high': '60', 'a_aim': 'width', 'a_width_county': '2.5'}
    >>> read_options({"floor_county": "29"})
    Traceback (most recent call last):
    ...
    api.problems.Invalid: 抽查比例不得低于 30%，也不能超过 100%
    """

    def said(name: str) -> str:
        value = values.get(prefix + name)
        return "" if value is None else str(value).strip()

    def whole(name: str, usual: int, low: int, high: int) -> int:
        return usual if not said(name) else _whole(name, said(name), low, high)

    def chosen(name: str, among: Mapping[str, str], usual: str) -> str:
        if (value := said(name) or usual) not in among:
            raise Invalid("{name} 须为 {names} 之一", where=name, name=name, names=", ".join(among))
        return value

    total = _whole("total", said("total"), 1, MOST_VISITS) if said("total") else None
    return PlanOptions(
        **{f"floor_{level}": _floor(f"floor_{level}", said(f"floor_{level}"), floor_percent)
           for level in ("county", "scheme", "township")},
        bands={band: share for band in BANDS if (share := whole(f"band_{band}", 0, 0, WHOLE))},
        least=whole("least", 2, 2, MOST_LEAST),
        design=chosen("design", DESIGNS, "srs"),
        allocation=chosen("allocation", ALLOCATIONS, "neyman"),
        aim=chosen("aim", AIMS, "fewest" if total is None else "total"),
        total=total,
        width_county=_permille("width_county", said("width_county")),
        width_township=_permille("width_township", said("width_township")),
        teams=whole("teams", PlanOptions.teams, 1, 1_000),
        days=whole("days", PlanOptions.days, 1, 366),
        per_day=whole("per_day", PlanOptions.per_day, 1, 100),
    )  # fmt: skip


def points_of(permille: int) -> str:
    """Return thousandths as points, as people write them.

    Examples
    --------
    >>> points_of(35), points_of(30)
    ('3.5', '3')
    """
    whole, tenth = divmod(permille, PERMILLE_OF_A_POINT)
    return f"{whole}.{tenth}" if tenth else str(whole)


def _floor(name: str, text: str, least: int) -> int:
    if not text:
        return least
    if not (text.isascii() and text.isdigit()) or not least <= int(text[:4]) <= WHOLE:
        raise Invalid("抽查比例不得低于 {least}%，也不能超过 100%", where=name, least=least)
    return int(text)


def _whole(name: str, text: str, low: int, high: int) -> int:
    if not (text.isascii() and text.isdigit() and len(text) <= len(str(MOST_VISITS)) and low <= int(text) <= high):
        raise Invalid("须为 {low} 至 {high} 的整数", where=name, low=low, high=high)
    return int(text)


def _permille(name: str, text: str) -> int | None:
    if not text:
        return None
    try:
        points = Decimal(text) if text.isascii() and len(text) <= len("49.99") else Decimal(0)
    except InvalidOperation:
        points = Decimal(0)
    if not points.is_finite() or not Decimal("0.1") <= points <= WIDEST_POINTS:
        raise Invalid("精度须为 0.1 至 {most} 个百分点", where=name, most=WIDEST_POINTS)
    return int(points * PERMILLE_OF_A_POINT)
