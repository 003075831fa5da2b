"""A file stays small, says why it exists, and is not called after nothing in particular."""

import ast
import re

from source import called, files, tree

MOST_LINES = 400
NAMELESS = re.compile(r"(^|[_.-])(utils?|helpers?|managers?|services?|common|misc)([_.-]|$)")
WRITTEN = [*files(".py", ".ts", ".css", ".html")]
PYTHON = [*files(".py")]


def test_the_walk_finds_the_project():
    assert {"api/edge.py", "sampling/verifier.py", "wsgi.py", "api/web/src/main.ts"} <= set(map(called, WRITTEN))


def test_a_file_is_small_enough_to_be_read_at_once():
    large = {called(path): len(path.read_text("utf-8").splitlines()) for path in WRITTEN}
    assert {name: lines for name, lines in large.items() if lines > MOST_LINES} == {}, "make it a package of its name"


def test_a_file_and_its_folders_have_names_that_say_something():
    nameless = [called(path) for path in WRITTEN if any(map(NAMELESS.search, called(path).split("/")))]
    assert nameless == [], "name it after what it does"


def test_the_rule_about_names_knows_the_names_it_forbids():
    assert all(map(NAMELESS.search, ("utils.py", "http_helpers", "manager.ts", "my-service.css", "common")))
    assert not any(map(NAMELESS.search, ("serve.py", "commons.py", "utility_bill.py", "manage.py")))


def owns_a_sentence(path):
    # of a module of tests the names of its tests are the sentences
    return not path.name.startswith("test_") and path.name != "conftest.py"


def says_why(path):
    first, *rest = (ast.get_docstring(tree(path)) or "").splitlines() or [""]
    return len(first) > 15 and (first.endswith((".", ":")) or bool(rest and rest[0]))


def test_a_module_says_in_its_first_line_why_it_exists():
    silent = [called(path) for path in PYTHON if owns_a_sentence(path) and not says_why(path)]
    assert silent == [], "begin with a docstring of one sentence"
