"""The reference numbers are all used, and a folder with a hole in it fails instead of passing in silence."""

import os
from pathlib import Path

import pytest

HERE = Path(__file__).parent
NAMED_IN_ANOTHER = {"prn_example_frame.csv", "prn_expected.csv"}  # prn_coordination.json says which they are


def test_every_reference_file_is_named_by_a_test(oracle_names):
    tests = "".join(path.read_text("utf-8") for path in HERE.rglob("test_*.py") if path.name != Path(__file__).name)
    assert [name for name in sorted(oracle_names - NAMED_IN_ANOTHER) if f'"{name}"' not in tests] == []


def test_no_file_of_the_folder_is_left_out(oracle, oracle_names):
    assert oracle("rfc3797.json")
    folder = Path(os.environ["RUHU_ORACLES"])
    assert {path.name for path in folder.iterdir() if path.suffix in {".json", ".csv"}} == oracle_names


def test_a_folder_with_a_file_missing_fails_instead_of_skipping(tmp_path, oracle_names, oracles_in):
    for name in oracle_names - {"rfc3797.json"}:
        (tmp_path / name).touch()
    with pytest.raises(pytest.fail.Exception, match=r"is incomplete: rfc3797\.json missing"):
        oracles_in(tmp_path)


def test_without_a_folder_the_comparison_is_skipped_and_says_so(oracles_in):
    with pytest.raises(pytest.skip.Exception, match="RUHU_ORACLES is unset"):
        oracles_in(None)
