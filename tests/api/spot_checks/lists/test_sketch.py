"""The sketch on a team's paper is true: distances, order, north, and nothing hidden behind another mark."""

import math

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from api.spot_checks.lists.places import Point
from api.spot_checks.lists.sketch import EARTH_RADIUS_M, MARK, sketch_tour

START = Point(89.60, 28.90)


def north_of(point, metres):
    return Point(point.longitude, point.latitude + math.degrees(metres / EARTH_RADIUS_M))


def east_of(point, metres):
    return Point(
        point.longitude + math.degrees(metres / EARTH_RADIUS_M / math.cos(math.radians(point.latitude))), point.latitude
    )


def test_a_kilometre_is_as_long_as_the_bar_says_in_both_directions():
    sketch = sketch_tour(START, [(north_of(START, 2_000), True), (east_of(START, 2_000), True)])
    x, y = sketch.start
    north, east = sketch.marks
    per_unit = sketch.bar.metres / sketch.bar.length
    assert (y - north.y) * per_unit == pytest.approx(2_000, rel=1e-3)
    assert (east.x - x) * per_unit == pytest.approx(2_000, rel=1e-3)
    assert north.x == pytest.approx(x, abs=1e-6)
    assert north.y < y < sketch.height, "north is up"


def test_the_line_goes_out_in_the_order_of_the_day_and_back():
    stops = [(north_of(START, 500 * step), True) for step in (3, 1, 2)]
    sketch = sketch_tour(START, stops)
    assert sketch.line == [sketch.start, *((one.x, one.y) for one in sketch.marks), sketch.start]
    assert [one.number for one in sketch.marks] == [1, 2, 3]


def test_a_door_without_a_place_is_named_and_not_drawn():
    sketch = sketch_tour(START, [(None, False), (north_of(START, 400), False)])
    assert sketch.missing == [1]
    assert [(one.number, one.own_place) for one in sketch.marks] == [(2, False)]
    assert sketch_tour(START, [(None, False)]) is None
    assert sketch_tour(None, [(START, True)]).start is None


@settings(deadline=None, max_examples=60)
@given(st.lists(st.tuples(st.floats(-3_000, 3_000), st.floats(-3_000, 3_000)), min_size=1, max_size=12))
def test_every_number_stands_on_the_paper_and_none_hides_another(places):
    sketch = sketch_tour(START, [(east_of(north_of(START, y), x), True) for x, y in places])
    labels = [(one.label_x, one.label_y) for one in sketch.marks]
    assert all(0 < x < sketch.width and 0 < y < sketch.height for x, y in labels)
    pairs = [(one, other) for at, one in enumerate(labels) for other in labels[:at]]
    assert all(math.dist(one, other) >= 2 * MARK - 1e-6 for one, other in pairs)
