"""The queue before the embedded database's one write place, for all threads and processes.

SQLite lets a writer who finds the place taken sleep and look again, a tenth of a second apart in the end: the place
stands empty meanwhile, whoever happens to come goes first, and a phone may wait for seconds while an import writes.
Here writers take turns. The locks are the kernel's (``flock``): a process that is killed holds nothing.
"""

import fcntl
import os
import threading
import time
from pathlib import Path
from typing import Final

FIRST_PAUSE: Final = 0.0002  # seconds between two looks, doubled up to the longest
LONGEST_PAUSE: Final = 0.002


class WritePlace:
    """One writer at a time; the next one waits at the door, so that nobody who just left can slip in before him.

    The database's own lock still decides: a writer that does not queue is only less polite.

    Parameters
    ----------
    path : Path
        Of the database; two empty files beside it are locked in its stead.
    """

    def __init__(self, path: Path) -> None:
        self._door = path.with_name(f"{path.name}-door")
        self._place = path.with_name(f"{path.name}-place")
        self._ours = threading.Lock()  # of this process only one thread goes to the door
        self._held: int | None = None

    def take(self, seconds: float) -> bool:
        """Wait for the place; return whether it was had within so many seconds."""
        until = time.monotonic() + seconds
        if not self._ours.acquire(timeout=seconds):
            return False
        try:
            door = _lock(self._door, until)
            if door is not None:
                try:
                    self._held = _lock(self._place, until)
                finally:
                    os.close(door)
        finally:
            if self._held is None:
                self._ours.release()
        return self._held is not None

    def leave(self) -> None:
        """Let the next one in."""
        held, self._held = self._held, None
        if held is not None:
            os.close(held)  # and with it the lock
            self._ours.release()


def _lock(path: Path, until: float) -> int | None:
    """Return the handle of the locked file; None when it stays taken for too long."""
    handle = os.open(path, os.O_RDWR | os.O_CREAT, 0o600)
    pause = FIRST_PAUSE
    try:
        while True:
            try:
                fcntl.flock(handle, fcntl.LOCK_EX | fcntl.LOCK_NB)
            except BlockingIOError:
                if time.monotonic() > until:
                    break
                time.sleep(pause)
                pause = min(2 * pause, LONGEST_PAUSE)
            else:
                return handle
    except BaseException:
        os.close(handle)
        raise
    os.close(handle)
    return None
