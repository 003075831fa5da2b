"""Preparing a clone: what is missing is named with the command that brings it, and nothing is done twice."""

import importlib.util
import sys
from dataclasses import replace
from functools import partial
from pathlib import Path

import pytest

SETUP = Path(__file__).resolve().parent.parent / ".setup"


def load(name, monkeypatch):
    """Load a program of .setup/ as it loads itself: from its own folder, outside every package."""
    monkeypatch.syspath_prepend(str(SETUP))
    spec = importlib.util.spec_from_file_location(name, SETUP / f"{name}.py")
    module = importlib.util.module_from_spec(spec)
    monkeypatch.setitem(sys.modules, name, module)  # dataclasses look their module up
    spec.loader.exec_module(module)
    return module


@pytest.fixture
def system(monkeypatch):
    return load("system", monkeypatch)


@pytest.fixture
def prepare(system, monkeypatch, tmp_path):
    module = load("prepare", monkeypatch)
    monkeypatch.setattr(module, "ROOT", tmp_path)
    monkeypatch.setattr(module, "STAMPS", tmp_path / "stamps")
    return module


def without(system, monkeypatch, *, name):
    """Make the machine lack one ability, whatever it has."""
    needs = tuple(replace(need, met=partial(str.__ne__, need.what, name)) for need in system.NEEDS)
    monkeypatch.setattr(system, "NEEDS", needs)
    return next(need for need in needs if need.what == name)


def spatialite(system):
    return next(need.what for need in system.NEEDS if need.runs)


def test_without_root_a_missing_ability_is_named_with_its_reason_and_the_command(system, monkeypatch):
    need = without(system, monkeypatch, name=spatialite(system))
    monkeypatch.setattr(system, "_as_root", lambda: None)
    monkeypatch.setattr(system.shutil, "which", lambda program: program if program == "apt-get" else None)
    with pytest.raises(system.MissingError) as refusal:
        system.provide(for_tests=False)
    said = str(refusal.value)
    assert need.what in said
    assert need.why in said
    assert "sudo apt-get install --no-install-recommends libsqlite3-mod-spatialite" in said


def test_on_an_unknown_system_the_packages_are_still_named(system, monkeypatch):
    without(system, monkeypatch, name=spatialite(system))
    monkeypatch.setattr(system.shutil, "which", lambda _program: None)
    with pytest.raises(system.MissingError, match="libsqlite3-mod-spatialite"):
        system.provide(for_tests=False)


def test_running_asks_for_less_than_testing(system, monkeypatch):
    without(system, monkeypatch, name="GDAL's ogr2ogr")
    monkeypatch.setattr(system.shutil, "which", lambda _program: None)
    system.provide(for_tests=False)
    with pytest.raises(system.MissingError, match="ogr2ogr"):
        system.provide(for_tests=True)


def test_a_county_on_postgresql_runs_without_spatialite(system, monkeypatch):
    without(system, monkeypatch, name=spatialite(system))
    monkeypatch.setenv("RUHU_DATABASE_URL", "postgresql+psycopg://county@localhost/ruhu")
    system.provide(for_tests=False)


def test_every_need_says_why_and_where_it_comes_from(system):
    for need in system.NEEDS:
        assert need.why
        assert need.brew
        assert callable(need.debian) or need.debian


def test_a_step_is_done_again_only_when_its_inputs_change_or_its_work_is_gone(prepare, tmp_path):
    made = tmp_path / "made"
    times = []

    def do():
        times.append(1)
        made.touch()

    for inputs in ("first", "first", "second", "second"):
        prepare._step("step", "a step", inputs, [made], do)
    assert len(times) == 2
    made.unlink()
    prepare._step("step", "a step", "second", [made], do)
    assert len(times) == 3


def test_a_step_that_failed_is_done_again_next_time(prepare, tmp_path):
    def fail():
        raise prepare.MissingError("no network")

    prepare._step("step", "a step", "same", [], lambda: None)
    with pytest.raises(prepare.MissingError):
        prepare._step("step", "a step", "changed", [], fail)
    done = []
    prepare._step("step", "a step", "same", [], lambda: done.append(1))
    assert done == [1]


def test_a_program_that_fails_is_named_with_its_exit_status(prepare, tmp_path):
    with pytest.raises(prepare.MissingError, match=r"exit 7.*ended with 7"):
        prepare._run("sh", "-c", "exit 7", folder=tmp_path)
