"""Whatever is asked of a layer is answered or refused in words, never with a failure; and what is answered is right."""

import os
import re
from datetime import UTC, datetime, timedelta

import pytest
import world
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from api.evidence_map.ogc.layers import LAYERS

EXAMPLES = 500 if os.environ.get("RUHU_SOAK") else 25
MANY = settings(
    max_examples=EXAMPLES, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]  # they only read
)  # fmt: skip
CHINESE = re.compile(r"[\u4e00-\u9fff]")
NAMES = (
    "limit", "bbox", "bbox-crs", "crs", "datetime", "after", "offset", "f", "area", "kind", "state", "rule", "doubt",
    "drawn", "band", "search", "household", "purpose", "county_code", "township_code", "village_code", "township",
    "village", "worker_id", "severity", "scheme", "code", "level", "parent_code", "nonsense", "answers",
)  # fmt: skip

numbers = st.one_of(
    st.floats(allow_nan=True, allow_infinity=True).map(repr),
    st.integers().map(str),
    st.sampled_from(["", " 89", "89.5", "28.9", "-180", "180", "-90", "90", "1e400", "1e-7", "-0", "+1", "٣", "0x10",
                     "1_0", "--1", "NaN", "-inf"]),
)  # fmt: skip
boxes = st.lists(numbers, max_size=8).map(",".join)
moments = st.one_of(
    st.datetimes().map(datetime.isoformat),
    st.datetimes(timezones=st.timezones()).map(datetime.isoformat),
    st.dates().map(lambda day: day.isoformat()),
    st.sampled_from(["..", "", "now", "P1D", "2026-W30", "2026-07-01T24:00:00Z", "0001-01-01T00:00:00+23:59",
                     "9999-12-31T23:59:59-23:59", "2026-07-01T00:00:60Z", "20260701", "2026-07"]),
)  # fmt: skip
intervals = st.lists(moments, max_size=4).map("/".join)
words = st.one_of(
    st.text(max_size=40),
    st.sampled_from([world.COUNTY, world.TOWNSHIP, world.VILLAGE, "540222-" + "0" * 32, "540222-", "visit", "%", "_",
                     "'", "accepted", "yes", "doubt", "http://www.opengis.net/def/crs/OGC/1.3/CRS84", "json", "\0"]),
)  # fmt: skip
values = {"limit": numbers, "bbox": boxes, "datetime": intervals}
pairs = st.sampled_from(NAMES).flatmap(lambda name: st.tuples(st.just(name), values.get(name, words)))


@given(layer=st.sampled_from([*LAYERS, "nothing", "é", "%2e"]), asked=st.lists(pairs, max_size=4))
@MANY
def test_any_question_is_answered_or_refused_in_chinese(visits, ask, layer, asked):
    assert visits
    query = {}
    for name, value in asked:
        query.setdefault(name, []).append(value)
    answer = ask("county", f"/collections/{layer}/items", **query)
    if answer.status_code == 200:
        assert answer.content_type == "application/geo+json"
        assert answer.json["numberReturned"] == len(answer.json["features"])
        return
    unstorable = any("\0" in value for _, value in asked)  # refused before anything is looked for
    assert answer.status_code == (404 if layer not in LAYERS and not unstorable else 400), answer.text
    assert answer.content_type == "application/problem+json"
    assert answer.json["status"] == answer.status_code
    assert CHINESE.search(answer.json["detail"]), answer.text


east = st.one_of(st.floats(-180, 180), st.floats(89, 90), st.sampled_from([89.9, 89.6, 1e-7, -180.0, 180.0]))
north = st.one_of(st.floats(-90, 90), st.floats(28, 29), st.sampled_from([28.95, 28.9, 1e-7, -90.0, 90.0]))
long_ago = datetime(2019, 1, 1, tzinfo=UTC)
moment = st.one_of(
    st.none(), st.integers(0, 8 * 365 * 86_400).map(lambda seconds: long_ago + timedelta(seconds=seconds))
)
questions = st.fixed_dictionaries({
    "west": east, "east": east, "ends": st.tuples(north, north).map(sorted), "limit": st.integers(1, 10),
    "heights": st.booleans(), "times": st.tuples(moment, moment),
})  # fmt: skip


@given(asked=questions)
@MANY
def test_a_box_and_an_interval_keep_what_a_plain_loop_keeps(visits, ask, ids_of, asked):
    assert visits
    west, east, (south, north) = asked["west"], asked["east"], asked["ends"]
    since, until = sorted(asked["times"]) if None not in asked["times"] else asked["times"]

    def kept(feature):
        x, y = feature["geometry"]["coordinates"]
        across = west <= x <= east if west <= east else x >= west or x <= east
        seen_at = datetime.fromisoformat(feature["properties"]["collected_at"] or feature["properties"]["received_at"])
        second = timedelta(seconds=1)  # a layer writes whole seconds
        if any(end is not None and abs(end - seen_at) <= second for end in (since, until)):
            return None
        return (
            across and south <= y <= north and (since is None or since < seen_at) and (until is None or seen_at < until)
        )

    everything = ask("county", "/collections/evidence/items").json["features"]
    expected = {feature["id"]: kept(feature) for feature in everything}
    box = [west, south, 0, east, north, 9000] if asked["heights"] else [west, south, east, north]
    query = {"bbox": ",".join(map(repr, box)), "limit": str(asked["limit"])}
    if since is not None or until is not None:
        query["datetime"] = "/".join(".." if end is None else end.isoformat() for end in (since, until))
    found = ids_of("county", "evidence", **query)
    assert len(found) == len(set(found))
    unsure = {name for name, wanted in expected.items() if wanted is None}
    assert set(found) - unsure == {name for name, wanted in expected.items() if wanted}


@pytest.mark.parametrize("box", ["89.9,28.95,89.9,28.95", "89.9,-90,89.9,90", "-180,28.95,180,28.95"])
def test_a_box_without_width_keeps_what_lies_on_it(visits, ids_of, box):
    assert visits["here-6"] in ids_of("county", bbox=box)
    assert visits["here-1"] not in ids_of("county", bbox=box)
