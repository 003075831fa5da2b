"""``ruhu verify-draw FOLDER``, on files as the public page gives them."""

import io
import zipfile

import pytest
from click.testing import CliRunner

from api.spot_checks.commands import verify_draw


@pytest.fixture
def folder(client, drawn, tmp_path):
    answer = client.get(f"/public/draws/{drawn.manifest_sha256[:16]}/draw.zip")
    with zipfile.ZipFile(io.BytesIO(answer.data)) as packed:
        packed.extractall(tmp_path / "downloaded")
    return tmp_path / "downloaded"


def run(folder):
    return CliRunner().invoke(verify_draw, [str(folder)])


def test_it_says_same_and_the_fingerprint_to_compare(folder, drawn):
    said = run(folder)
    assert (said.exit_code, said.stdout) == (0, f"一致 same\n承诺书指纹 manifest: {drawn.manifest_sha256}\n")


def test_a_difference_is_named_and_ends_with_its_own_code(folder):
    changed = (folder / "draw.json").read_text().replace('"reserve":["', '"reserve":["0', 1)
    (folder / "draw.json").write_text(changed)
    said = run(folder)
    assert said.exit_code == 3
    assert "draw.json" in said.stderr


def test_a_missing_file_is_named(folder):
    (folder / "plan.json").unlink()
    said = run(folder)
    assert said.exit_code == 2
    assert "plan.json" in said.stderr


def test_another_verifier_in_the_folder_is_not_run_and_is_pointed_out(folder):
    (folder / "verifier.py").write_text("raise SystemExit('never run')")
    said = run(folder)
    assert said.exit_code == 0
    assert "verifier.py" in said.stderr
