"""Where things lie: villages apart, houses in their own village, made-up boundaries that fit together."""

from itertools import combinations

import pytest
import shapely

from api.demo.boundaries import synthetic_grounds
from api.demo.ground import lay_out


@pytest.fixture(scope="module")
def middles(divisions):
    return lay_out([code for code in divisions if code.startswith("540222") and len(code) == 12])


@pytest.fixture(scope="module")
def grounds(middles):
    return synthetic_grounds(middles)


def test_villages_lie_apart_in_the_valleys_around_the_town(middles):
    assert len(middles) == 155
    assert min(one.distance_m(other) for one, other in combinations(middles.values(), 2)) >= 900
    for longitude, latitude in (spot.lonlat for spot in middles.values()):
        assert 89.0 < longitude < 90.3
        assert 28.5 < latitude < 29.3


def test_every_house_stands_on_its_own_villages_ground_and_near_its_middle(county, grounds, middles):
    for family in county.families:
        assert grounds[family.village].contains(shapely.Point(*family.home.lonlat)), family.code
        assert family.home.distance_m(middles[family.village]) <= 420


def test_villages_fill_their_township_and_townships_the_county_without_overlap(grounds):
    for whole in [code for code in grounds if len(code) in {6, 9}]:
        parts = [ground for code, ground in grounds.items() if code.startswith(whole) and len(code) == len(whole) + 3]
        assert sum(part.area for part in parts) == pytest.approx(grounds[whole].area, rel=1e-6)
    villages = [ground for code, ground in grounds.items() if len(code) == 12]
    assert shapely.union_all(villages).area == pytest.approx(sum(ground.area for ground in villages), rel=1e-6)
    assert all(ground.is_valid and ground.geom_type == "MultiPolygon" for ground in grounds.values())
