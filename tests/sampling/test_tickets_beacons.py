"""Public lotteries made elsewhere are read exactly as their own programs read them."""

import datetime as dt

import pytest

from sampling.tickets import (
    QUICKNET,
    MalformedEntropy,
    RoundOutOfRange,
    SampleAboveStratum,
    consistent_sampler_draw,
    consistent_sampler_ticket,
    drand_randomness,
    rfc3797_key,
    rfc3797_select,
)


def test_the_worked_example_of_rfc_3797():
    # RFC 3797, section 6
    key = rfc3797_key([9319, [2, 5, 12, 8, 10], [9, 18, 26, 34, 41, 45]])
    assert key == "9319./2.5.8.10.12./9.18.26.34.41.45./"
    assert rfc3797_select(key, 25, 16) == [17, 7, 2, 16, 25, 23, 8, 24, 19, 13, 22, 5, 18, 9, 1, 4]


def test_the_oracle_of_rfc_3797(oracle):
    data = oracle("rfc3797.json")
    key = rfc3797_key(data["inputs"]["sources"])
    assert key == data["expected"]["keystring"]
    rows = data["expected"]["rows"]
    assert rfc3797_select(key, data["inputs"]["N"], len(rows)) == [row["selected"] for row in rows]


def test_quicknet_rounds_and_times():
    at = int(dt.datetime(2026, 4, 20, tzinfo=dt.UTC).timestamp())
    assert QUICKNET.time_of(27946612) == at
    assert QUICKNET.round_at(at) == QUICKNET.round_at(at + 2) == 27946612
    assert QUICKNET.lies_ahead(27946612, at - 1)
    assert not QUICKNET.lies_ahead(27946612, at)
    with pytest.raises(RoundOutOfRange):
        QUICKNET.time_of(0)
    with pytest.raises(RoundOutOfRange):
        QUICKNET.round_at(QUICKNET.genesis - 1)


def test_randomness_is_the_hash_of_the_signature(oracle):
    data = oracle("drand_beacons.json")["expected"]
    for beacon in data["rounds"]:
        assert drand_randomness(beacon["signature"]) == beacon["randomness"]
    clock = data["quicknet"]
    assert (QUICKNET.genesis, QUICKNET.period) == (clock["genesis_time"], clock["period"])


def test_randomness_restated():
    # drand documentation, default chain, round 367
    signature = (
        "90957ebc0719f8bfb67640aff8ca219bf9f2c5240e60a8711c968d93370d38f87b38ed234a8c63863eb81f234efce55b"
        "047478848c0de025527b3d3476dfe860632c1b799550de50a6b9540463e9fb66c8016b89c04a9f52dabdc988e69463c1"
    )
    assert drand_randomness(signature) == "3439d92d58e47d342131d446a3abe264396dd264717897af30525c98408c834f"
    with pytest.raises(MalformedEntropy):
        drand_randomness("not hexadecimal")


def test_the_consistent_sampler_restated():
    # PyPI consistent_sampler 1.0.10, README: seed 314159, then seed 19283746 with replacement
    units = ["A-1", "A-2", "A-3", "B-1", "B-2", "B-3"]
    assert [unit for _, unit, _ in consistent_sampler_draw(units, "314159", 4)] == ["B-2", "B-3", "A-3", "A-2"]
    drawn = consistent_sampler_draw(["a1", "b2", "c3", "d4", "e5", "f6"], "19283746", 10, with_replacement=True)
    assert [unit for _, unit, _ in drawn] == ["e5", "b2", "c3", "b2", "b2", "c3", "b2", "a1", "a1", "f6"]
    with pytest.raises(SampleAboveStratum):
        consistent_sampler_draw(units, "314159", 7)


def test_the_oracle_of_the_consistent_sampler(oracle):
    data = oracle("consistent_sampler.json")
    expected = data["expected"]
    first = consistent_sampler_draw(data["inputs"]["readme_ids"], "314159", 4)
    assert [unit for _, unit, _ in first] == expected["readme1"]
    again = consistent_sampler_draw(["a1", "b2", "c3", "d4", "e5", "f6"], "19283746", 10, with_replacement=True)
    assert [[number[:11], unit, generation] for number, unit, generation in again] == expected["readme2"]
    assert consistent_sampler_ticket("AB-130", "01382438112797316654") == expected["first_fraction"]
    big = consistent_sampler_draw([f"H{i:05d}" for i in range(1000)], expected["big1000_seed"], 20)
    assert [unit for _, unit, _ in big] == expected["big1000_take20"]


def test_the_oracle_of_a_ballot_audit_with_replacement(oracle):
    data = oracle("arlo_draw_sample.json")
    units = [str((f"pct {batch}", i)) for batch in range(1, 5) for i in range(1, 26)]
    drawn = consistent_sampler_draw(units, data["inputs"]["seed"], data["inputs"]["take"], with_replacement=True)
    expected = data["expected"]["sample"]
    assert [[unit, generation] for _, unit, generation in drawn] == [[str(tuple(u)), g] for _, u, g in expected]
    assert all(ours.startswith(theirs) for (ours, _, _), (theirs, _, _) in zip(drawn, expected, strict=True))
