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
OFFICES: Final = ("居民委员会", "村民委员会")  # what a village is called in full and nobody writes on a map


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
    words: Callable[[DivisionFigures], str]  # what is written on the division


def _percent(share: float | None) -> str:
    return "—" if share is None else f"{100 * share:.0f}%"


def _range(row: DivisionFigures) -> str:
    rate = row.rate
    if rate is None or rate.lower is None or rate.upper is None:
        return "—"
    return f"{100 * rate.lower:.0f}–{100 * rate.upper:.0f}%"


MEASURES: Final[dict[str, Measure]] = {
    "coverage": Measure("覆盖率", GOOD_HIGH, 1.0, lambda row: row.coverage, lambda row: _percent(row.coverage)),
    "doubt": Measure("疑点比例", BAD_HIGH, 0.2, lambda row: row.doubt_share, lambda row: _percent(row.doubt_share)),
    # a range has no one colour: that of its lower end accuses nobody of what was not seen
    "error": Measure("错保率下限", BAD_HIGH, 0.2, lambda row: row.rate.lower if row.rate else None, _range),
}


@dataclass(frozen=True)
class Patch:
    """One division on the picture; without a class nothing is known of it."""

    code: str
    name: str
    path: str
    words: str
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
        row = by_code.get(one.code)
        step = step_of(how.share(row), how) if row else None
        placed = shapely.transform(ground, place)
        middle = placed.representative_point()
        words = how.words(row) if row else "—"
        patches.append(Patch(one.code, _short(one.name), _path(placed), words, step, middle.x, middle.y))
    steps = [(step, step * how.top / (STEPS - 1)) for step in range(STEPS)]
    synthetic = sum(one.synthetic for one, _ in drawn)
    return Sketch(patches, how, steps, synthetic, len(patches) <= MOST_LABELS)


def _short(name: str) -> str:
    """Return a name without the word for its office.

    Examples
    --------
    >>> _short("宗堆社区居民委员会"), _short("东郊村")
    ('宗堆社区', '东郊村')
    """
    office = next((one for one in OFFICES if name.endswith(one)), "")
    return name.removesuffix(office) or name


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
