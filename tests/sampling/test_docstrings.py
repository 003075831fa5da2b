"""Every public name says what it takes, what it gives and how it is used; numpydoc reads the sentences."""

import dataclasses
import importlib
import inspect
import pkgutil

import pytest
from numpydoc.docscrape import ClassDoc
from numpydoc.validate import validate

import sampling

# no docstring; parameters missing, unknown, in another order, without a type; nothing of what comes back; no example
OF_FUNCTIONS = {"GL08", "SS02", "SS03", "PR01", "PR02", "PR03", "PR04", "RT01", "RT02", "YD01", "EX01"}
ROOMS = [room.name for room in pkgutil.iter_modules(sampling.__path__) if room.ispkg and room.name != "commands"]


def public():
    """Each public function and class once, by its full name."""
    found = {}
    for room in ["sampling", *(f"sampling.{name}" for name in ROOMS)]:
        module = importlib.import_module(room)
        for name in module.__all__:
            thing = getattr(module, name)
            if inspect.isfunction(thing) or inspect.isclass(thing):
                found[f"{thing.__module__}.{thing.__qualname__}"] = thing
    return found


PUBLIC = public()
FUNCTIONS = [name for name, thing in PUBLIC.items() if inspect.isfunction(thing)]
CLASSES = [name for name, thing in PUBLIC.items() if inspect.isclass(thing)]


def complaints(name, wanted):
    return [f"{code} {words}" for code, words in validate(name)["errors"] if code in wanted]


def test_the_rooms_are_found():
    assert {"frame", "risk", "allocation", "tickets", "selection", "spatial", "size", "estimation", "certificate"} == {
        *ROOMS
    }
    assert len(FUNCTIONS) > 100


@pytest.mark.parametrize("name", FUNCTIONS)
def test_a_public_function_is_documented_whole(name):
    assert complaints(name, OF_FUNCTIONS) == []


@pytest.mark.parametrize("name", CLASSES)
def test_a_public_class_describes_itself_its_fields_and_its_methods(name):
    thing = PUBLIC[name]
    assert complaints(name, {"GL08", "SS02", "SS03"}) == []
    if dataclasses.is_dataclass(thing):
        text = ClassDoc(thing)
        described = {word for part in ("Parameters", "Attributes") for p in text[part] for word in p.name.split(", ")}
        fields = {field.name for field in dataclasses.fields(thing) if not field.name.startswith("_")}
        assert fields <= described, f"{fields - described} are not described"
    for method, member in vars(thing).items():
        if method.startswith("_") or not (inspect.isfunction(member) or isinstance(member, classmethod)):
            continue
        words = inspect.getdoc(getattr(thing, method)) or ""
        assert words, f"{method} says nothing"
        taken = [p for p in inspect.signature(getattr(thing, method)).parameters if p != "self"]
        # a method of one sentence names what it takes in double back-ticks, a longer one has a section
        silent = {p for p in taken if f"``{p}``" not in words}
        if silent:
            assert complaints(f"{name}.{method}", {"PR01", "PR02", "PR03"}) == []


def test_a_gap_would_be_noticed():
    # what stands outside the public names is held to less: this one has no example
    assert [words[:4] for words in complaints("sampling.selection.strata.group", OF_FUNCTIONS)] != []
