"""What people read is written in Chinese and can be read in English; no text is forgotten, none is left behind."""

import ast
import re
from string import Formatter

import pytest
from babel.messages.pofile import read_po
from jinja2 import Environment, nodes
from source import ROOT, called, files, tree

CHINESE = re.compile(r"[\u3400-\u9fff]")
BOTH_LANGUAGES = re.compile(r"[\u3400-\u9fff].* · [A-Za-z]")  # "账号 · accounts": the description of the interface
QUOTED = re.compile("“[^”]*”")  # a word that has to be written in Chinese
CATALOGUE = ROOT / "api" / "translations" / "en.po"

# Chinese that no person reads in a page or an answer of the server, or that is meant to stay Chinese.
STAYS: dict[str, str] = {
    "commands.py": "the console speaks both languages at once",
    "api/serve.py": "the same",
    "api/translations/__init__.py": "names of languages, each in its own",
    "api/demo": "names and notes of the synthetic county are data",
    "api/smorest.py": "the title of the interface's description, in both languages",
    "api/spot_checks/export.py": "the sheets go along into the villages and are signed there",
    "api/spot_checks/lists/paper_sheet.py": "the same",
    "api/registry/boundaries/field_names.py": "as files of the surveying offices have them",
    "api/registry/roll_file": "headings of files, read and written in Chinese and English side by side",
}


def stays(path):
    return any(called(path).startswith(kept) or path.name == kept for kept in STAYS)


def texts_of_python(path):
    """Yield the Chinese constants of a module that are no docstrings, and whether each is a part of an f-string."""
    silent = set()
    pieces = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Expr) and isinstance(node.value, ast.Constant):
            silent.add(node.value)  # a docstring
        if isinstance(node, ast.JoinedStr):
            pieces |= set(node.values)
    for node in ast.walk(tree(path)):
        if not isinstance(node, ast.Constant) or not isinstance(node.value, str) or node in silent:
            continue
        if CHINESE.search(node.value) and not BOTH_LANGUAGES.search(node.value):
            yield node.value, node in pieces, node.lineno


def read_by_people():
    """Return every text that needs a translation, with the place where it stands."""
    found = {}
    for path in files(".py", folders=("api",)):
        if not stays(path):
            found |= {text: f"{called(path)}:{line}" for text, piece, line in texts_of_python(path) if not piece}
    for path in files(".html", folders=("api",)):
        for node in template(path).find_all(nodes.Const):
            if isinstance(node.value, str) and CHINESE.search(node.value):
                found[node.value] = f"{called(path)}:{node.lineno}"
    return found


def template(path):
    return Environment(autoescape=True, extensions=["jinja2.ext.do"]).parse(path.read_text("utf-8"))


@pytest.fixture(scope="module")
def english():
    with CATALOGUE.open("rb") as file:
        return {message.id: message for message in read_po(file, locale="en", abort_invalid=True) if message.id}


@pytest.fixture(scope="module")
def wanted():
    return read_by_people()


def test_every_chinese_text_has_an_english_translation(wanted, english):
    missing = {text: place for text, place in wanted.items() if text not in english or not english[text].string}
    assert missing == {}, "add it to api/translations/en.po"


def test_no_translation_is_left_of_a_text_that_is_gone(wanted, english):
    assert set(english) - set(wanted) == set(), "remove it from api/translations/en.po"


def test_a_translation_says_the_same_values_and_holds_no_chinese(english):
    for text, message in english.items():
        assert names(message.string) == names(text), text
        assert not CHINESE.search(QUOTED.sub("", message.string)), text
        assert not message.fuzzy, text


def names(text):
    return sorted(name for _, name, _, _ in Formatter().parse(text) if name is not None)


def test_a_text_with_values_is_written_with_names_so_that_it_can_be_translated():
    glued = [
        f"{called(path)}:{line} {text!r}"
        for path in files(".py", folders=("api",))
        if not stays(path)
        for text, piece, line in texts_of_python(path)
        if piece
    ]
    assert glued == [], 'write text("… {name} …", name=…) instead of an f-string'


def test_no_chinese_stands_bare_in_a_template():
    bare = [
        f"{called(path)}:{node.lineno} {node.data.strip()[:40]!r}"
        for path in files(".html", folders=("api",))
        for node in template(path).find_all(nodes.TemplateData)
        if CHINESE.search(node.data)
    ]
    assert bare == [], 'write {{ _("…") }}'


def test_the_catalogue_is_in_the_order_of_its_texts(english):
    assert list(english) == sorted(english), "sort it, so that two people's additions do not collide"
