"""Nouns hold, verbs do, the edge speaks HTTP: who may import what inside a feature. The features' own order is held
by import-linter (pyproject.toml).
"""

import ast

from source import ROOT, called, files, imports, module_name, tree

# The edge of a feature: these speak HTTP, say what it carries, or stand on the command line.
EDGE_FILES = {"resources", "pages", "commands", "schemas"}
# The edge where it has other names.
EDGE_MODULES = {
    "api.people.guard": "who is asking, looked up before every request",
    "api.pages.api_docs": "a page",
    "api.pages.assets": "the files of the pages",
    "api.pages.navigation": "where one can go, by who is asking",
    "api.pages.views": "what templates may use",
    "api.evidence.checks.which": "the county that an address names",
    "api.evidence.checks.words": "a check said in the language of whoever asks",
    "api.spot_checks.which": "the county that an address names, and the tabs of its pages",
    "api.spot_checks.lists.paper_pages": "the pages of the paper that goes along",
    "api.spot_checks.publication.public_pages": "the pages of published draws, for anybody",
    "api.collection.openrosa": "the phones' dialect of HTTP",
    "api.collection.phone_lists": "the phones' routes to what forms need beside them",
    "api.collection.phones": "the phones' routes",
    "api.collection.form_drafts.phones": "the routes of phones that try a draft",
    "api.collection.serving": "an answer made of kept bytes",
}


def is_edge(name):
    parts = name.split(".")
    return name in EDGE_MODULES or bool(EDGE_FILES & set(parts[2:]))


INNER = [
    path for path in files(".py", folders=("api",)) if path.parent != ROOT / "api" and not is_edge(module_name(path))
]


def test_the_list_of_edge_modules_names_only_modules_there_are():
    assert set(EDGE_MODULES) <= {module_name(path) for path in files(".py", folders=("api",))}


def test_verbs_and_tables_know_nothing_of_http():
    assert len(INNER) > 30, "the walk finds them"
    found = {called(path): sorted(filter(speaks_http, imports(path))) for path in INNER}
    found = {name: names for name, names in found.items() if names}
    assert found == {}, "take the session, the viewer and settings as arguments"


def speaks_http(name):
    return name.startswith(("flask", "api.edge.")) or name == "api.edge" or is_edge(name)


def test_a_verb_takes_the_session_first():
    assert [f"{called(path)}: {function.name}" for path in INNER for function in wrong_order(path)] == []


def wrong_order(path):
    for function in ast.walk(tree(path)):
        if isinstance(function, ast.FunctionDef | ast.AsyncFunctionDef):
            names = [item for item in function.args.posonlyargs + function.args.args if item.arg not in {"self", "cls"}]
            sessions = [item.annotation is not None and ast.unparse(item.annotation) == "Session" for item in names]
            if any(sessions) and not sessions[0]:
                yield function


def test_only_the_edge_commits():
    commits = {
        called(path)
        for path in files(".py", folders=("api",))
        for node in ast.walk(tree(path))
        if isinstance(node, ast.Attribute) and node.attr == "commit"
    }
    assert commits == {"api/edge.py"}
