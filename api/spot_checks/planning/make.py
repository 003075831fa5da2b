"""Make a plan of what was asked: every floor kept, the rest where it tells most, and why it could not be fewer."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass
from math import sqrt
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.problems import Invalid
from api.spot_checks.numbers import COLUMNS
from api.spot_checks.planning.options import PlanOptions
from api.spot_checks.planning.widths import Integers, Sized, smallest_for_width, wrong_expected
from api.spot_checks.refusals import in_our_words
from api.spot_checks.risk import CERTAIN
from api.spot_checks.tables import Frame, FrameUnit
from sampling.allocation import LEAST_PERCENT, Allocation, Group, allocate, floor_of, stratum_minimum
from sampling.certificate import Plan, PlannedStratum
from sampling.frame import Frame as PublicFrame

LEVELS: Final = ("county", "scheme", "township")
RESERVE_SHARE: Final = 10  # one household in reserve for ten drawn, rounded up
RULES: Final = ("least", "band", "certain")  # of single strata, in the order in which a refusal counts them
NEEDS: Final = {"pareto": "size", "systematic": "order"}


@dataclass(frozen=True, kw_only=True)
class MadePlan:
    """A plan with what made it so large.

    Attributes
    ----------
    lower : mapping of str to (int, str)
        What each stratum itself must give, and why: ``certain``, ``two``, ``least``, ``band`` or ``width``.
    smallest : mapping of str to int
        How the fewest visits come about: ``law`` (percent floors alone), then what each rule adds: ``least``,
        ``band``, ``certain``, ``width``. They sum up to the fewest possible.
    """

    plan: Plan
    options: PlanOptions
    lower: Mapping[str, tuple[int, str]]
    smallest: Mapping[str, int]

    @property
    def fewest(self) -> int:
        """The fewest visits that keep everything."""
        return sum(self.smallest.values())


def make_plan(
    session: Session,
    frame: Frame,
    campaign: Campaign,
    *,
    total: int | None = None,
    options: PlanOptions | None = None,
) -> Plan:
    """Plan a draw from a stored frame.

    Parameters
    ----------
    campaign : Campaign
        Gives the floor, never below 30 %, of county, schemes and townships × schemes.
    total : int, optional
        Visits the county can make; as few as keep every floor by default.
    options : PlanOptions, optional
        Everything that can be asked, instead of a total alone.

    Raises
    ------
    Invalid
        When what was asked cannot be kept, with the smallest that can and which rules make it so; when the design
        needs a number that the frame does not publish.
    """
    percent = campaign.spot_check_floor_percent
    asked = usual_options(percent, total=total) if options is None else options
    check_design(frame, asked.design)
    return plan_sizes(sizes_of(session, frame), asked, floor_percent=percent).plan


def usual_options(percent: int, *, total: int | None = None) -> PlanOptions:
    """Return the options of the simplest plan: the floor everywhere, the fewest visits or a total."""
    return PlanOptions(
        floor_county=percent, floor_scheme=percent, floor_township=percent,
        aim="fewest" if total is None else "total", total=total,
    )  # fmt: skip


def plan_frame(public: PublicFrame, *, percent: int, total: int | None = None) -> Plan:
    """Plan a draw from a public frame.

    Certain strata are taken whole; each other stratum gives at least two where it can; what remains goes where
    wrong households are expected most. Reserves: one for ten drawn, at least one where the stratum has more.

    Examples
    --------
    >>> frame = PublicFrame.build(
    ...     [f"{i:064x}" for i in range(24)], ["540222100|rural|certain"] * 3 + ["540222100|rural|low"] * 21)
    >>> plan = plan_frame(frame, percent=30)
    >>> [(name, row.size, row.n, row.reserve) for name, row in sorted(plan.strata.items())]
    [('540222100|rural|certain', 3, 3, 0), ('540222100|rural|low', 21, 5, 1)]
    """
    return plan_sizes(public.counts, usual_options(percent, total=total), floor_percent=percent).plan


def sizes_of(session: Session, frame: Frame) -> dict[str, int]:
    """Return N by stratum, by name."""
    rows = session.execute(
        sa.select(FrameUnit.stratum, sa.func.count())
        .where(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
        .group_by(FrameUnit.stratum)
        .order_by(FrameUnit.stratum)
    )
    return dict(rows.all())


def check_design(frame: Frame, design: str) -> None:
    """Refuse a design whose number the frame does not publish.

    Raises
    ------
    Invalid
        Saying how to freeze instead.
    """
    needs = NEEDS.get(design, "")
    if not needs or COLUMNS[frame.numbered_by] == needs:
        return
    if needs == "size":
        raise Invalid("按人口数抽取需要公布人口数；请重新冻结名册，并选择公布“家庭人口数”", where="design")
    raise Invalid("等距抽取需要公布次序；请重新冻结名册，并选择公布“村的编码次序”或“村的地理次序”", where="design")


def plan_sizes(sizes: Mapping[str, int], options: PlanOptions, *, floor_percent: int = LEAST_PERCENT) -> MadePlan:
    """Plan strata of given sizes.

    Parameters
    ----------
    sizes : mapping of str to int
        N by stratum ``<township code>|<scheme>|<band>``.
    floor_percent : int
        The campaign's; options below it are refused, wherever they come from.

    Raises
    ------
    Invalid
        When what was asked cannot be kept, with the smallest that can.

    Examples
    --------
    >>> sizes = {"540222100|rural|certain": 3, "540222100|rural|low": 21}
    >>> made = plan_sizes(sizes, PlanOptions(bands={"low": 50}))
    >>> [row.n for row in made.plan.strata.values()], dict(made.smallest)
    ([3, 11], {'law': 8, 'least': 0, 'band': 5, 'certain': 1, 'width': 0})
    >>> plan_sizes(sizes, PlanOptions(aim="total", total=6))
    Traceback (most recent call last):
    ...
    api.problems.Invalid: 总户数 6 不够：至少 8 户。其中比例下限 8 户，每层最少户数再加 0 户，...
    """
    least = max(floor_percent, LEAST_PERCENT)
    if min(options.floor_county, options.floor_scheme, options.floor_township) < least:
        raise Invalid("抽查比例不得低于 {least}%，也不能超过 100%", where="floor_county", least=least)
    names = sorted(sizes)
    size = np.array([sizes[name] for name in names], dtype=np.int64)
    spread = _spread(names, size, options.allocation)
    groups = _groups(names, size, options)
    lower = lower_of(sizes, options)
    with in_our_words():
        lower = _for_widths(names, sizes, options, lower)
        smallest = _smallest(names, size, groups, lower, options)
        total = _total(options, sum(smallest.values()), int(size.sum()), smallest)
        bound = [lower[name][0] for name in names]
        if options.aim == "width" and options.width_county is not None:
            total = smallest_for_width(
                lambda many: Sized(names, size, allocate(size, spread, total=many, groups=groups, lower=bound).n),
                options.width_county / 1000, sum(smallest.values()), int(size.sum()),
            )  # fmt: skip
        found = allocate(size, spread, total=total, groups=groups, lower=bound)
        plan = _planned(names, sizes, found, options)
    return MadePlan(plan=plan, options=options, lower=lower, smallest=smallest)


def lower_of(
    sizes: Mapping[str, int], options: PlanOptions, rules: Collection[str] = RULES
) -> dict[str, tuple[int, str]]:
    """Return the least that each stratum itself must give, and which rule says so.

    Examples
    --------
    >>> lower_of({"a|rural|certain": 5, "a|rural|low": 40, "b|rural|low": 1}, PlanOptions(least=3))
    {'a|rural|certain': (5, 'certain'), 'a|rural|low': (3, 'least'), 'b|rural|low': (1, 'two')}
    """
    lower = {}
    for name, size in sizes.items():
        asked = [(stratum_minimum(size), "two")]
        if "least" in rules:
            asked.append((min(size, options.least), "least"))
        if "band" in rules and _band(name) in options.bands:
            asked.append((floor_of(options.bands[_band(name)], size), "band"))
        if "certain" in rules and _band(name) == CERTAIN:
            asked = [(size, "certain")]
        most = max(count for count, _ in asked)
        lower[name] = next(rule for rule in asked if rule[0] == most)
    return lower


def _spread(names: list[str], size: Integers, allocation: str) -> list[float]:
    """Return S_h such that the optimum is the allocation asked for.

    The greedy minimises Σ N² S²/n, whose optimum has n proportional to N·S: S = √(p(1−p)) is Neyman's, S = 1
    proportional, S = 1/N equal.
    """
    if allocation == "proportional":
        return [1.0] * len(names)
    if allocation == "equal":
        return [1.0 / one for one in size.tolist()]
    return [sqrt(share * (1 - share)) for share in map(wrong_expected, names)]


def _groups(names: list[str], size: Integers, options: PlanOptions) -> list[Group]:
    members: dict[tuple[str, str], list[int]] = {}
    for place, name in enumerate(names):
        township, scheme, _ = name.split("|")
        for key in (("county", ""), ("scheme", scheme), ("township", f"{township}|{scheme}")):
            members.setdefault(key, []).append(place)
    return [
        Group(f"{level} {cell}".strip(), places, floor_of(getattr(options, f"floor_{level}"), int(size[places].sum())))
        for (level, cell), places in members.items()
    ]


def _for_widths(
    names: list[str], sizes: Mapping[str, int], options: PlanOptions, lower: Mapping[str, tuple[int, str]]
) -> dict[str, tuple[int, str]]:
    """Raise the least of each township's strata until its own rate is as precise as wanted."""
    raised = dict(lower)
    if options.aim != "width":
        return raised
    if options.width_county is None and options.width_township is None:
        raise Invalid("请填写全县或乡镇的精度", where="width_county")
    if options.width_township is None:
        return raised
    for township in sorted({name.split("|")[0] for name in names}):
        own = [name for name in names if name.startswith(f"{township}|")]
        size = np.array([sizes[name] for name in own], dtype=np.int64)
        spread, groups = _spread(own, size, options.allocation), _groups(own, size, options)
        bound = [lower[name][0] for name in own]
        few = allocate(size, spread, groups=groups, lower=bound)

        def at(many: int) -> Sized:
            found = allocate(size, spread, total=many, groups=groups, lower=bound)  # noqa: B023 - called at once
            return Sized(own, size, found.n)  # noqa: B023 - the same

        many = smallest_for_width(at, options.width_township / 1000, few.smallest, int(size.sum()))
        if many > few.smallest:
            n = at(many).n.tolist()
            raised |= {name: (count, "width") for name, count in zip(own, n, strict=True) if count > lower[name][0]}
    return raised


def _smallest(
    names: list[str],
    size: Integers,
    groups: list[Group],
    lower: Mapping[str, tuple[int, str]],
    options: PlanOptions,
) -> dict[str, int]:
    """Return the fewest visits, rule by rule: what each adds to those before it."""
    sizes = dict(zip(names, size.tolist(), strict=True))
    steps = {"law": [1] * len(names), "width": [lower[name][0] for name in names]}
    for last, rule in enumerate(RULES, 1):
        bound = lower_of(sizes, options, RULES[:last])
        steps[rule] = [bound[name][0] for name in names]
    smallest: dict[str, int] = {}
    before, bound_before = 0, [0]
    for rule in ("law", *RULES, "width"):
        same = steps[rule] == bound_before  # then the rule asks for nothing of its own
        now = before if same else allocate(size, groups=groups, lower=steps[rule]).smallest
        smallest[rule], before, bound_before = now - before, now, steps[rule]
    return smallest


def _total(options: PlanOptions, fewest: int, everybody: int, smallest: Mapping[str, int]) -> int | None:
    if options.aim == "total":
        if options.total is None:
            raise Invalid("请填写计划入户数", where="total")
        if options.total < fewest:
            raise Invalid(
                "总户数 {total} 不够：至少 {fewest} 户。其中比例下限 {law} 户，每层最少户数再加 {least} 户，"
                "风险段比例再加 {band} 户，必查户再加 {certain} 户，精度要求再加 {width} 户",
                where="total", total=options.total, fewest=fewest, **dict[str, Any](smallest),
            )  # fmt: skip
        if options.total > everybody:
            raise Invalid(
                "总户数 {total} 超过名册的 {everybody} 户", where="total", total=options.total, everybody=everybody
            )
        return options.total
    if options.aim == "days":
        if options.capacity < fewest:
            raise Invalid(
                "{teams} 队 {days} 天每天 {per_day} 户只够 {capacity} 户，至少要 {fewest} 户 "
                "(其中比例下限 {law} 户，必查户再加 {certain} 户)：至少 {need} 个队日，或每队 {each} 天",
                where="days", teams=options.teams, days=options.days, per_day=options.per_day,
                capacity=options.capacity, fewest=fewest, need=-(-fewest // options.per_day),
                each=-(-fewest // (options.per_day * options.teams)), law=smallest["law"], certain=smallest["certain"],
            )  # fmt: skip
        return min(options.capacity, everybody)
    return None


def _planned(names: Iterable[str], sizes: Mapping[str, int], found: Allocation, options: PlanOptions) -> Plan:
    strata = {}
    for name, n in zip(names, found.n.tolist(), strict=True):
        reserve = min(-(-n // RESERVE_SHARE), sizes[name] - n)
        strata[name] = PlannedStratum(sizes[name], n, reserve, options.design)
    return Plan(strata, {level: getattr(options, f"floor_{level}") for level in LEVELS})


def _band(stratum: str) -> str:
    return stratum.rpartition("|")[2]
