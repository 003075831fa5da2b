"""A real server for tests: gunicorn with several processes on a free port, always ended."""

import contextlib
import ctypes
import os
import signal
import socket
import subprocess
import sys
import time
import uuid
from dataclasses import fields
from pathlib import Path

import requests

PROJECT = Path(__file__).resolve().parents[1]
START_SECONDS = 120


def environment_of(settings):
    """The environment in which another process of ours has these settings, and no others of this one."""
    inherited = {name: value for name, value in os.environ.items() if not name.startswith("RUHU_")}
    return inherited | {f"RUHU_{item.name.upper()}": str(getattr(settings, item.name)) for item in fields(settings)}


class Live:
    """One server; `workers` are its processes, `kill_a_worker` ends one as a power cut would."""

    def __init__(self, settings, *, workers=2, threads=8):
        self.settings = settings
        self.workers = workers
        self.threads = threads
        self.port = _free_port()
        self.address = f"http://127.0.0.1:{self.port}"
        self.process = None

    def __enter__(self):
        environment = environment_of(self.settings)
        self.settings.data_dir.mkdir(parents=True, exist_ok=True)
        with (self.settings.data_dir / "server.log").open("ab") as log:
            self.process = subprocess.Popen(
                [
                    sys.executable, "-m", "gunicorn", "wsgi:app", "--bind", f"127.0.0.1:{self.port}",
                    "--workers", str(self.workers), "--threads", str(self.threads), "--worker-class", "gthread",
                    "--graceful-timeout", "5", "--no-control-socket", "--preload",
                ],
                cwd=PROJECT, env=environment, stdout=log, stderr=log, start_new_session=True,
                preexec_fn=_end_with_us,  # noqa: PLW1509 - one system call, taken before any thread of a test runs
            )  # fmt: skip
        self.wait_until_alive()
        return self

    def __exit__(self, *_):
        self.process.terminate()
        try:
            self.process.wait(10)
        except subprocess.TimeoutExpired:
            self.process.kill()
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self.process.pid, signal.SIGKILL)  # only what this server started is in its group
        self.process.wait(10)

    def wait_until_alive(self):
        until = time.monotonic() + START_SECONDS
        while time.monotonic() < until:
            if self.process.poll() is not None:
                break
            with contextlib.suppress(requests.RequestException):
                if requests.get(f"{self.address}/alive", timeout=5).status_code == 200:
                    return
            time.sleep(0.1)
        log = (self.settings.data_dir / "server.log").read_text(errors="replace")
        raise RuntimeError(f"the server did not start; it said:\n{log[-3000:]}")

    def worker_pids(self):
        children = Path(f"/proc/{self.process.pid}/task/{self.process.pid}/children").read_text()
        return [int(pid) for pid in children.split()]

    def kill_a_worker(self, choose):
        """End one worker with SIGKILL; return whether there was one."""
        pids = self.worker_pids()
        if pids:
            with contextlib.suppress(ProcessLookupError):
                os.kill(choose(pids), signal.SIGKILL)
        return bool(pids)


def multipart(xml, files):
    """The body of a posting as Collect writes it, and its content type."""
    boundary = uuid.uuid4().hex
    parts = []
    for name, file_name, content in [
        ("xml_submission_file", "submission.xml", xml),
        *((name, name, content) for name, content in files.items()),
    ]:
        head = f'--{boundary}\r\nContent-Disposition: form-data; name="{name}"; filename="{file_name}"\r\n\r\n'
        parts += [head.encode(), content, b"\r\n"]
    return b"".join([*parts, f"--{boundary}--\r\n".encode()]), f"multipart/form-data; boundary={boundary}"


def _end_with_us():
    """Let the kernel end the server when the test is killed and cannot (Linux; elsewhere it is left to the test)."""
    with contextlib.suppress(OSError, AttributeError):
        ctypes.CDLL(None).prctl(1, signal.SIGTERM)  # PR_SET_PDEATHSIG


def _free_port():
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        return probe.getsockname()[1]
