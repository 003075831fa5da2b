"""Frames that publish a number: what may be seen of it, and draws by size and along an order, end to end."""

import hashlib
import json
import subprocess
import sys
from datetime import date
from fractions import Fraction

import pytest
import sqlalchemy as sa
import world

from api.problems import Invalid
from api.registry.tables import Household
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.files import public_file
from api.spot_checks.frame import digest_of_units, freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.planning.options import read_options
from api.spot_checks.tables import FrameUnit, Selection
from api.spot_checks.verify import verify_draw

DICE = "31415926535897932384"
TODAY = date(2026, 7, 1)


@pytest.fixture
def numbered(session, campaign, viewer):
    """Freeze, plan, commit and draw with a design that needs a number."""
    for serial, household in enumerate(session.scalars(sa.select(Household).order_by(Household.code))):
        household.persons = 1 + serial % 9
    session.flush()

    def drawn(numbered_by, **options):
        county = viewer("county")
        frame = freeze_frame(session, campaign, world.COUNTY, county, day=TODAY, numbered_by=numbered_by)
        plan = make_plan(session, frame, campaign, options=read_options(options))
        draw = commit_draw(session, frame, plan, county)
        draw_spot_check(session, draw, DICE, county, witnesses="虚构人大代表，虚构村民")
        return draw

    return drawn


def selected(session, draw):
    return session.scalars(sa.select(Selection).where(Selection.draw_id == draw.id, Selection.role == "base")).all()


@pytest.mark.parametrize(
    ("numbered_by", "design"), [("persons", "pareto"), ("road", "systematic"), ("curve", "systematic")]
)
def test_a_draw_by_size_or_along_an_order_is_the_same_for_us_and_for_a_stranger(
    session, numbered, tmp_path, numbered_by, design
):
    draw = numbered(numbered_by, design=design)
    assert verify_draw(session, draw).same
    for name in ("frame.csv", "plan.json", "manifest.json", "draw.json", "verifier.py"):
        (tmp_path / name).write_bytes(public_file(session, draw, name))
    header = (tmp_path / "frame.csv").read_text().splitlines()[0]
    assert header == f"leaf,stratum,{'size' if design == 'pareto' else 'order'}"
    files = ["frame.csv", "plan.json", "manifest.json", "draw.json"]
    told = subprocess.run(
        [sys.executable, "-I", "verifier.py", *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert (told.returncode, "same" in told.stdout) == (0, True), told.stdout + told.stderr
    # the smallest change of a published number is found
    text = (tmp_path / "frame.csv").read_text()
    (tmp_path / "frame.csv").write_text(text[:-2] + str((int(text[-2]) + 1) % 10) + "\n")
    told = subprocess.run(
        [sys.executable, "-I", "verifier.py", *files], cwd=tmp_path, capture_output=True, text=True, check=False
    )
    assert told.returncode != 0


def test_by_size_each_household_carries_its_exact_chance_worked_out_by_hand(session, numbered):
    draw = numbered("persons", design="pareto")
    sizes = {}
    for unit in session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == draw.frame_id)):
        assert unit.size_or_order == min(unit.persons, 6)
        sizes.setdefault(unit.stratum, {})[unit.leaf] = unit.size_or_order
    base = selected(session, draw)
    n = {stratum: sum(1 for one in base if one.stratum == stratum) for stratum in sizes}
    for stratum, size_of in sizes.items():
        # whoever is large enough to be certain is taken, and the rest worked out anew until nobody is
        left, chance, wanted = dict(size_of), {}, n[stratum]
        while certain := [leaf for leaf, size in left.items() if wanted * size >= sum(left.values())]:
            chance |= dict.fromkeys(certain, Fraction(1))
            for leaf in certain:
                left.pop(leaf)
            wanted -= len(certain)
        chance |= {leaf: Fraction(wanted * size, sum(left.values())) for leaf, size in left.items()}
        assert sum(chance.values()) == n[stratum]
        for one in base:
            if one.stratum == stratum:
                assert Fraction(one.inclusion_n, one.inclusion_of) == chance[one.leaf]
    assert len({Fraction(one.inclusion_n, one.inclusion_of) for one in base}) > 3


def test_an_order_numbers_villages_never_households(session, numbered):
    draw = numbered("road", design="systematic")
    units = session.scalars(sa.select(FrameUnit).where(FrameUnit.frame_id == draw.frame_id)).all()
    by_village = {}
    for unit in units:
        by_village.setdefault(unit.village_code, set()).add(unit.size_or_order)
    assert sorted(by_village) == world.VILLAGES[:4]
    assert [by_village[code] for code in sorted(by_village)] == [{1}, {2}, {3}, {4}]


def test_a_design_without_its_number_is_refused_with_how_to_freeze_instead(session, campaign, frame, numbered):
    with pytest.raises(Invalid, match="家庭人口数") as refused:
        make_plan(session, frame, campaign, options=read_options({"design": "pareto"}))
    assert refused.value.where == "design"
    with pytest.raises(Invalid, match="次序"):
        make_plan(session, frame, campaign, options=read_options({"design": "systematic"}))
    with pytest.raises(Invalid):
        numbered("persons", design="systematic")
    with pytest.raises(Invalid, match="persons"):
        numbered("score")


def test_the_inner_fingerprint_covers_the_number_and_leaves_frames_without_one_as_they_were():
    unit = {
        "leaf": "a" * 64, "salt": "0" * 32, "household_id": "x", "household_code": "c", "head_name": "虚构",
        "village_code": world.VILLAGE, "stratum": "a|b|c", "reasons": [], "longitude": None, "latitude": None,
        "benefit_fen_per_month": 100, "persons": 2, "size_or_order": None,
    }  # fmt: skip
    before = ["a" * 64, "0" * 32, "x", "c", "虚构", world.VILLAGE, "a|b|c", [], None, None, 100, 2]
    line = json.dumps(before, separators=(",", ":")).encode() + b"\n"
    assert digest_of_units([unit]) == hashlib.sha256(line).hexdigest()
    assert digest_of_units([unit]) != digest_of_units([unit | {"size_or_order": 0}])
