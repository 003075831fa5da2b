"""A private PostgreSQL server for one test run, so that every test of api/ runs on PostGIS without a set-up.

The first process that asks starts it on a free port in a folder of its own; the workers of one pytest-xdist
run share it. Nobody has to stop it: every user holds a shared file lock, which the kernel drops when the
process ends, however it ends. A guardian waits for the exclusive lock, then ends the server and removes the
folder. So no server outlives its tests, after Ctrl-C or `kill -9` either.

Only the standard library is imported at the top: `.setup/` asks this file whether there is a server at all.
"""

from __future__ import annotations

import atexit
import contextlib
import fcntl
import json
import os
import pwd
import re
import secrets
import shutil
import signal
import socket
import subprocess
import sys
import tempfile
import time
import traceback
import uuid
from functools import cache
from pathlib import Path
from typing import IO, TYPE_CHECKING, TypedDict
from urllib.parse import urlsplit

if TYPE_CHECKING:
    import psycopg

START_SECONDS = 120  # two seconds on a free machine; far more on a crowded one
SUPERUSER = "ruhu_test"
PACKAGES = "Debian: postgresql and postgresql-NN-postgis-3; Homebrew: postgresql@17 postgis"

# nothing here must survive a power cut, and everything should be quick on two cores
SETTINGS = {
    "fsync": "off",
    "synchronous_commit": "off",
    "full_page_writes": "off",
    "wal_level": "minimal",
    "max_wal_senders": "0",
    "max_connections": "100",
    "shared_buffers": "128MB",
    "max_parallel_workers_per_gather": "0",  # two cores, two pytest workers
    "jit": "off",
    "timezone": "UTC",
    "listen_addresses": "127.0.0.1",
    "unix_socket_directories": "",  # a path under a long TMPDIR would not fit in a socket's name
    "log_min_messages": "warning",
}


class ClusterError(RuntimeError):
    """The private server could not be found or started; the message says what to do."""


def server_url() -> str:
    """Start the run's server if nobody has yet, and return a superuser's SQLAlchemy URL of it.

    Returns
    -------
    str
        `postgresql+psycopg://…/postgres`, the same for every worker of one test run.

    Raises
    ------
    ClusterError
        If no server with PostGIS is installed, or it does not start in two minutes.
    """
    return _join()["url"]


def create_database(template: str | None = None) -> str:
    """Make an empty database, or a copy of another, and return its SQLAlchemy URL.

    Parameters
    ----------
    template
        URL or name of a database of this server. Nobody may be connected to it while it is copied.
    """
    name = f"ruhu_{secrets.token_hex(8)}"
    copied = _name(template) if template else "template0"
    with _admin() as connection:
        connection.execute(f'CREATE DATABASE "{name}" TEMPLATE "{copied}"'.encode())
    return urlsplit(server_url())._replace(path=f"/{name}").geturl()


def drop_database(database: str) -> None:
    """Remove a database by URL or name, ending whoever is still connected; one that is gone is no error."""
    with _admin() as connection:
        connection.execute(f'DROP DATABASE IF EXISTS "{_name(database)}" WITH (FORCE)'.encode())


def _name(database: str) -> str:
    return urlsplit(database).path.lstrip("/") if "://" in database else database


def _admin() -> psycopg.Connection[tuple[object, ...]]:
    import psycopg  # noqa: PLC0415  absent while .setup/ asks for the programs

    return psycopg.connect(server_url().replace("+psycopg", "", 1), autocommit=True)


@cache
def bindir() -> Path:
    """Return the folder of the newest PostgreSQL programs whose server has PostGIS.

    Raises
    ------
    ClusterError
        If there is no server, or none with PostGIS.
    """
    folders = sorted(Path("/usr/lib/postgresql").glob("[0-9]*/bin"), key=_version, reverse=True)
    if config := shutil.which("pg_config"):
        answer = subprocess.run([config, "--bindir"], capture_output=True, text=True, check=False)
        folders.append(Path(answer.stdout.strip()))
    if server := shutil.which("postgres"):
        folders.append(Path(server).resolve().parent)
    servers = [f for f in folders if (f / "initdb").exists() and (f / "postgres").exists()]
    for folder in servers:
        if _has_postgis(folder):
            return folder
    lack = f"PostgreSQL in {servers[0]} has no PostGIS" if servers else "no PostgreSQL server is installed"
    raise ClusterError(f"{lack}; the tests need one with it ({PACKAGES})")


def _version(folder: Path) -> list[int]:
    return [int(number) for number in re.findall(r"\d+", folder.parent.name)]


def _has_postgis(folder: Path) -> bool:
    shared = [folder.parent / "share", Path("/usr/share/postgresql", folder.parent.name)]
    config = folder / "pg_config"
    if config.exists():
        answer = subprocess.run([config, "--sharedir"], capture_output=True, text=True, check=False)
        shared.insert(0, Path(answer.stdout.strip()))
    return any((place / "extension" / "postgis.control").exists() for place in shared)


# --- the users' side: one folder per run, a shared lock while anyone needs it


def _folder() -> Path:
    """Return the run's folder, the same for all workers of one pytest-xdist run."""
    run = os.environ.get("PYTEST_XDIST_TESTRUNUID") or uuid.uuid4().hex
    return Path(tempfile.gettempdir(), f"ruhu-postgres-{os.getuid()}-{run[:32]}")


@cache
def _join() -> dict[str, str]:
    """Hold the run's lock until this process ends, and see that its server runs."""
    bindir()  # refuse here, where the message is seen
    folder = _folder()
    while True:
        with contextlib.suppress(FileNotFoundError):  # the guardian of earlier users moved the folder away
            folder.mkdir(mode=0o711, exist_ok=True)  # the server's own user must pass through
            if folder.stat().st_uid != os.getuid():
                raise ClusterError(f"{folder} belongs to someone else; remove it or set TMPDIR")
            alive = (folder / "alive").open("a")
            fcntl.flock(alive, fcntl.LOCK_SH)
            if _is_still(alive, folder / "alive"):
                break
            alive.close()
    atexit.register(alive.close)
    with (folder / "start").open("a") as turn:
        fcntl.flock(turn, fcntl.LOCK_EX)
        if not (folder / "guardian.log").exists():
            _spawn_guardian(folder)
    return _wait_for_server(folder)


def _is_still(opened: IO[str], path: Path) -> bool:
    try:
        return os.path.samestat(os.fstat(opened.fileno()), path.stat())
    except FileNotFoundError:
        return False


def _spawn_guardian(folder: Path) -> None:
    with (folder / "guardian.log").open("w") as log:
        subprocess.run(  # returns at once: the guardian is a grandchild, so that nobody has to wait for it
            [sys.executable, __file__, "guard", folder],
            check=True,
            stdin=subprocess.DEVNULL,
            stdout=log,
            stderr=log,
            start_new_session=True,  # Ctrl-C is for the tests; the guardian ends after them
            cwd="/",
        )


def _wait_for_server(folder: Path) -> dict[str, str]:
    deadline = time.monotonic() + START_SECONDS
    while not (folder / "ready.json").exists():
        if (folder / "failed").exists() or time.monotonic() > deadline:
            logs = [folder / name for name in ("failed", "guardian.log", "server.log")]
            said = "\n".join(log.read_text(errors="replace")[-2000:] for log in logs if log.exists())
            raise ClusterError(f"the tests' PostgreSQL did not start; it said:\n{said}")
        time.sleep(0.05)
    answer: dict[str, str] = json.loads((folder / "ready.json").read_text())
    return answer


# --- the guardian's side


class Identity(TypedDict, total=False):
    """Whom the server runs as, in the words of `subprocess`; empty for the user we are."""

    user: int
    group: int
    extra_groups: list[int]


def _identity() -> Identity:
    """PostgreSQL refuses to run as root: find a user to run as instead."""
    if os.geteuid() != 0:
        return {}
    for name in ("postgres", "nobody"):
        with contextlib.suppress(KeyError):
            user = pwd.getpwnam(name)
            return {"user": user.pw_uid, "group": user.pw_gid, "extra_groups": []}
    raise ClusterError("running as root, and there is neither a user `postgres` nor `nobody` to run as")


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
        return port


def _initialise(home: Path, identity: Identity, password: str) -> None:
    home.mkdir(mode=0o700)
    secret = home / "password"
    secret.touch(mode=0o600)
    secret.write_text(password)
    if identity:
        for path in (secret, home):
            os.chown(path, identity["user"], identity["group"])
    subprocess.run(
        [
            bindir() / "initdb",
            f"--pgdata={home / 'data'}",
            f"--username={SUPERUSER}",
            f"--pwfile={secret}",
            "--auth=scram-sha-256",  # others on this machine can reach the port too
            "--encoding=UTF8",
            f"--locale={'C' if sys.platform == 'darwin' else 'C.UTF-8'}",
            "--no-sync",
        ],
        check=True,
        stdout=subprocess.DEVNULL,
        cwd=home,
        **identity,
    )
    secret.unlink()


def _serve(folder: Path) -> subprocess.Popen[bytes]:
    identity = _identity()
    password = secrets.token_urlsafe(18)
    home = folder / "server"
    _initialise(home, identity, password)
    options = [word for name, value in SETTINGS.items() for word in ("-c", f"{name}={value}")]
    for _attempt in range(5):  # another program may take the free port before us
        port = _free_port()
        with (folder / "server.log").open("a") as log:
            server: subprocess.Popen[bytes] = subprocess.Popen(
                [bindir() / "postgres", "-D", home / "data", "-p", str(port), *options],
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                cwd=home,
                **identity,
            )
        while server.poll() is None:
            if _says_ready(home / "data" / "postmaster.pid"):
                url = f"postgresql+psycopg://{SUPERUSER}:{password}@127.0.0.1:{port}/postgres"
                draft = folder / "ready.part"
                draft.touch(mode=0o600)
                draft.write_text(json.dumps({"url": url}))
                draft.rename(folder / "ready.json")
                return server
            time.sleep(0.05)
    raise ClusterError("PostgreSQL ended at once, five times")


def _says_ready(pid_file: Path) -> bool:
    """Read the server's own word, the last line of its lock file: a stranger on the port cannot deceive."""
    try:
        return pid_file.read_text().splitlines()[-1].strip() == "ready"
    except (FileNotFoundError, IndexError):
        return False


def _guard(folder: Path) -> None:
    """Run the server for as long as anyone holds the run's lock, then remove every trace."""
    server = None
    with (folder / "alive").open("a") as alive:
        try:
            server = _serve(folder)
        except Exception:  # noqa: BLE001  whatever it was, the waiting tests shall read it
            (folder / "failed").write_text(traceback.format_exc())
        fcntl.flock(alive, fcntl.LOCK_EX)  # until the last user is gone
        # whoever comes from now on finds no folder and begins anew
        leaving = folder.with_name(f"{folder.name}-ended-{os.getpid()}")
        folder.rename(leaving)
        if server is not None:
            server.send_signal(signal.SIGQUIT)  # at once: nothing in it is worth a checkpoint
            server.wait(timeout=30)
        shutil.rmtree(leaving)


def _main(*words: str) -> int:
    if words[:1] == ("guard",):
        if os.fork() == 0:
            _guard(Path(words[1]))
        return 0
    try:
        sys.stdout.write(f"{bindir()}\n")
    except ClusterError as error:
        sys.stderr.write(f"{error}\n")
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(_main(*sys.argv[1:]))
