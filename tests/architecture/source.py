"""The project's own files and their syntax trees, for the tests that hold its walls."""

import ast
from collections.abc import Iterator
from functools import cache
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
FOLDERS = ("api", "sampling", "survey_forms", "migrations", "tests", "benchmarks", ".setup")
MADE = {"node_modules", "dist", "__pycache__", ".venv", ".local"}  # not written by anybody


def files(*endings: str, folders: tuple[str, ...] = FOLDERS) -> Iterator[Path]:
    """Yield the files that people wrote, with these endings."""
    for folder in folders:
        for path in sorted((ROOT / folder).rglob("*")):
            if path.suffix in endings and not MADE & set(path.relative_to(ROOT).parts):
                yield path
    yield from (path for path in sorted(ROOT.glob("*")) if path.suffix in endings)


@cache
def tree(path: Path) -> ast.Module:
    """Return a module's syntax tree."""
    return ast.parse(path.read_text("utf-8"), str(path))


def called(path: Path) -> str:
    """Return how a file is called inside the project, for messages."""
    return path.relative_to(ROOT).as_posix()


def module_name(path: Path) -> str:
    """Return the name under which a module is imported."""
    parts = path.relative_to(ROOT).with_suffix("").parts
    return ".".join(parts[:-1] if parts[-1] == "__init__" else parts)


def imports(path: Path) -> set[str]:
    """Return what a module imports, as full names of modules and of what is taken from them."""
    found = set()
    for node in ast.walk(tree(path)):
        if isinstance(node, ast.Import):
            found |= {name.name for name in node.names}
        elif isinstance(node, ast.ImportFrom) and node.module:
            found |= {node.module, *(f"{node.module}.{name.name}" for name in node.names)}
    return found
