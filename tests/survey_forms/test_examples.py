"""The examples in the docstrings run."""

import doctest
import importlib
import pkgutil

import pytest

import survey_forms

MODULES = [module.name for module in pkgutil.iter_modules(survey_forms.__path__, "survey_forms.")]


@pytest.mark.parametrize("name", MODULES)
def test_the_examples_of_a_module_run(name):
    assert doctest.testmod(importlib.import_module(name)).failed == 0


def test_there_are_examples_to_run():
    assert sum(doctest.testmod(importlib.import_module(name)).attempted for name in MODULES) >= 30
