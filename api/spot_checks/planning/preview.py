"""What a plan would be: table, widths, workload, what binds; nothing is stored."""

from collections import Counter
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Final

import numpy as np
from sqlalchemy.orm import Session

from api.campaigns.tables import Campaign
from api.spot_checks.plan import PlanRow, TownshipRow, explain, totals, townships
from api.spot_checks.planning.make import LEVELS, MadePlan, check_design, plan_sizes
from api.spot_checks.planning.options import PlanOptions
from api.spot_checks.planning.way import starts_of
from api.spot_checks.planning.widths import Sized, Width, width_of
from api.spot_checks.planning.workload import Workload, ground_of, workload_of
from api.spot_checks.tables import Frame
from sampling.certificate import Plan

RULES: Final = ("certain", "two", "least", "band", "width")


@dataclass(frozen=True, kw_only=True)
class Preview:
    """A plan looked at.

    Attributes
    ----------
    strata : list of PlanRow
    townships : list of TownshipRow
    totals : mapping of str to int
        ``size``, ``floor``, ``n``, ``reserve``.
    width : Width
        Of the whole county.
    widths : mapping of str to Width
        By township.
    exact : mapping of str to int
        How many cells of each level (``county``, ``scheme``, ``township``) take just what their floor asks.
    held : mapping of str to (int, int)
        By rule of single strata: how many it holds, and their households drawn.
    """

    made: MadePlan
    strata: list[PlanRow]
    townships: list[TownshipRow]
    totals: Mapping[str, int]
    width: Width
    widths: Mapping[str, Width]
    workload: Workload
    exact: Mapping[str, int]
    held: Mapping[str, tuple[int, int]]

    @property
    def plan(self) -> Plan:
        """The plan itself."""
        return self.made.plan

    @property
    def options(self) -> PlanOptions:
        """What was asked."""
        return self.made.options


def preview(session: Session, frame: Frame, campaign: Campaign, options: PlanOptions) -> Preview:
    """Make a plan of a stored frame and look at it from all sides.

    Raises
    ------
    Invalid
        As `api.spot_checks.planning.make.make_plan` does.
    """
    check_design(frame, options.design)
    ground = ground_of(session, frame)
    made = plan_sizes(ground.sizes, options, floor_percent=campaign.spot_check_floor_percent)
    rows = list(explain(made.plan, made.lower))
    by_township: dict[str, list[PlanRow]] = {}
    for row in rows:
        by_township.setdefault(row.township_code, []).append(row)
    exact: Counter[str] = Counter()
    for cell, _size, n, least in made.plan.cells():
        level = cell.partition(" ")[0]
        if level in LEVELS and n == least:
            exact[level] += 1
    return Preview(
        made=made,
        strata=rows,
        townships=townships(made.plan),
        totals=totals(made.plan),
        width=width_of(_sized(rows)),
        widths={code: width_of(_sized(own)) for code, own in by_township.items()},
        workload=workload_of(ground, made.plan, options, starts_of(session, frame, ground.centres)),
        exact=exact,
        held={
            rule: (len(held), sum(row.n for row in held))
            for rule in RULES
            if (held := [row for row in rows if row.binds == rule])
        },
    )


def _sized(rows: list[PlanRow]) -> Sized:
    return Sized(
        [row.stratum for row in rows],
        np.array([row.size for row in rows], dtype=np.int64),
        np.array([row.n for row in rows], dtype=np.int64),
    )
