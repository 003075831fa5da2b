"""Carry what was committed from the embedded database's log into its file, beside the writers instead of in their way.

Left alone, SQLite lets every sixtieth posting or so do this, with everybody waiting behind it. It still does when the
log has grown for longer than `embedded` allows; then little is left to carry.
"""

import logging
import os
import threading
from collections.abc import Callable
from typing import Any, Final

log = logging.getLogger(__name__)

PAUSE_SECONDS: Final = 0.5  # between two times; what is written meanwhile is carried together


class Checkpoints:
    """A thread of this process that sets to work some moments after something was written, and then sleeps again.

    Parameters
    ----------
    connect
        Opens a connection of the driver for one time; an open one would keep the log from being cut short.
    """

    def __init__(self, connect: Callable[[], Any]) -> None:
        self._connect = connect
        self._written = threading.Event()
        self._ended = threading.Event()
        self._thread: threading.Thread | None = None
        self._process = os.getpid()

    def due(self) -> None:
        """Say that something was written."""
        if self._thread is None:
            self._thread = threading.Thread(target=self._work, name="checkpoints", daemon=True)
            self._thread.start()
        self._written.set()

    def end(self) -> None:
        """Stop, and wait until the last one is done."""
        if self._process != os.getpid():
            return  # inherited by a fork: there is no such thread here
        self._ended.set()
        self._written.set()
        if self._thread is not None:
            self._thread.join()

    def _work(self) -> None:
        while self._written.wait() and not self._ended.wait(PAUSE_SECONDS):
            self._written.clear()
            if self._ended.is_set():
                return  # the end came just now, and its sign has been cleared away with the others
            try:
                connection = self._connect()
                try:
                    connection.execute("PRAGMA wal_checkpoint(PASSIVE)").close()
                finally:
                    connection.close()
            except Exception:  # a full disk is the writers' to report; the log keeps everything
                log.exception("the log could not be carried into the database")
