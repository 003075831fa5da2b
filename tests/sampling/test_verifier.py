"""A stranger with Python alone can check a draw, and the stand-alone verifier and the library never disagree."""

import hashlib
import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sampling
from sampling import Frame, Manifest, Plan, PlannedStratum, draw, verifier, verify
from sampling.certificate import canonical_file, sha256_of

NAMES = ("frame.csv", "plan.json", "manifest.json", "draw.json")
DICE = "31415926535897932384"


def drawn(method="srs", rule="dice:20", entropy=DICE, sizes=(13, 1, 2, 40)):
    strata = [
        f"54022210{t}|{s}|{b}" for t, s, b in ((0, "rural", 1), (0, "rural", 2), (0, "urban", 1), (1, "rural", 1))
    ]
    names = [name for name, size in zip(strata, sizes, strict=True) for _ in range(size)]
    leaves = [sampling.leaf_of(i.to_bytes(16, "big"), f"h-{i}") for i in range(len(names))]
    column = {"pareto": "size", "systematic": "order"}.get(method)
    extra = {column: [1 + (7 * i) % 50 + (2000 if i == 20 else 0) for i in range(len(names))]} if column else {}
    frame = Frame.build(leaves, names, **extra)
    planned = {
        s: PlannedStratum(n, min(n, max(min(n, 2), -(-30 * n // 100))), n // 5, method)
        for s, n in zip(strata, sizes, strict=True)
    }
    plan = Plan(planned)
    manifest = Manifest.of(frame, plan, draw_id="county-1", entropy_rule=rule)
    result = draw(frame, plan, manifest, entropy)
    return [frame.to_bytes(), plan.to_bytes(), manifest.to_bytes(), result.to_bytes()]


def alone(folder, files):
    """Run the shipped file with nothing but Python, in an empty directory."""
    shutil.copy(Path(verifier.__file__), folder / "verifier.py")
    for name, data in zip(NAMES, files, strict=True):
        (folder / name).write_bytes(data)
    command = [sys.executable, "-I", "verifier.py", *NAMES]
    return subprocess.run(command, cwd=folder, capture_output=True, check=False, encoding="utf-8")


def stand_alone_verdict(files):
    try:
        verifier.check(*files)
    except verifier.Different as difference:
        return str(difference)
    return "same"


def rewritten(files, **changes):
    """Change documents and mend every hash after them, as a forger would."""
    plan, manifest, given = (json.loads(f) for f in files[1:])
    for path, value in changes.items():
        document, *steps = path.split("__")
        target = {"plan": plan, "manifest": manifest, "draw": given}[document]
        for step in steps[:-1]:
            target = target[step.replace("~", "|")]
        target[steps[-1].replace("~", "|")] = value
    manifest["plan_sha256"] = sha256_of(plan)
    given["manifest"] = manifest
    given["seed"] = sampling.seed_of(sha256_of(manifest), given["entropy"]).hex()
    return [files[0], *map(canonical_file, (plan, manifest, given))]


@pytest.mark.parametrize("method", ["srs", "pareto", "systematic"])
def test_the_stand_alone_file_says_same_in_an_empty_directory(tmp_path, method):
    answer = alone(tmp_path, drawn(method))
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("一致 same\n")
    assert verify(*drawn(method)).same


def test_a_changed_sample_is_named_by_stratum_and_place(tmp_path):
    files = drawn()
    given = json.loads(files[3])
    given["strata"]["540222101|rural|1"]["sample"][4] = given["strata"]["540222101|rural|1"]["reserve"][0]
    answer = alone(tmp_path, [*files[:3], canonical_file(given)])
    assert answer.returncode == 1
    assert "540222101|rural|1, sample: place 5" in answer.stdout


def test_usage_and_missing_files_are_told_apart_from_differences(tmp_path):
    shutil.copy(Path(verifier.__file__), tmp_path / "verifier.py")
    for arguments, expected in (((), "用法"), (NAMES, "无法读取")):
        command = [sys.executable, "-I", "verifier.py", *arguments]
        answer = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")
        assert answer.returncode == 2
        assert expected in answer.stdout


def test_no_flipped_bit_of_any_file_passes_either_verifier():
    files = drawn("pareto", rule="lottery:ssq:2026140|dice:20", entropy=f"05121723283107|{DICE}")
    chance = random.Random(5)
    for which, data in enumerate(files):
        for place in [0, len(data) - 1, *chance.sample(range(len(data)), 60)]:
            flipped = bytearray(data)
            flipped[place] ^= 1 << chance.randrange(8)
            changed = [*files[:which], bytes(flipped), *files[which + 1 :]]
            assert not verify(*changed), (NAMES[which], place)
            assert stand_alone_verdict(changed) != "same", (NAMES[which], place)


STRATUM = "540222101~rural~1"


@pytest.mark.parametrize(
    ("changes", "names"),
    [
        ({"plan__floors__county": 29}, "percent"),
        ({f"plan__strata__{STRATUM}__n": 11}, "at least 17"),
        ({f"plan__strata__{STRATUM}__N": 41}, "41"),
        ({"plan__strata__540222100~rural~2__n": 0}, "at least 1"),
        ({f"plan__strata__{STRATUM}__method": "convenience"}, "convenience"),
        ({f"plan__strata__{STRATUM}__method": "pareto"}, ""),
        ({f"plan__strata__{STRATUM}__reserve": 39}, "39"),
        ({"plan__spec": "ruhu-draw/2"}, "plan"),
        ({"manifest__entropy_rule": "dice:19"}, "dice"),
        ({"manifest__entropy_rule": "the weather"}, "the weather"),
        ({"manifest__draw_id": " "}, "draw_id"),
        ({"manifest__previous_manifest_sha256": "abc"}, ""),
        ({"draw__entropy": DICE[:19]}, "19"),
        ({"draw__entropy": "x" * 20}, "xxx"),
        ({"draw__entropy": f"1|{DICE}"}, "2"),
        ({"draw__strata__540222100~rural~1__sample": "all"}, "540222100|rural|1, sample"),
        ({"draw__strata__540222100~rural~1__reserve": []}, "540222100|rural|1, reserve"),
        ({"draw__strata": {}}, "strata"),
    ],
)
def test_a_forger_who_mends_every_hash_is_still_found_by_both(changes, names):
    files = rewritten(drawn(), **changes)
    library, alone_says = verify(*files), stand_alone_verdict(files)
    assert not library.same
    assert names in library.difference
    assert names in alone_says
    assert alone_says != "same"


@pytest.mark.parametrize(
    "spoil",
    [
        lambda data: b"\xef\xbb\xbf" + data,
        lambda data: data.replace(b"\n", b"\r\n"),
        lambda data: data[:-1],
        lambda data: data + b"\n",
        lambda data: data.replace(b"leaf,stratum", b"stratum,leaf", 1),
        lambda data: b"\n".join([*data.split(b"\n")[:2], *data.split(b"\n")[1:]]),
        lambda data: b"\n".join([data.split(b"\n")[0], *sorted(data.split(b"\n")[1:-1], reverse=True), b""]),
        lambda data: data.replace(b"rural", "ru\u0308ral".encode()),
        lambda data: data.replace(b"rural", b"\xff"),
        lambda data: data.replace(b"|rural|", b"|rural "),
        lambda data: data.split(b"\n")[0] + b"\n",
    ],
)
def test_a_frame_file_in_another_form_is_refused_by_both_even_with_its_own_hash(spoil):
    files = drawn()
    spoilt = spoil(files[0])
    manifest = json.loads(files[2])
    manifest["frame_sha256"] = hashlib.sha256(spoilt).hexdigest()
    changed = [spoilt, files[1], canonical_file(manifest), files[3]]
    assert "frame.csv" in verify(*changed).difference
    assert "frame.csv" in stand_alone_verdict(changed)


def test_the_manifest_inside_the_draw_must_be_the_published_one():
    files, other = drawn(), drawn(rule="dice:21", entropy=DICE + "6")
    mixed = [*files[:2], other[2], files[3]]
    assert "another manifest" in verify(*mixed).difference
    assert "another manifest" in stand_alone_verdict(mixed)
