"""Forms leave as Excel workbooks, and a form that came back from Excel unchanged is the form that was published."""

import pytest
import sqlalchemy as sa

from api.collection.commands import export_forms, publish_forms
from api.collection.forms import publish_form
from api.collection.tables import FormVersion
from survey_forms.catalogue import CATALOGUE
from survey_forms.compile import compile_form


@pytest.fixture
def run(app):
    return app.test_cli_runner().invoke


def test_every_form_of_the_house_is_published_for_its_roles(run, database):
    assert run(publish_forms).exit_code == 0
    with database.read() as session:
        stored = {
            form.form_id: (form.for_roles, form.evidence_kind) for form in session.scalars(sa.select(FormVersion))
        }
    # home_visit was published for everybody before this test, and stays so
    wanted = {known.form_id: (list(known.for_roles), known.yields[0]) for known in CATALOGUE}
    assert stored == wanted | {"home_visit": ([], "visit")}


def test_forms_are_written_as_workbooks_that_are_the_published_forms_again(run, tmp_path, database):
    run(publish_forms)
    folder = tmp_path / "for" / "excel"
    answer = run(export_forms, ["--to", str(folder)])
    assert answer.exit_code == 0, answer.output
    assert sorted(path.stem for path in folder.iterdir()) == sorted(known.form_id for known in CATALOGUE)
    with database.transaction() as session:
        before = session.scalar(sa.select(sa.func.count()).select_from(FormVersion))
        for path in folder.iterdir():
            publish_form(session, compile_form(path))
        assert session.scalar(sa.select(sa.func.count()).select_from(FormVersion)) == before


def test_a_workbook_somebody_may_have_worked_on_is_not_overwritten_unless_it_is_said(run, tmp_path):
    kept = tmp_path / "home_visit.xlsx"
    kept.write_text("worked on")
    refused = run(export_forms, ["home_visit", "public_posting", "--to", str(tmp_path)])
    assert refused.exit_code == 2
    assert "home_visit.xlsx" in refused.output
    assert kept.read_text() == "worked on"
    assert not (tmp_path / "public_posting.xlsx").exists()
    assert run(export_forms, ["home_visit", "--to", str(tmp_path), "--overwrite"]).exit_code == 0
    assert compile_form(kept).form_id == "home_visit"


def test_an_unknown_form_is_named_with_those_there_are(run, tmp_path):
    answer = run(export_forms, ["nothing", "--to", str(tmp_path)])
    assert answer.exit_code == 2
    assert "home_visit" in answer.output
