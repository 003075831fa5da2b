import pytest
import sqlalchemy as sa
import world

from api.problems import Invalid
from api.registry.commands import import_divisions_command
from api.registry.divisions import import_divisions, shipped_divisions
from api.registry.tables import Division


def count(session, level):
    return session.scalar(sa.select(sa.func.count()).where(Division.level == level))


def test_all_of_shigatse_is_shipped_as_the_statistics_bureau_lists_it(session):
    done = import_divisions(session)
    assert done.added + done.renamed + done.unchanged == 1919
    assert (count(session, "township"), count(session, "village")) == (206 + 0, 1693 + 0)
    assert session.get(Division, "540222100").name == "江孜镇"
    assert len([code for code in session.scalars(sa.select(Division.code)) if code[:6] == world.COUNTY]) == 175


def test_taking_the_divisions_in_again_changes_nothing(session):
    import_divisions(session)
    again = import_divisions(session)
    assert (again.added, again.renamed, again.unchanged) == (0, 0, 1919)


def test_children_may_stand_before_their_parents_only_if_the_parents_are_known(session):
    rows = [
        {"code": "540222999", "level": "township", "name": "新乡", "parent_code": "540222"},
        {"code": "540222999201", "level": "village", "name": "新村", "parent_code": "540222999"},
    ]
    with pytest.raises(Invalid) as refused:
        import_divisions(session, rows[::-1])
    assert refused.value.errors[0]["where"] == "2"
    assert session.get(Division, "540222999") is None
    assert import_divisions(session, rows).added == 2


@pytest.mark.parametrize(
    "row",
    [
        {"code": "54022", "level": "county", "name": "短", "parent_code": "5402"},
        {"code": "540222", "level": "township", "name": "错级", "parent_code": "5402"},
        {"code": "540222999", "level": "township", "name": "别处", "parent_code": "540221"},
        {"code": "540222999", "level": "township", "name": " ", "parent_code": "540222"},
        {"code": "５４", "level": "region", "name": "全角", "parent_code": ""},
    ],
)
def test_a_row_that_contradicts_itself_is_refused_with_its_number(session, row):
    with pytest.raises(Invalid) as refused:
        import_divisions(session, [row])
    assert refused.value.errors[0]["where"] == "2"


def test_the_command_takes_the_shipped_file_or_another(app, tmp_path):
    runner = app.test_cli_runner()
    done = runner.invoke(import_divisions_command, [])
    assert done.exit_code == 0, done.output
    assert "1,9" in done.output
    assert len(list(shipped_divisions())) == 1919
    other = tmp_path / "divisions.csv"
    other.write_text("code,level,name,parent_code\n540222,county,江孜新县,5402\n", encoding="utf-8-sig")
    assert "1" in runner.invoke(import_divisions_command, [str(other)]).output
