import json
import subprocess
import sys

import pytest
import sqlalchemy as sa
import world

from api.spot_checks.commit import commit_draw, frame_of, plan_of
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.files import FILES, public_file
from api.spot_checks.tables import Draw, DrawResult, Frame, FrameUnit, Selection
from api.spot_checks.verify import verify_draw
from sampling.certificate import sha256_of

TABLES = ("frame", "frame_unit", "draw", "draw_result", "selection")


def unlocked(session):
    """Let a tamperer with the database's own password do what the triggers forbid."""
    for table in TABLES:
        if session.get_bind().dialect.name == "sqlite":
            for verb in ("update", "delete"):
                session.execute(sa.text(f"drop trigger {table}_no_{verb}"))
        else:
            session.execute(sa.text(f"alter table {table} disable trigger user"))


def found(session, draw):
    session.expire_all()
    return str(verify_draw(session, draw))


def one(session, role="base"):
    return session.scalars(sa.select(Selection).where(Selection.role == role).order_by(Selection.leaf)).first()


def test_the_same_list_comes_again_from_the_stored_frame(session, draw, result):
    assert verify_draw(session, draw).same
    assert found(session, draw) == "一致"


def test_a_commitment_is_verified_before_the_dice_too(session, draw):
    assert verify_draw(session, draw).same


@pytest.mark.parametrize("table", [Frame, FrameUnit, Draw, DrawResult, Selection])
def test_the_database_itself_refuses_to_change_or_remove_what_was_drawn(session, result, table):
    column = table.__table__.primary_key.columns.keys()[0]
    for statement in (sa.update(table).values({column: "540221"}), sa.delete(table)):
        with pytest.raises(sa.exc.DBAPIError, match="written once"), session.begin_nested():
            session.execute(statement)


def test_a_household_dropped_from_the_list_is_named(session, draw, result):
    unlocked(session)
    gone = one(session)
    session.execute(sa.delete(Selection).where(Selection.leaf == gone.leaf))
    assert gone.household_code in found(session, draw)
    assert "名单缺少" in found(session, draw)


def test_a_household_slipped_into_the_list_is_named(session, draw, result):
    unlocked(session)
    drawn = sa.select(Selection.leaf)
    unit = session.scalars(sa.select(FrameUnit).where(FrameUnit.leaf.not_in(drawn))).first()
    session.add(
        Selection(
            county_code=draw.county_code, draw_id=draw.id, leaf=unit.leaf, household_id=unit.household_id,
            household_code=unit.household_code, village_code=unit.village_code, stratum=unit.stratum, role="base",
            position=99, inclusion_n=1, inclusion_of=2,
        )
    )  # fmt: skip
    session.flush()
    assert f"多出没有抽中的家庭 {unit.household_code}" in found(session, draw)


@pytest.mark.parametrize(
    ("column", "value"),
    [("role", "reserve"), ("position", 77), ("inclusion_n", 1), ("household_code", "x"), ("village_code", "5")],
)
def test_a_changed_row_of_the_list_is_named_with_its_column(session, draw, result, column, value):
    unlocked(session)
    victim = session.scalars(
        sa.select(Selection).where(Selection.role == "base", Selection.inclusion_n > 1).order_by(Selection.leaf)
    ).first()
    code = victim.household_code
    session.execute(sa.update(Selection).where(Selection.leaf == victim.leaf).values({column: value}))
    assert f"家庭 {code} 的 {column} 应为" in found(session, draw)


def test_swapping_a_household_with_its_reserve_is_found(session, draw, result):
    unlocked(session)
    reserve = one(session, "reserve")
    base = session.scalars(
        sa.select(Selection).where(Selection.role == "base", Selection.stratum == reserve.stratum)
    ).first()
    for leaf, role in ((base.leaf, "reserve"), (reserve.leaf, "base")):
        session.execute(sa.update(Selection).where(Selection.leaf == leaf).values(role=role))
    assert "role 应为" in found(session, draw)


def test_a_unit_whose_code_salt_or_leaf_was_changed_no_longer_opens_and_is_named(session, draw, result):
    unlocked(session)
    unit = session.scalars(sa.select(FrameUnit)).first()
    session.execute(sa.update(FrameUnit).where(FrameUnit.leaf == unit.leaf).values(household_code="another"))
    assert unit.leaf in found(session, draw)
    session.execute(
        sa.update(FrameUnit)
        .where(FrameUnit.leaf == unit.leaf)
        .values(household_code=unit.household_code, salt="not hexadecimal")
    )
    assert "打不开" in found(session, draw)


def test_a_unit_moved_to_another_stratum_is_named_by_stratum(session, draw, result):
    unlocked(session)
    left = f"{world.TOWNSHIP}|rural|low"
    leaf = session.scalars(sa.select(FrameUnit.leaf).where(FrameUnit.stratum == left)).first()
    session.execute(sa.update(FrameUnit).where(FrameUnit.leaf == leaf).values(stratum=f"{world.TOWNSHIP}|urban|high"))
    assert f"层 {left} 应有 12 户，现有 11 户" in found(session, draw)


def test_two_units_that_change_places_keep_the_counts_and_are_found_by_the_fingerprint(session, draw, result):
    unlocked(session)
    low = session.scalars(sa.select(FrameUnit).where(FrameUnit.stratum == f"{world.TOWNSHIP}|urban|low")).first()
    certain = session.scalars(sa.select(FrameUnit).where(FrameUnit.stratum.like("%urban|certain"))).first()
    strata = {low.leaf: certain.stratum, certain.leaf: low.stratum}
    for leaf, stratum in strata.items():
        session.execute(sa.update(FrameUnit).where(FrameUnit.leaf == leaf).values(stratum=stratum))
    assert "冻结名册的层被改动" in found(session, draw)


def test_a_unit_taken_out_of_the_frame_is_missed(session, draw, result):
    unlocked(session)
    drawn = sa.select(Selection.leaf)
    session.execute(
        sa.delete(FrameUnit).where(
            FrameUnit.leaf.in_(sa.select(sa.func.min(FrameUnit.leaf)).where(FrameUnit.leaf.not_in(drawn)))
        )
    )
    assert "应有 48 户，现存 47 户" in found(session, draw)


def test_reasons_and_householders_are_held_by_the_inner_fingerprint(session, draw, result):
    unlocked(session)
    leaf = session.scalars(sa.select(FrameUnit.leaf)).first()
    session.execute(sa.update(FrameUnit).where(FrameUnit.leaf == leaf).values(head_name="换了一个人"))
    assert "内部指纹" in found(session, draw)


def test_a_plan_a_manifest_or_a_list_rewritten_with_its_hash_still_disagrees_with_the_log(session, draw, result):
    unlocked(session)
    plan = json.loads(draw.plan_json)
    name = next(name for name, row in plan["strata"].items() if row["n"] > 2)
    plan["strata"][name]["n"] -= 1
    text = json.dumps(plan, sort_keys=True, separators=(",", ":"))
    old = draw.plan_json, draw.plan_sha256
    session.execute(sa.update(Draw).values(plan_json=text))
    assert "plan.json 被改动" in found(session, draw)
    session.execute(sa.update(Draw).values(plan_sha256=sha256_of(plan)))
    assert "plan_sha256 与审计日志不符" in found(session, draw)
    session.execute(sa.update(Draw).values(plan_json=old[0], plan_sha256=old[1]))
    session.execute(sa.update(DrawResult).values(draw_json=result.draw_json.replace("sample", "simple")))
    assert "draw_sha256 与审计日志不符" in found(session, draw)
    session.execute(sa.update(DrawResult).values(entropy="1" * 20))
    assert "entropy 与审计日志不符" in found(session, draw)


def test_a_draw_cut_out_of_the_chain_is_noticed_by_the_one_after_it(session, draw, result, viewer, approve):
    frame = frame_of(session, draw)
    second = commit_draw(session, frame, plan_of(draw), viewer("county"), reason="重新抽取的理由")
    approve(second)
    draw_spot_check(session, second, "2" * 20, viewer("county"), witnesses="虚构甲，虚构乙")
    assert verify_draw(session, second).same
    unlocked(session)
    for table in (Selection, DrawResult):
        session.execute(sa.delete(table).where(table.draw_id == draw.id))
    session.execute(sa.delete(Draw).where(Draw.id == draw.id))
    session.expunge(draw)
    assert "链条断了" in found(session, second)


def test_a_stranger_with_python_alone_says_same_over_the_public_files(session, draw, result, tmp_path):
    for name in FILES:
        (tmp_path / name).write_bytes(public_file(session, draw, name))
    command = [sys.executable, "-I", "verifier.py", *FILES[:4]]
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")
    assert (answer.returncode, answer.stderr) == (0, "")
    assert answer.stdout == f"一致 same\n承诺书指纹 manifest: {draw.manifest_sha256}\n"
    changed = (tmp_path / "draw.json").read_bytes().replace(b'"sample":["', b'"sample":["f', 1)
    (tmp_path / "draw.json").write_bytes(changed)
    answer = subprocess.run(command, cwd=tmp_path, capture_output=True, check=False, encoding="utf-8")
    assert answer.returncode == 1
    assert "draw.json" in answer.stdout
