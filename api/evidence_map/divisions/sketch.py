"""Draw divisions as a small picture coloured by one figure: it prints, it needs no script, it hides nothing.

Colour is never the only sign: each division carries its number, and a table with all of them stands beside it.
"""

import json
import math
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass
from typing import Any, Final

import shapely
from shapely.geometry import shape

from api.evidence_map.divisions.figures import DivisionFigures
from api.evidence_map.divisions.grounds import DivisionGround

WIDTH: Final = 640.0
HEIGHT: Final = 440.0
MARGIN: Final = 6.0
STEPS: Final = 5  # classes of colour
MOST_LABELS: Final = 60  # of more divisions no number would be readable
GOOD_HIGH, BAD_HIGH = "good", "bad"


@dataclass(frozen=True)
class Measure:
    """One figure to colour by.

    Attributes
    ----------
    name
        In Chinese, to be translated.
    tone
        ``good`` where much is good, ``bad`` where much is bad: two rows of colours.
    top
        The share from which the darkest colour begins; steps below it are equal.
    """

    name: str
    tone: str
    top: float
    share: Callable[[DivisionFigures], float | None]


MEASURES: Final[dict[str, Measure]] = {
    "coverage": Measure("覆盖率", GOOD_HIGH, 1.0, lambda row: row.coverage),
    "doubt": Measure("疑点比例", BAD_HIGH, 0.2, lambda row: row.doubt_share),
    "error": Measure("错保率", BAD_HIGH, 0.2, lambda row: row.rate.value if row.rate else None),
}


@dataclass(frozen=True)
class Patch:
    """One division on the picture; without a class nothing is known of it."""

    code: str
    name: str
    path: str
    share: float | None
    step: int | None
    x: float
    y: float


@dataclass(frozen=True)
class Sketch:
    """The picture, its measure and its classes of colour, each with the share at which it begins."""

    patches: Sequence[Patch]
    measure: Measure
    steps: Sequence[tuple[int, float]]
    synthetic: int  # divisions whose ground was made up
    labels: bool
    width: float = WIDTH
    height: float = HEIGHT


def step_of(share: float | None, measure: Measure) -> int | None:
    """Return the class of colour of a share, 0 to 4; None where there is none.

    Examples
    --------
    >>> step_of(0.0, MEASURES["coverage"]), step_of(1.0, MEASURES["coverage"]), step_of(0.05, MEASURES["doubt"])
    (0, 4, 1)
    """
    if share is None:
        return None
    return min(STEPS - 1, int(share / measure.top * (STEPS - 1) + 1e-9))


def draw_sketch(grounds: Iterable[DivisionGround], rows: Iterable[DivisionFigures], measure: str) -> Sketch | None:
    """Return the picture of some divisions; None when no ground of theirs is known."""
    drawn = [(one, shape(json.loads(one.geometry))) for one in grounds]
    if not drawn:
        return None
    how, by_code = MEASURES[measure], {row.code: row for row in rows}
    place = _placing([ground for _, ground in drawn])
    patches = []
    for one, ground in drawn:
        share = how.share(by_code[one.code]) if one.code in by_code else None
        placed = shapely.transform(ground, place)
        middle = placed.representative_point()
        patches.append(Patch(one.code, one.name, _path(placed), share, step_of(share, how), middle.x, middle.y))
    steps = [(step, step * how.top / (STEPS - 1)) for step in range(STEPS)]
    synthetic = sum(one.synthetic for one, _ in drawn)
    return Sketch(patches, how, steps, synthetic, len(patches) <= MOST_LABELS)


def _placing(grounds: Sequence[shapely.Geometry]) -> Callable[[Any], Any]:
    """Return the function from degrees to the picture's units: the whole of it in the middle, north above."""
    west, south, east, north = shapely.total_bounds(grounds)
    squeeze = math.cos(math.radians((south + north) / 2))  # a degree of longitude is shorter
    scale = min(
        (WIDTH - 2 * MARGIN) / max((east - west) * squeeze, 1e-6), (HEIGHT - 2 * MARGIN) / max(north - south, 1e-6)
    )
    left = (WIDTH - (east - west) * squeeze * scale) / 2
    top = (HEIGHT - (north - south) * scale) / 2

    def place(degrees: Any) -> Any:
        return (degrees - (west, north)) * (squeeze * scale, -scale) + (left, top)

    return place


def _path(ground: shapely.Geometry) -> str:
    """Return rings as an SVG path, to a tenth of a unit."""
    rings = [ring for part in shapely.get_parts(ground) for ring in (part.exterior, *part.interiors)]
    return "".join("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in ring.coords[:-1]) + "Z" for ring in rings)
