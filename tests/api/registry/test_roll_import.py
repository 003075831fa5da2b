import importlib.util
from datetime import UTC, date, datetime
from pathlib import Path

import pytest
import sqlalchemy as sa
import world

from api.databases.embedded import BUSY_SECONDS
from api.people.tables import AuditEntry
from api.registry.roll_import import carry_out
from api.registry.roll_import.receive import file_of, sweep_stale_imports
from api.registry.roll_import.tables import RollImport, RollImportError, RollImportHousehold, RollImportMember
from api.registry.secrecy import open_secrecy
from api.registry.tables import Household, Member

_spec = importlib.util.spec_from_file_location("registry_rolls", Path(__file__).with_name("conftest.py"))
rolls = importlib.util.module_from_spec(_spec)
_spec.loader.exec_module(rolls)
person, csv_of, xlsx_of, identity = rolls.person, rolls.csv_of, rolls.xlsx_of, rolls.identity

FAMILY = [
    person(),
    {"code": f"{world.VILLAGE}-0001", "name": "虚构配偶", "relation": "配偶", "identity": identity(2)},
    {"code": f"{world.VILLAGE}-0001", "name": "虚构子", "relation": "子", "identity": identity(3, date(2010, 5, 1)),
     "receives": "否"},
    person(f"{world.VILLAGES[1]}-0099", 4, persons=3, scheme="城市"),
]  # fmt: skip


def findings(database, done):
    with database.read() as session:
        rows = session.scalars(
            sa.select(RollImportError).where(RollImportError.import_id == done.id).order_by(RollImportError.row_number)
        )
        return [(row.row_number, row.heading, row.shown, row.message.format(**row.names)) for row in rows]


def household(session, code):
    return session.scalars(sa.select(Household).where(Household.code == code)).one()


def test_a_roll_takes_the_place_of_the_old_one_and_who_is_missing_stays_but_leaves_the_roll(
    database, settings, take_in
):
    done = take_in(csv_of(FAMILY))
    assert (done.state, done.rows, done.households) == ("applied", 4, 2)
    assert (done.added, done.changed, done.unchanged, done.removed) == (1, 1, 0, 47)
    with database.transaction() as session:
        first = household(session, f"{world.VILLAGE}-0001")
        assert (first.scheme, first.persons, first.benefit_fen_per_month) == ("rural", 2, 42550)
        assert first.benefit_since == date(2018, 1, 1)
        assert [(m.position, m.relation, m.sex, m.receives) for m in first.members] == [
            (1, "本人", "男", True), (2, "配偶", "女", True), (3, "子", "男", False),
        ]  # fmt: skip
        assert first.members[2].birth_date == date(2010, 5, 1)
        secrecy = open_secrecy(session, settings.encryption_keys())
        assert secrecy.unseal(first.head_identity_sealed) == identity(1)
        assert first.members[1].identity_hash == secrecy.match_identity(identity(2))
        assert secrecy.unseal(first.phone_sealed) == "10000000001"
        place = sa.select(sa.func.ST_X(Household.place), sa.func.ST_Y(Household.place))
        assert session.execute(place.where(Household.id == first.id)).one() == (89.6123, 28.9)
        assert household(session, f"{world.VILLAGES[1]}-0099").persons == 3
        kept = sa.select(sa.func.count()).select_from(Household)
        inside = kept.where(Household.county_code == world.COUNTY)
        assert session.scalar(inside) == 49
        assert session.scalar(inside.where(Household.on_roll)) == 2
        assert session.scalar(kept.where(Household.county_code == world.OTHER_COUNTY, Household.on_roll)) == 12
        for table in (RollImportHousehold, RollImportMember):
            assert session.scalar(sa.select(sa.func.count()).select_from(table)) == 0
        entry = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "roll.import")).one()
        assert entry.details["removed"] == 47


def test_the_same_roll_again_changes_nothing_whatever_file_it_comes_in(database, take_in):
    take_in(csv_of(FAMILY))
    with database.read() as session:
        before = session.execute(sa.select(Household.id, Household.updated_at).order_by(Household.id)).all()
        members = session.execute(sa.select(Member.id, Member.identity_sealed).order_by(Member.id)).all()
    again = [dict(row, benefit=425.5) if "benefit" in row else row for row in FAMILY]
    for content in (xlsx_of(again), csv_of(FAMILY, encoding="gb18030"), csv_of(FAMILY, encoding="utf-8-sig")):
        done = take_in(content)
        assert (done.added, done.changed, done.unchanged, done.removed) == (0, 0, 2, 0), done.message
    with database.read() as session:
        assert session.execute(sa.select(Household.id, Household.updated_at).order_by(Household.id)).all() == before
        assert session.execute(sa.select(Member.id, Member.identity_sealed).order_by(Member.id)).all() == members


def test_a_household_changed_by_hand_is_put_right_and_one_that_came_otherwise_is_compared(database, take_in):
    take_in(csv_of(FAMILY))
    with database.transaction() as session:
        household(session, f"{world.VILLAGE}-0001").benefit_fen_per_month = 1
        untouched = household(session, f"{world.VILLAGES[1]}-0099")
        untouched.roll_fingerprint = None
    done = take_in(csv_of(FAMILY))
    assert (done.changed, done.unchanged) == (1, 1)
    with database.read() as session:
        assert household(session, f"{world.VILLAGE}-0001").benefit_fen_per_month == 42550


def test_a_dry_run_says_what_would_happen_and_does_nothing(database, take_in):
    done = take_in(csv_of(FAMILY), dry_run=True)
    assert (done.state, done.added, done.changed, done.removed) == ("ready", 1, 1, 47)
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 0
        assert (
            session.scalar(sa.select(sa.func.count()).where(Household.on_roll, Household.county_code == "540222")) == 48
        )


def test_a_township_file_replaces_that_township_only(database, take_in):
    done = take_in(csv_of(FAMILY), world.TOWNSHIP)
    assert (done.state, done.removed) == ("applied", 23)
    with database.read() as session:
        others = sa.select(sa.func.count()).where(Household.township_code == world.NEXT_TOWNSHIP, Household.on_roll)
        assert session.scalar(others) == 24


def test_a_person_on_the_roll_of_another_township_is_refused_by_name_of_the_household(database, take_in):
    take_in(csv_of([person(f"{world.VILLAGES[2]}-0001", 7)]))
    done = take_in(csv_of([person(serial=7)]), world.TOWNSHIP)
    assert done.state == "refused"
    [(row, heading, shown, message)] = findings(database, done)
    assert (row, heading) == (2, "身份证号")
    assert identity(7) not in shown
    assert f"{world.VILLAGES[2]}-0001" in message
    # the whole county at once may move the person
    assert take_in(csv_of([person(serial=7)])).state == "applied"


BAD = {
    "a wrong check digit": ({"identity": "990000198001010019"}, "身份证号", "校验位"),
    "a number kept as a number": ({"identity": 990000198001010000.0}, "身份证号", "文本格式"),
    "a masked number": ({"identity": "990000**********01"}, "身份证号", "遮蔽"),
    "an unknown village": ({"code": "540222100999-0001"}, "户编码", "没有编码"),
    "a village of another county": ({"code": f"{world.VILLAGES[4]}-0001"}, "户编码", "不在本次导入的区划"),
    "a code of another kind": ({"code": "12"}, "户编码", "12 位村编码"),
    "negative money": ({"benefit": "-1"}, "月保障金额", "负数"),
    "a third decimal": ({"benefit": "1.005"}, "月保障金额", "两位小数"),
    "no money": ({"benefit": ""}, "月保障金额", "缺少"),
    "an unknown scheme": ({"scheme": "特困"}, "保障类别", "城市、农村"),
    "no name": ({"name": " "}, "姓名", "缺少姓名"),
    "a name too long": ({"name": "长" * 65}, "姓名", "64"),
    "another birth date": ({"birth_date": "1981-01-01"}, "出生日期", "不一致"),
    "no persons": ({"persons": "0"}, "保障人口", "1 到 99"),
    "a day that is none": ({"benefit_since": "2018-02-30"}, "享受起始日期", "2018-06-10"),
    "a day to come": ({"benefit_since": "2999-01-01"}, "享受起始日期", "今天之后"),
    "exchanged coordinates": ({"longitude": 28.9, "latitude": 89.6}, "经度", "填反"),
    "half a place": ({"latitude": ""}, "纬度", "同时"),
    "a telephone of letters": ({"phone": "电话"}, "联系电话", "数字"),
    "nobody who receives": ({"receives": "否"}, "是否保障对象", "没有一名"),
    "no householder": ({"relation": "子"}, "与户主关系", "没有户主"),
    "a NUL byte": ({"address": "a\0b"}, "家庭住址", "看不见"),
}  # fmt: skip


def test_each_kind_of_error_is_named_by_row_and_column_and_nothing_is_taken(database, take_in):
    """One file with one bad household each, after a good one."""
    cases = list(BAD.values())
    rows = [person(f"{world.VILLAGE}-0500", 500)]
    rows += [{**person(f"{world.VILLAGE}-{n:04d}", n), "birth_date": "", "persons": "", "receives": "", **cells}
             for n, (cells, _, _) in enumerate(cases, start=1)]  # fmt: skip
    done = take_in(csv_of(rows).replace(b"a\0b", b"a\vb"))
    assert (done.state, done.rows) == ("refused", len(rows))
    found = findings(database, done)
    for number, (name, (_, heading, words)) in enumerate(BAD.items(), start=3):
        mine = [(column, message) for row, column, _, message in found if row == number]
        assert any(column == heading and words in message for column, message in mine), (name, mine)
    assert not [row for row, *_ in found if row == 2]
    assert all(identity(n) not in shown for _, _, shown, _ in found for n in range(1, 40))
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 0
        assert session.scalar(sa.select(sa.func.count()).where(Household.code == f"{world.VILLAGE}-0500")) == 0


def test_duplicates_within_the_file_name_the_other_row(database, take_in):
    rows = [
        person(serial=1),
        person(f"{world.VILLAGE}-0002", 1),
        person(f"{world.VILLAGE}-0003", 3),
        person(f"{world.VILLAGE}-0003", 4),
        person(serial=5),
    ]
    done = take_in(csv_of(rows))
    said = [(row, message) for row, _, _, message in findings(database, done)]
    assert (3, "与第 2 行的身份证号相同，同一人只能出现一次") in said
    assert any(row == 5 and "两个户主 (另一个在第 4 行)" in message for row, message in said)
    assert any(row == 6 and "在第 2 行已出现" in message for row, message in said)


def test_villages_may_be_named_and_titles_may_stand_above_the_headings(database, take_in):
    rows = [{**person(), "township": "江孜镇", "village": "第2村", "serial": 7, "备注": "x"}]
    del rows[0]["code"]
    done = take_in(xlsx_of(rows, above=[["江孜县农村低保名册"], []]))
    assert done.state == "applied"
    assert "备注" in done.message
    with database.read() as session:
        assert household(session, f"{world.VILLAGES[1]}-0007").village_code == world.VILLAGES[1]


def test_english_headings_are_read(take_in):
    headings = {"code": "Household code", "name": "Name", "scheme": "Scheme", "benefit": "Monthly benefit (yuan)"}
    done = take_in(csv_of([{"code": f"{world.VILLAGE}-0001", "name": "虚构", "scheme": "rural", "benefit": "1"}],
                          headings=headings))  # fmt: skip
    assert done.state == "applied"


@pytest.mark.parametrize(
    ("content", "says"),
    [
        (b"a,b\n1,2\n", "找不到表头"),
        (csv_of([{"code": "1", "name": "x", "sex": "男"}]), "表头缺少：保障类别、月保障金额"),
        (csv_of([{"name": "x", "scheme": "农村", "benefit": "1", "serial": "1"}]), "户编码 (或"),
        (csv_of([person()], headings={**rolls.HEADINGS, "address": "电话"}), "是同一栏"),
        (b"PK\x03\x04 no zip", "已损坏"),
        (b"\xff\xfe\x00\x01", "编码"),
    ],
)
def test_a_file_that_is_no_roll_fails_with_what_to_do(take_in, content, says):
    done = take_in(content)
    assert done.state == "failed"
    assert says in done.message


def test_headings_alone_are_refused(database, take_in):
    done = take_in(csv_of([person()]).splitlines()[0])
    assert done.state == "refused"
    assert "没有任何一行" in findings(database, done)[0][3]


def test_an_import_that_dies_anywhere_changes_nothing_and_can_be_carried_out_again(
    database, settings, take_in, monkeypatch
):
    class Killed(BaseException):
        pass

    def die(*_args, **_details):
        raise Killed

    for place in ("_end", "_complete_fingerprints", "record"):
        with monkeypatch.context() as patched:
            patched.setattr(carry_out, place, die)
            with pytest.raises(Killed):
                take_in(csv_of(FAMILY))
        with database.read() as session:
            assert session.scalar(sa.select(sa.func.count()).select_from(Member)) == 0
            assert session.scalar(sa.select(sa.func.count()).where(Household.on_roll)) == 60
    with database.read() as session:
        left = session.scalars(sa.select(RollImport).where(RollImport.state == "staging")).all()
    assert len(left) == 3
    done = carry_out.import_roll(
        database, left[0].county_code, left[0].id, file_of(settings.data_dir, left[0].id),
        keys=settings.encryption_keys(),
    )  # fmt: skip
    assert (done.state, done.added, done.changed) == ("applied", 1, 1)
    with database.transaction() as session:
        session.execute(sa.update(RollImport).values(seen_alive_at=datetime(2020, 1, 1, tzinfo=UTC)))
    assert sweep_stale_imports(database, settings.data_dir) == 2
    with database.read() as session:
        assert session.scalar(sa.select(sa.func.count()).select_from(RollImportMember)) == 0
        states = session.scalars(sa.select(RollImport.state).order_by(RollImport.id)).all()
    assert states == ["applied", "failed", "failed"]


def test_progress_is_told(take_in):
    told = []
    take_in(csv_of([person(f"{world.VILLAGE}-{n:04d}", n) for n in range(1, 900)]),
            on_progress=lambda done, total, _message: told.append((done, total)))  # fmt: skip
    assert [done for done, _ in told] == [400, 800, 899, 899]
    assert all(total >= 899 for _, total in told)


def test_a_phone_waits_for_the_swap_as_long_as_the_house_says_and_not_as_spatialite_does(database):
    if database.is_embedded:
        with database.engine.connect() as connection:
            assert connection.exec_driver_sql("PRAGMA busy_timeout").scalar() == BUSY_SECONDS * 1000
        return
    with database.transaction() as session:  # a server makes nobody wait: two writers at once
        session.execute(sa.update(Household).where(Household.code == f"{world.VILLAGE}-0001").values(persons=2))
        with database.transaction() as phone:
            phone.execute(sa.update(Household).where(Household.code == f"{world.VILLAGE}-0002").values(persons=2))


def test_the_server_knows_at_once_how_many_households_an_import_brought(database, take_in):
    if database.is_embedded:
        pytest.skip("the embedded database plans by its indexes alone")
    assert take_in(csv_of(FAMILY)).state == "applied"
    with database.read() as session:
        for table in (Household, Member):
            known = session.scalar(
                sa.text("select reltuples from pg_class where relname = :name"), {"name": table.__tablename__}
            )
            assert known == session.scalar(sa.select(sa.func.count()).select_from(table))
