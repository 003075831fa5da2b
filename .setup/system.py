"""What Ruhu needs of the machine itself, why, and how to get it: the one list of system packages.

A need is met by what the machine can *do*, never by the name of an installed package, so that any system
that can do it passes. Packages are named only to install what is missing: Debian and Ubuntu through apt,
macOS through Homebrew.
Runs on a plain Python 3.11, before anything is installed.
"""

from __future__ import annotations

import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"

# pysqlite3 brings its own SQLite; the extension is the system's (on macOS Homebrew's, off the search path)
SPATIALITE_PROBE = """
import sys
import pysqlite3
connection = pysqlite3.connect(":memory:")
connection.enable_load_extension(True)
errors = []
for name in sys.argv[1:]:
    try:
        connection.load_extension(name)
        break
    except pysqlite3.OperationalError as error:
        errors.append(str(error))
else:
    sys.exit("; ".join(errors))
connection.execute("select spatialite_version()")
"""


class MissingError(Exception):
    """The machine lacks something; the message says what, and the command that brings it."""


@dataclass(frozen=True)
class Need:
    """One ability of the machine.

    `runs` is true where `make run` needs it as well as `make test`. `debian` is a tuple of packages, or a
    function that asks apt for them where the name carries a version.
    """

    what: str
    why: str
    met: Callable[[], bool]
    debian: tuple[str, ...] | Callable[[], tuple[str, ...]]
    brew: tuple[str, ...]
    runs: bool = False


def _answers(*command: str) -> bool:
    """Whether a program exists and ends well (a stub that only exists, as java on macOS, does not)."""
    if shutil.which(command[0]) is None:
        return False
    done = subprocess.run(command, stdin=subprocess.DEVNULL, capture_output=True, check=False, timeout=60)
    return done.returncode == 0


def _spatialite() -> bool:
    names = ["mod_spatialite"]
    if brew := shutil.which("brew"):
        prefix = subprocess.run([brew, "--prefix"], capture_output=True, text=True, check=False).stdout.strip()
        names.append(str(Path(prefix, "lib", "mod_spatialite")))
    return _answers(str(VENV / "bin" / "python"), "-c", SPATIALITE_PROBE, *names)


def _postgis() -> bool:
    """Ask the program that starts the tests' own server whether it finds one with PostGIS."""
    return _answers(sys.executable, str(ROOT / "tests" / "postgres_cluster.py"), "find")


def _chromium() -> bool:
    if named := os.environ.get("RUHU_CHROMIUM"):
        return Path(named).is_file()
    return any(map(shutil.which, ("chromium", "chromium-browser", "google-chrome", "google-chrome-stable")))


def _fonts(language: str) -> Callable[[], bool]:
    def met() -> bool:
        if shutil.which("fc-list") is None:
            return sys.platform == "darwin"  # macOS ships Chinese and Tibetan fonts, and no fontconfig
        listed = subprocess.run(["fc-list", f":lang={language}"], capture_output=True, check=False).stdout
        return bool(listed.strip())

    return met


def _debian_postgis() -> tuple[str, ...]:
    """PostGIS for a server that is here already, else for the newest that this Debian offers."""
    offered = subprocess.run(
        ["apt-cache", "search", "--names-only", "^postgresql-[0-9]+-postgis-3$"],
        capture_output=True,
        text=True,
        check=False,
    ).stdout
    names = re.findall(r"^postgresql-(\d+)-postgis-3\b", offered, re.MULTILINE)
    versions = sorted({int(number) for number in names})
    here = [v for v in versions if Path(f"/usr/lib/postgresql/{v}/bin/initdb").exists()]
    version = (here or versions or [15])[-1]
    return (f"postgresql-{version}", f"postgresql-{version}-postgis-3")


NEEDS = (
    Need(
        what="SpatiaLite (mod_spatialite, loadable by pysqlite3)",
        why="the county's own database, places included, in one file",
        met=_spatialite,
        debian=("libsqlite3-mod-spatialite",),
        brew=("libspatialite",),
        runs=True,
    ),
    Need(
        what="PostgreSQL with PostGIS (initdb, postgres, postgis.control)",
        why="every test of api/ runs on both databases, on a private server that ends with the tests",
        met=_postgis,
        debian=_debian_postgis,
        brew=("postgresql@17", "postgis"),
    ),
    Need(
        what="Chromium or Chrome (or RUHU_CHROMIUM naming one)",
        why="tests sign in and click as a person does",
        met=_chromium,
        debian=("chromium",),
        brew=("chromium",),
    ),
    Need(
        what="a Chinese font",
        why="pages and printed lists are looked at, Chinese included",
        met=_fonts("zh"),
        debian=("fonts-noto-cjk", "fontconfig"),
        brew=("font-noto-sans-cjk-sc",),
    ),
    Need(
        what="a Tibetan font",
        why="names and notices in Tibetan must not print as boxes",
        met=_fonts("bo"),
        debian=("fonts-noto-core", "fontconfig"),
        brew=("font-noto-serif-tibetan",),
    ),
    Need(
        what="a Java runtime",
        why="ODK Validate, which phones trust, judges every compiled form",
        met=lambda: _answers("java", "-version"),
        debian=("default-jre-headless",),
        brew=("openjdk",),
    ),
    Need(
        what="GDAL's ogr2ogr",
        why="tests read our map layers with a program that is not ours",
        met=lambda: _answers("ogr2ogr", "--version"),
        debian=("gdal-bin",),
        brew=("gdal",),
    ),
)


def _packages(needs: Iterable[Need], system: str) -> list[str]:
    names: dict[str, None] = {}
    for need in needs:
        wanted = getattr(need, system)
        names.update(dict.fromkeys(wanted() if callable(wanted) else wanted))
    return list(names)


def _as_root() -> list[str] | None:
    """Return the words before a command that needs root, or None where that takes a password."""
    if os.geteuid() == 0:
        return []
    if shutil.which("sudo") and _answers("sudo", "-n", "true"):
        return ["sudo", "-n"]
    return None


def apt_install(packages: list[str]) -> None:
    """Install Debian packages without a question.

    Raises
    ------
    MissingError
        Neither root nor sudo without a password, or apt refused; the message has the command to type.
    """
    words = _as_root()
    if words is None:
        names = " ".join(packages)
        raise MissingError(f"type: sudo apt-get update && sudo apt-get install --no-install-recommends {names}")
    environment = [*words, "env", "DEBIAN_FRONTEND=noninteractive"]
    install = [*environment, "apt-get", "install", "--yes", "-qq", "--no-install-recommends", *packages]
    if subprocess.run(install, stdin=subprocess.DEVNULL, check=False).returncode != 0:
        raise MissingError(f"apt-get could not install {' '.join(packages)}; its own words stand above")


def apt_update() -> None:
    """Bring the lists of packages up to date where that needs no password; a machine offline keeps its own."""
    words = _as_root()
    if words is not None:  # package names with a version in them are known only after it
        subprocess.run([*words, "apt-get", "update", "-qq"], stdin=subprocess.DEVNULL, check=False)


def _install(needs: list[Need]) -> None:
    if shutil.which("apt-get"):
        apt_update()
        apt_install(_packages(needs, "debian"))
    elif brew := shutil.which("brew"):
        subprocess.run([brew, "install", *_packages(needs, "brew")], stdin=subprocess.DEVNULL, check=False)


def provide(*, for_tests: bool) -> None:
    """See that the machine can do what is needed, and install what is missing where that needs no password.

    Raises
    ------
    MissingError
        Naming each ability that is still missing, why it is needed, and what to install.
    """
    # a county on PostgreSQL needs no SpatiaLite to run, but the tests use both
    on_postgres = os.environ.get("RUHU_DATABASE_URL", "").startswith("postgres")
    needs = [need for need in NEEDS if for_tests or (need.runs and not on_postgres)]
    missing = [need for need in needs if not need.met()]
    if not missing:
        return
    print("· installing for the system: " + ", ".join(need.what for need in missing), flush=True)
    refused = ""
    try:
        _install(missing)
    except MissingError as refusal:
        refused = str(refusal)
    missing = [need for need in missing if not need.met()]
    if missing:
        raise MissingError(_ask(missing, refused))


def _ask(missing: list[Need], refused: str) -> str:
    lines = ["this machine lacks (本机缺少):"]
    lines += [f"  - {need.what}: {need.why}" for need in missing]
    if refused:
        lines.append(refused)
    elif shutil.which("apt-get"):
        names = " ".join(_packages(missing, "debian"))
        lines.append(f"they were installed but cannot be used; look at: {names}")
    elif shutil.which("brew"):
        lines.append(f"type: brew install {' '.join(_packages(missing, 'brew'))}")
    else:
        known = [need for need in missing if not callable(need.debian)]
        names = " ".join(_packages(known, "debian")) or "postgresql, postgis"
        lines.append(f"install them as your system does (Debian's names: {names})")
    return "\n".join(lines)
