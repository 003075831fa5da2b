"""A statistician with files and no server can plan, draw, verify and estimate."""

import csv
import json
import subprocess
import sys

import pytest

from sampling.__main__ import main
from sampling.certificate import Plan, plan_probabilities
from sampling.frame import read_frame

DICE = "31415926535897932384"


@pytest.fixture
def roll(tmp_path):
    path = tmp_path / "roll.csv"
    with path.open("w", encoding="utf-8-sig", newline="") as file:  # as a spreadsheet saves it
        writer = csv.writer(file)
        writer.writerow(["household_code", "township", "scheme", "band"])
        for i in range(200):
            writer.writerow([f"540222100201-{i:04d}", f"54022210{i % 2}", "rural", ["高", "中", "低"][i % 3]])
    return path


@pytest.fixture
def planned(roll, tmp_path, capsys):
    out = plan_to(tmp_path / "draw-1", roll)
    capsys.readouterr()
    return out


def plan_to(out, roll):
    answer = main(
        ["plan", "--roll", str(roll), "--draw-id", "540222-1", "--band", "高=60", "--total", "90", "--out", str(out)]
    )
    assert answer == 0
    return out


def the_draw(folder, *more, entropy=DICE):
    files = [part for name in ("frame", "plan", "manifest") for part in (f"--{name}", file_of(folder, name))]
    return ["draw", *files, "--entropy", entropy, "--out", str(folder / "draw.json"), *more]


def file_of(folder, name):
    return str(folder / (f"{name}.csv" if name == "frame" else f"{name}.json"))


def test_from_a_roll_to_a_verified_draw_and_an_estimate(roll, tmp_path, capsys):
    planned = plan_to(tmp_path / "draw-1", roll)
    told = capsys.readouterr().out
    assert "承诺书指纹" in told
    assert "合计 total 90 户" in told
    assert "township 540222100|rural" in told
    visits = planned / "visits.csv"
    assert main(the_draw(planned, "--key", str(planned / "key.csv"), "--list", str(visits), entropy=f" {DICE}")) == 0
    assert "white space removed: 1" in capsys.readouterr().out
    with visits.open(encoding="utf-8") as file:
        rows = list(csv.DictReader(file))
    sample = [row for row in rows if row["kind"] == "sample"]
    assert len(sample) == 90
    assert len({row["household_code"] for row in rows}) == len(rows)
    assert main(["verify", *(file_of(planned, name) for name in ("frame", "plan", "manifest", "draw"))]) == 0
    assert capsys.readouterr().out.startswith("一致 same\n")
    with (planned / "found.csv").open("w", encoding="utf-8", newline="") as file:
        writer = csv.writer(file)
        writer.writerow(["leaf", "finding", "amount"])
        writer.writerows([row["leaf"], int(i % 10 == 0), 1200 * (i % 10 == 0)] for i, row in enumerate(sample))
    asked = ["--plan", file_of(planned, "plan"), "--draw", file_of(planned, "draw")]
    assert main(["estimate", *asked, "--visits", str(planned / "found.csv"), "--amount"]) == 0
    told = capsys.readouterr().out
    assert "抽中 drawn 90 户，完成 completed 90 户" in told
    assert "540222101|rural" in told
    assert "band 高" in told
    assert "金额合计" in told


def test_a_changed_draw_is_told_from_the_same_one(planned, capsys):
    assert main(the_draw(planned)) == 0
    given = json.loads((planned / "draw.json").read_bytes())
    next(iter(given["strata"].values()))["sample"].reverse()
    (planned / "draw.json").write_text(json.dumps(given, sort_keys=True, separators=(",", ":")) + "\n")
    assert main(["verify", *(file_of(planned, name) for name in ("frame", "plan", "manifest", "draw"))]) == 1
    assert "place 1" in capsys.readouterr().out


def test_a_certificate_is_written_and_verified_with_the_frame_and_the_digits(planned, capsys):
    certificate, digits = planned / "certificate.json", planned / "entropy.txt"
    when = ("--published-at", "2018-06-20T02:00:00Z")
    assert main(the_draw(planned, "--certificate", str(certificate), *when)) == 0
    assert json.loads(certificate.read_bytes())["published_at"] == when[1]
    digits.write_text(f" {DICE}\n")
    capsys.readouterr()
    assert main(["verify", str(certificate), file_of(planned, "frame"), str(digits)]) == 0
    assert capsys.readouterr().out.startswith("一致 same\n承诺书指纹 manifest: ")
    digits.write_text(DICE[::-1])
    assert main(["verify", str(certificate), file_of(planned, "frame"), str(digits)]) == 1
    assert "the digits given are" in capsys.readouterr().out
    assert main(["verify", str(certificate)]) == 2
    assert "give the four public files" in capsys.readouterr().err


def test_a_draw_is_never_written_over(planned, capsys):
    assert main(the_draw(planned)) == 0
    assert main(the_draw(planned, entropy=DICE[::-1])) == 2
    assert "is there already" in capsys.readouterr().err


def test_a_second_draw_of_a_frame_names_the_first(planned, tmp_path):
    again = tmp_path / "draw-2"
    arguments = ["--frame", file_of(planned, "frame"), "--previous", file_of(planned, "manifest"), "--out", str(again)]
    assert main(["plan", *arguments, "--draw-id", "540222-2", "--certain", "540222100|rural|高"]) == 0
    second = json.loads((again / "manifest.json").read_bytes())
    assert len(second["previous_manifest_sha256"]) == 64
    assert json.loads((again / "plan.json").read_bytes())["strata"]["540222100|rural|高"]["n"] == 34
    assert not (again / "key.csv").exists()


def test_what_cannot_be_done_is_said_and_nothing_is_written(roll, tmp_path, capsys):
    out = tmp_path / "never"
    base = ["plan", "--roll", str(roll), "--draw-id", "1", "--out", str(out)]
    for more, told in (
        (["--total", "9"], "the floors ask for"),
        (["--county", "20"], "30"),
        (["--band", "高"], "band=percent"),
        (["--entropy-rule", "dice:6"], "20"),
        (["--previous", str(tmp_path / "no.json")], "no.json"),
        (["--method", "pareto"], "needs a size"),
        (["--spread", str(roll)], "stratum, spread"),
    ):
        assert main([*base, *more]) == 2
        assert told in capsys.readouterr().err
        assert not out.exists()


@pytest.mark.parametrize(
    ("text", "told"),
    [
        (b"\xff\xfe", "UTF-8"),
        (b"code\n1\n", "household_code"),
        (b"household_code,stratum\n", "no rows"),
        (b"household_code,township\n1,2\n", "scheme"),
        (b"household_code,stratum,size\n1,1|r|b,many\n", "whole number"),
        (b"household_code,stratum\n1\n2,1|r|b\n", "stratum"),
    ],
)
def test_a_roll_that_cannot_be_read_is_refused_with_its_fault(tmp_path, capsys, text, told):
    (tmp_path / "roll.csv").write_bytes(text)
    arguments = ["--roll", str(tmp_path / "roll.csv"), "--draw-id", "1", "--out", str(tmp_path / "out")]
    assert main(["plan", *arguments]) == 2
    assert told in capsys.readouterr().err


def test_visits_of_strangers_are_refused_by_line(planned, capsys):
    assert main(the_draw(planned)) == 0
    leaf = next(iter(json.loads((planned / "draw.json").read_bytes())["strata"].values()))["sample"][0]
    for row, told in ((f"{'0' * 64},1", "not in the draw"), (f"{leaf},yes", "finding 'yes'")):
        (planned / "found.csv").write_text(f"leaf,finding\n{row}\n")
        asked = ["--plan", file_of(planned, "plan"), "--draw", file_of(planned, "draw")]
        assert main(["estimate", *asked, "--visits", str(planned / "found.csv")]) == 2
        assert f"line 2: {'leaf is ' if 'draw' in told else ''}{told}" in capsys.readouterr().err


def test_a_roll_with_sizes_is_drawn_by_size(tmp_path, capsys):
    rows = "".join(f"h-{i},540222100|rural|1,{1 + i * i}\n" for i in range(30))
    (tmp_path / "roll.csv").write_text("household_code,stratum,size\n" + rows)
    out = tmp_path / "out"
    arguments = ["--roll", str(tmp_path / "roll.csv"), "--draw-id", "1", "--method", "pareto", "--out", str(out)]
    assert main(["plan", *arguments]) == 0
    assert main(the_draw(out)) == 0
    assert main(["verify", *(file_of(out, name) for name in ("frame", "plan", "manifest", "draw"))]) == 0
    lists = json.loads((out / "draw.json").read_bytes())["strata"]["540222100|rural|1"]
    found = [f"{leaf},{place % 3 == 0:d},100\n" for place, leaf in enumerate(lists["sample"])]
    (out / "found.csv").write_text("leaf,finding,amount\n" + "".join(found))
    asked = ["--plan", file_of(out, "plan"), "--draw", file_of(out, "draw"), "--visits", str(out / "found.csv")]
    assert main(["estimate", *asked]) == 2
    assert "--frame" in capsys.readouterr().err
    assert main(["estimate", *asked, "--amount", "--frame", file_of(out, "frame")]) == 0
    told = capsys.readouterr().out
    frame, plan = read_frame(file_of(out, "frame")), Plan.parse((out / "plan.json").read_bytes())
    chance = dict(
        zip((leaf.decode() for leaf in frame.leaf.tolist()), plan_probabilities(frame, plan).tolist(), strict=True)
    )
    weights = [1 / chance[leaf] for leaf in lists["sample"]]
    assert f"{100 * sum(weights[::3]) / sum(weights):.2f}%" in told  # Hájek's share
    assert f"total {100 * sum(weights):,.0f} 元" in told  # Horvitz and Thompson's total
    (out / "found.csv").write_text(f"leaf,finding\n{lists['reserve'][0]},1\n")
    assert main(["estimate", *asked, "--frame", file_of(out, "frame")]) == 2
    assert "not in the draw" in capsys.readouterr().err


def test_the_module_runs_as_a_program():
    answer = subprocess.run(
        [sys.executable, "-m", "sampling", "--help"], capture_output=True, check=True, encoding="utf-8"
    )
    assert "plan|draw|verify|estimate" in answer.stdout
