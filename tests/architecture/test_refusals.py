"""One refusal, one class, one slug, one status."""

import importlib

import pytest
from source import files, module_name

from api.problems import CATALOGUE, Refusal

for module in files(".py", folders=("api",)):
    importlib.import_module(module_name(module))


def kinds(parent=Refusal):
    for kind in parent.__subclasses__():
        yield kind
        yield from kinds(kind)


def spoken(kind):
    return f"{kind.__module__}.{kind.__name__}"


@pytest.mark.parametrize("kind", sorted(set(kinds()), key=spoken), ids=spoken)
def test_a_refusal_has_a_status_and_says_in_english_what_it_is(kind):
    assert kind.slug in CATALOGUE
    assert kind.__doc__, "say when it is raised"


@pytest.mark.parametrize(("slug", "status", "title"), [(slug, *found) for slug, found in CATALOGUE.items()])
def test_a_slug_has_a_status_of_a_refusal_and_a_title(slug, status, title):
    assert 400 <= status < 600
    assert title
    assert slug == slug.lower().replace("_", "-").replace(" ", "-")


def test_every_kind_of_refusal_in_the_catalogue_is_raised_by_something():
    used = {kind.slug for kind in kinds()}
    by_status = {"method", "not-acceptable", "gone", "range", "unexpected"}  # named by HTTP itself, in api/edge.py
    assert set(CATALOGUE) - used <= by_status
