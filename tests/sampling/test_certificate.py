"""Plan, manifest and draw: what was promised is what is drawn, and a chain of draws cannot be bent."""

import json

import numpy as np
import pytest

from sampling import (
    Frame,
    Manifest,
    Plan,
    PlannedStratum,
    certificate_document,
    check_chain,
    draw,
    leaf_of,
    plan_probabilities,
    ticket,
)
from sampling.allocation import FloorBelowLaw
from sampling.certificate import (
    BrokenChain,
    FloorNotKept,
    MalformedManifest,
    MalformedPlan,
    NotCanonical,
    NotWhatWasPublished,
    PlanDoesNotFit,
    canonical_json,
    parse_canonical,
    sha256_of,
)
from sampling.tickets import MalformedEntropyRule, TooFewDigits

DICE = "31415926535897932384"
RURAL, URBAN = "540222100|rural|1", "540222100|urban|1"


def a_frame(**extra):
    leaves = [leaf_of(bytes([i]) * 16, f"h-{i}") for i in range(30)]
    return Frame.build(leaves, [RURAL] * 20 + [URBAN] * 10, **extra)


def a_draw(method="srs", **extra):
    frame = a_frame(**extra)
    plan = Plan.of(frame, {RURAL: 6, URBAN: 3}, method=method)
    manifest = Manifest.of(frame, plan, draw_id="540222-1", entropy_rule="dice:20")
    return frame, plan, manifest, draw(frame, plan, manifest, DICE)


def test_the_documents_are_as_the_specification_writes_them():
    frame, plan, manifest, drawn = a_draw()
    stratum = {"N": 20, "method": "srs", "n": 6, "reserve": 6}
    assert json.loads(plan.to_bytes()) == {
        "spec": "ruhu-draw/1",
        "floors": {"county": 30, "scheme": 30, "township": 30},
        "strata": {RURAL: stratum, URBAN: {"N": 10, "method": "srs", "n": 3, "reserve": 3}},
    }
    assert json.loads(manifest.to_bytes()) == {
        "spec": "ruhu-draw/1",
        "draw_id": "540222-1",
        "frame_sha256": frame.fingerprint,
        "plan_sha256": plan.sha256,
        "entropy_rule": "dice:20",
        "previous_manifest_sha256": "",
    }
    given = json.loads(drawn.to_bytes())
    assert set(given) == {"manifest", "entropy", "seed", "strata"}
    assert [len(given["strata"][s][k]) for s in (RURAL, URBAN) for k in ("sample", "reserve")] == [6, 6, 3, 3]
    assert drawn.to_bytes().endswith(b"}\n")
    assert b" " not in drawn.to_bytes()
    assert Plan.parse(plan.to_bytes()) == plan
    assert Manifest.parse(manifest.to_bytes()) == manifest


def test_hashes_leave_the_final_newline_out():
    assert sha256_of({"a": 1}) == "015abd7f5cc57a2dd94b7590f04ad8084273905ee33ec5cebeae62276a97f862"  # ruhu-draw/1


def test_the_certificate_carries_tickets_floors_and_chances():
    _, plan, _, drawn = a_draw()
    document = certificate_document(plan, drawn, published_at="2018-06-20T02:00:00Z", software="ruhu 0.1.0")
    assert {"cell": "township 540222100|rural", "N": 20, "n": 6, "least": 6} in document["cells"]
    assert document["strata"][URBAN]["chance"] == "3/10"
    entries = document["strata"][RURAL]["sample"] + document["strata"][RURAL]["reserve"]
    assert [e["ticket"] for e in entries] == sorted(e["ticket"] for e in entries)
    assert entries[0]["ticket"] == f"{ticket(drawn.seed, entries[0]['leaf']):064x}"
    assert canonical_json(document)


@pytest.mark.parametrize(("method", "column"), [("srs", None), ("systematic", "order"), ("pareto", "size")])
def test_chances_are_known_positive_and_sum_to_the_sample(method, column):
    extra = {column: [1, 50, *range(1, 29)]} if column else {}
    frame, plan, _, drawn = a_draw(method, **extra)
    chances = plan_probabilities(frame, plan)
    assert chances.sum() == pytest.approx(9, rel=1e-12)
    assert np.all((chances > 0) & (chances <= 1))
    assert len(drawn.sample) == len(set(drawn.sample)) == 9
    certain = {leaf.decode() for leaf in frame.leaf[chances == 1].tolist()}
    assert certain <= set(drawn.sample)


def test_entropy_is_normalised_before_it_is_written():
    frame, plan, manifest, drawn = a_draw()
    wide = draw(frame, plan, manifest, "３１４１５９２６５３ 5897932384")
    assert wide.to_bytes() == drawn.to_bytes()
    assert len(wide.normalised) == 2


def test_another_frame_or_plan_than_the_published_one_is_not_drawn():
    frame, plan, manifest, _ = a_draw()
    with pytest.raises(NotWhatWasPublished, match="frame"):
        draw(a_frame(order=range(30)), plan, manifest, DICE)
    with pytest.raises(NotWhatWasPublished, match="plan"):
        draw(frame, Plan.of(frame, {RURAL: 7, URBAN: 3}), manifest, DICE)
    with pytest.raises(TooFewDigits):
        draw(frame, plan, manifest, DICE[:-1])


def test_a_later_draw_names_the_one_before():
    frame, plan, first, _ = a_draw()
    second = Manifest.of(frame, plan, draw_id="540222-2", entropy_rule="dice:20", previous=first)
    third = Manifest.of(frame, plan, draw_id="540222-3", entropy_rule="dice:20", previous=second)
    check_chain([first, second, third])
    check_chain([])
    for broken, number in (
        ([second, third], 1),
        ([first, third], 2),
        ([first, second, second], 3),
        ([first, first], 2),
    ):
        with pytest.raises(BrokenChain, match=f"manifest {number}"):
            check_chain(broken)
    again = Manifest.of(frame, plan, draw_id="540222-1", entropy_rule="dice:20", previous=second)
    with pytest.raises(BrokenChain, match="540222-1"):
        check_chain([first, second, again])


@pytest.mark.parametrize(
    ("refusal", "strata", "floors", "names"),
    [
        (FloorNotKept, {RURAL: PlannedStratum(20, 5), URBAN: PlannedStratum(10, 6)}, {}, "at least 6"),
        (FloorNotKept, {RURAL: PlannedStratum(20, 6), URBAN: PlannedStratum(10, 2)}, {}, "at least 9"),
        (FloorNotKept, {RURAL: PlannedStratum(20, 6), URBAN: PlannedStratum(10, 3)}, {"county": 31}, "at least 10"),
        (FloorNotKept, {RURAL: PlannedStratum(20, 6), "1|rural|2": PlannedStratum(3, 1)}, {}, "take at least"),
        (FloorBelowLaw, {RURAL: PlannedStratum(20, 20)}, {"township": 29}, "township"),
        (FloorBelowLaw, {RURAL: PlannedStratum(20, 20)}, {"scheme": "30"}, "scheme"),
        (MalformedPlan, {RURAL: PlannedStratum(20, 20)}, {"village": 30}, "village"),
        (MalformedPlan, {}, {}, "no strata"),
        (MalformedPlan, {RURAL: PlannedStratum(20, 6, 15)}, {}, "above N"),
        (MalformedPlan, {RURAL: PlannedStratum(20, -1)}, {}, "whole numbers"),
        (MalformedPlan, {RURAL: PlannedStratum(20, 6.0)}, {}, "whole numbers"),
        (MalformedPlan, {RURAL: PlannedStratum(0, 0)}, {}, "whole numbers"),
        (MalformedPlan, {RURAL: PlannedStratum(20, 6, 0, "cube")}, {}, "cube"),
        (MalformedPlan, {"rural": PlannedStratum(20, 6)}, {}, "rural"),
    ],
)
def test_a_plan_below_the_law_or_out_of_shape_is_refused(refusal, strata, floors, names):
    with pytest.raises(refusal, match=names):
        Plan(strata, {"county": 30, "scheme": 30, "township": 30} | floors)


def test_a_plan_of_other_strata_or_sizes_does_not_fit():
    frame = a_frame()
    with pytest.raises(PlanDoesNotFit):
        Plan.of(frame, {RURAL: 6})
    other = Plan({RURAL: PlannedStratum(20, 6), URBAN: PlannedStratum(9, 3)})
    with pytest.raises(PlanDoesNotFit, match="N = 9"):
        Manifest.of(frame, other, draw_id="1", entropy_rule="dice:20")
    with pytest.raises(PlanDoesNotFit):
        plan_probabilities(frame, other)


@pytest.mark.parametrize(
    ("refusal", "changes"),
    [
        (MalformedManifest, {"draw_id": ""}),
        (MalformedManifest, {"draw_id": 7}),
        (MalformedManifest, {"frame_sha256": ""}),
        (MalformedManifest, {"plan_sha256": "A" * 64}),
        (MalformedManifest, {"previous_manifest_sha256": "a"}),
        (MalformedManifest, {"previous_manifest_sha256": 0}),
        (MalformedManifest, {"entropy_rule": 20}),
        (MalformedEntropyRule, {"entropy_rule": "dice:6"}),
    ],
)
def test_a_manifest_that_promises_nothing_is_refused(refusal, changes):
    good = {"draw_id": "1", "frame_sha256": "a" * 64, "plan_sha256": "b" * 64, "entropy_rule": "dice:20"}
    with pytest.raises(refusal):
        Manifest(**(good | changes))


@pytest.mark.parametrize(
    "data",
    [
        b'{"a":1}',
        b'{"a": 1}\n',
        b'{"a":1}\n\n',
        b'{"b":1,"a":2}\n',
        b'{"a":1,"a":1}\n',
        b'{"a":1.0}\n',
        b'{"a":null}\n',
        b'{"a":true}\n',
        b'{"a":NaN}\n',
        '{"a":"é"}\n'.encode(),
        b"\xff\n",
        b"",
        b"[" * 100_000,
    ],
)
def test_json_written_in_any_other_way_is_refused(data):
    with pytest.raises(NotCanonical, match=r"plan\.json"):
        parse_canonical(data, "plan.json")
    with pytest.raises(NotCanonical):
        Plan.parse(data)


def test_only_text_is_a_key():
    with pytest.raises(NotCanonical, match="key 1"):
        canonical_json({1: 2})


@pytest.mark.parametrize(
    ("kind", "data"),
    [
        (Plan, b"[]\n"),
        (Plan, b'{"floors":{},"spec":"ruhu-draw/2","strata":{}}\n'),
        (Plan, b'{"floors":[],"spec":"ruhu-draw/1","strata":{}}\n'),
        (Plan, b'{"floors":{},"spec":"ruhu-draw/1","strata":{"1|r|b":{"N":1}}}\n'),
        (Manifest, b'"manifest"\n'),
        (Manifest, b'{"spec":"ruhu-draw/1"}\n'),
    ],
)
def test_canonical_json_of_something_else_is_refused(kind, data):
    with pytest.raises((MalformedPlan, MalformedManifest)):
        kind.parse(data)


@pytest.mark.parametrize("method", ["pareto", "systematic"])
def test_a_design_without_its_column_is_refused_before_anything_is_published(method):
    frame = a_frame()
    plan = Plan.of(frame, {RURAL: 6, URBAN: 3}, method=method)
    with pytest.raises(PlanDoesNotFit, match="the frame has none"):
        Manifest.of(frame, plan, draw_id="1", entropy_rule="dice:20")
