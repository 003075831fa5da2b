"""Designs side by side on one frame, by drawing each many times: for study, since nobody outside can recompute them."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any, Final

import numpy as np
import sqlalchemy as sa
from numpy.typing import NDArray
from sqlalchemy.orm import Session

from api.spot_checks.numbers import MOST_PERSONS, numbers_of
from api.spot_checks.planning.workload import kilometres
from api.spot_checks.tables import Frame, FrameUnit
from sampling.certificate import Plan
from sampling.selection import Selection, Strata, inclusion_probabilities, pareto, simple_random, systematic
from sampling.spatial import cube, local_pivotal, voronoi_balance

Floats = NDArray[np.float64]

Way = Callable[[np.random.Generator], Selection]

# Statutory ones first; the others are labelled 不可公开复算，仅供比较.
DESIGNS: Final = {
    "srs": "简单随机",
    "pareto": "按人口数比例 (Pareto)",
    "systematic": "等距 (沿地理次序)",
    "local_pivotal": "局部枢轴 (空间分散)",
    "cube": "立方体 (人口与金额平衡)",
}
STATUTORY: Final = frozenset({"srs", "pareto", "systematic"})
DRAWS: Final = 40  # of each design; the figures then vary by a tenth or so
MOST_WORK: Final = 400_000  # households drawn from in all, of one design: a county of 20,000 is drawn from twenty times
FEWEST_DRAWS: Final = 3
LOOKED_AT: Final = 10  # draws whose spread is measured


@dataclass(frozen=True)
class Studied:
    """What one design did on this frame.

    Attributes
    ----------
    benefit_error, persons_error : float or None
        Standard error of the estimated total, in percent of it; both totals are known, so this is what the design
        itself adds. None where the frame does not know them.
    spread : float or None
        Voronoi sum of squares: how far from evenly the drawn stand on the ground; lower is better.
    draws : int
        How many times it was drawn.
    """

    design: str
    benefit_error: float | None
    persons_error: float | None
    spread: float | None
    draws: int

    @property
    def statutory(self) -> bool:
        """Whether anybody could recompute such a draw."""
        return self.design in STATUTORY


def study_designs(session: Session, frame: Frame, plan: Plan, *, most_draws: int = DRAWS) -> list[Studied]:
    """Draw a plan's numbers from a frame by each design, over and over, and say what came of it.

    Nothing is stored and no seed of a real draw is used; the same frame gives the same figures again.

    Parameters
    ----------
    plan : Plan
        Its n by stratum; its own method does not matter.
    most_draws : int
        Of each design; fewer where the county is large.
    """
    found = session.execute(
        sa.select(
            FrameUnit.stratum, FrameUnit.village_code, FrameUnit.persons, FrameUnit.benefit_fen_per_month,
            FrameUnit.longitude, FrameUnit.latitude,
        )
        .where(FrameUnit.county_code == frame.county_code, FrameUnit.frame_id == frame.id)
        .order_by(FrameUnit.leaf)
    )  # fmt: skip
    rows: list[dict[str, Any]] = [dict(row) for row in found.mappings()]
    strata = Strata.of([row["stratum"] for row in rows])
    n = {name: planned.n for name, planned in plan.strata.items()}
    alike = np.array([n[row["stratum"]] / plan.strata[row["stratum"]].size for row in rows])
    persons, benefit = (
        _column([row["persons"] for row in rows]),
        _column([row["benefit_fen_per_month"] for row in rows]),
    )
    placed = all(row["longitude"] is not None and row["latitude"] is not None for row in rows)
    ground = kilometres(np.array([(row["longitude"], row["latitude"]) for row in rows])) if placed else None
    draws = max(FEWEST_DRAWS, min(most_draws, MOST_WORK // len(rows)))
    ways: dict[str, Way] = {
        "srs": lambda rng: simple_random(strata, n, rng=rng),
    }
    if persons is not None:
        by_size = inclusion_probabilities(np.minimum(np.maximum(persons, 1), MOST_PERSONS), n, strata)
        ways["pareto"] = lambda rng: pareto(by_size, strata, rng=rng)
    if ground is not None:
        along = numbers_of("curve", rows)
        ways["systematic"] = lambda rng: systematic(strata, n, order=along, rng=rng)
        ways["local_pivotal"] = lambda rng: local_pivotal(alike, ground, strata, rng=rng)
    if persons is not None and benefit is not None:
        known = np.column_stack([persons, benefit])
        ways["cube"] = lambda rng: cube(alike, known, strata, rng=rng)
    return [
        _studied(design, way, draws, known=(benefit, persons), seed=frame.id.int % 2**32, ground=ground)
        for design, way in ways.items()
    ]


def _studied(
    design: str,
    way: Way,
    draws: int,
    *,
    known: tuple[Floats | None, Floats | None],
    seed: int,
    ground: Floats | None,
) -> Studied:
    rng = np.random.default_rng(seed)
    errors: list[list[float]] = [[], []]
    spreads: list[float] = []
    for number in range(draws):
        drawn = way(rng)
        sample, pi = drawn.sample, drawn.probability
        for values, kept in zip(known, errors, strict=True):
            if values is not None and values.sum() > 0:
                kept.append(float((values[sample] / pi[sample]).sum() / values.sum() - 1))
        if ground is not None and number < LOOKED_AT and not drawn.probability.min() >= 1:
            spreads.append(voronoi_balance(pi, ground, sample))
    benefit, persons = ([100 * float(np.sqrt(np.mean(np.square(kept))))] if kept else [None] for kept in errors)
    return Studied(design, benefit[0], persons[0], float(np.mean(spreads)) if spreads else None, draws)


def _column(values: list[int | None]) -> Floats | None:
    return None if any(value is None for value in values) else np.array(values, dtype=np.float64)
