"""A certificate, the frame and the digits are enough: the stand-alone file and the library agree on every forgery."""

import json
import random
import shutil
import subprocess
import sys
from pathlib import Path

import pytest

import sampling
from sampling import Frame, Manifest, Plan, certificate_document, draw, verifier, verify_certificate
from sampling.certificate import canonical_file

NAMES = ("certificate.json", "frame.csv", "entropy.txt")
DICE = "31415926535897932384"
WRITTEN_DOWN = "３１４１５ 92653\n58979 32384\n"
STRATUM = "540222101|rural|1"


def certified(method="srs"):
    strata = ["540222100|urban|1"] * 9 + ["540222100|rural|2"] * 14 + [STRATUM] * 40 + ["5402221011|rural|1"] * 3
    leaves = [sampling.leaf_of(i.to_bytes(16, "big"), f"h-{i}") for i in range(len(strata))]
    column = {"pareto": "size", "systematic": "order"}.get(method)
    frame = Frame.build(leaves, strata, **({column: [1 + (7 * i) % 50 for i in range(len(strata))]} if column else {}))
    plan = Plan.of(frame, {s: max(2, -(-30 * n // 100)) for s, n in frame.counts.items()}, method=method)
    manifest = Manifest.of(frame, plan, draw_id="county-1", entropy_rule="dice:20")
    document = certificate_document(
        plan, draw(frame, plan, manifest, DICE), published_at="2018-06-20T02:00:00Z", software="ruhu 1.0"
    )
    return [canonical_file(document), frame.to_bytes(), WRITTEN_DOWN.encode()]


def both(files):
    """Return what the stand-alone file and the library find."""
    try:
        verifier.check_certificate(*files)
        alone = "same"
    except verifier.Different as difference:
        alone = str(difference)
    verdict = verify_certificate(files[0], files[1], files[2].decode("utf-8-sig", "replace"))
    return alone, "same" if verdict else verdict.difference


@pytest.mark.parametrize("method", ["srs", "pareto", "systematic"])
def test_the_stand_alone_file_says_same_in_an_empty_directory(tmp_path, method):
    files = certified(method)
    shutil.copy(Path(verifier.__file__), tmp_path / "verifier.py")
    for name, data in zip(NAMES, files, strict=True):
        (tmp_path / name).write_bytes(data)
    answer = subprocess.run(
        [sys.executable, "-I", "verifier.py", *NAMES], cwd=tmp_path, capture_output=True, check=False, encoding="utf-8"
    )
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout.startswith("一致 same\n")
    assert json.loads(files[0])["manifest_sha256"] in answer.stdout
    assert both(files) == ("same", "same")


def test_other_digits_than_those_thrown_are_found():
    files = [*certified()[:2], DICE[::-1].encode()]
    alone, library = both(files)
    assert "the text says 48323979853562951413" in alone
    assert "the digits given are 48323979853562951413" in library


def test_no_flipped_bit_of_certificate_or_frame_passes_either():
    files, chance = certified("pareto"), random.Random(6)
    certificate = files[0].decode()
    # who wrote it with what, and when the promise was published, no file can prove
    free = {
        place
        for begin, end in (('"published_at":"', '","seed"'), ('"software":"', '","spec"'))
        for place in range(certificate.index(begin) + len(begin), certificate.index(end))
    }
    for which, data in enumerate(files[:2]):
        for place in chance.sample(range(len(data)), 120):
            if which == 0 and place in free:
                continue
            flipped = bytearray(data)
            flipped[place] ^= 1 << chance.randrange(8)
            alone, library = both([*files[:which], bytes(flipped), *files[which + 1 :]])
            assert "same" not in {alone, library}, (NAMES[which], place)


def spoil(document, path, value):
    *steps, last = path
    for step in steps:
        document = document[step]
    document[last] = value


@pytest.mark.parametrize(
    ("path", "value", "says"),
    [
        (("strata", STRATUM, "sample", 3, "ticket"), "0" * 64, "ticket"),
        (("strata", STRATUM, "sample", 3, "leaf"), "0" * 64, "place 4"),
        (("strata", STRATUM, "chance"), "1/2", "chance"),
        (("strata", STRATUM, "n"), 11, "SHA-256"),
        (("strata", STRATUM, "reserve"), [], "SHA-256"),
        (("strata", STRATUM, "sample"), "all", "list"),
        (("strata", STRATUM, "sample"), [{"leaf": "0"}], "keys"),
        (("strata", STRATUM), {}, "keys"),
        (("strata",), [], "strata"),
        (("cells", 0, "least"), 1, "cells"),
        (("floors", "county"), 29, "SHA-256"),
        (("manifest_sha256",), "0" * 64, "manifest_sha256"),
        (("manifest", "draw_id"), "another", "manifest_sha256"),
        (("manifest",), {}, "manifest"),
        (("seed",), "0" * 64, "seed"),
        (("entropy",), DICE[::-1], "seed"),
        (("spec",), "ruhu-draw/2", ""),
        (("remark",), "trust me", "keys"),
    ],
)
def test_a_changed_certificate_is_found_by_both(path, value, says):
    files = certified()
    document = json.loads(files[0])
    spoil(document, path, value)
    alone, library = both([canonical_file(document), *files[1:]])
    assert says in alone
    assert "same" not in {alone, library}


def test_bytes_that_are_no_certificate_are_a_difference_and_no_crash():
    files = certified()
    for nonsense in (b"", b"\xff", b"[]\n", b"{}\n", b'{"strata":{}}\n', files[1]):
        alone, library = both([nonsense, *files[1:]])
        assert "same" not in {alone, library}
    alone, library = both([*files[:2], b"\xff\xfe"])
    assert "same" not in {alone, library}
