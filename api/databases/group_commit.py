"""Group commit: what several threads want written goes into one transaction, and one sync of the disk serves them all.

Nobody waits for company: who comes first begins at once, and those who come while he writes are the next group.
"""

import threading
from collections.abc import Callable
from contextlib import AbstractContextManager
from typing import Any, Final, TypeVar

import sqlalchemy as sa
from sqlalchemy.orm import Session

Result = TypeVar("Result")

MOST_TOGETHER: Final = 32  # a longer group would keep its first member waiting for the last


class GroupCommit:
    """Runs verbs of many threads, a group at a time.

    Parameters
    ----------
    transaction
        Opens one that commits at its end, or rolls back on an error.
    """

    def __init__(self, transaction: Callable[[], AbstractContextManager[Session]]) -> None:
        self._transaction = transaction
        self._state = threading.Lock()
        self._waiting: list[_Turn] = []
        self._led = False

    def run(self, verb: Callable[[Session], Result]) -> Result:
        """Return what the verb returns, once it is committed; raise what it raises, with nothing of it written.

        The verb may be run more than once, so that it never suffers from another's failure: what it does outside of
        the session must bear that.
        """
        turn = _Turn(verb)
        with self._state:
            self._waiting.append(turn)
            leads, self._led = not self._led, True
        if not leads:
            turn.called.wait()
        if not turn.done:
            self._lead()
        if turn.error is not None:
            raise turn.error
        result: Result = turn.result
        return result

    def _lead(self) -> None:
        with self._state:
            group, self._waiting = self._waiting[:MOST_TOGETHER], self._waiting[MOST_TOGETHER:]
        try:
            self._write(group)
        finally:
            with self._state:
                next_one = self._waiting[0] if self._waiting else None
                self._led = next_one is not None
            for turn in group:
                turn.finish()
            if next_one is not None:
                next_one.called.set()

    def _write(self, group: "list[_Turn]") -> None:
        try:
            with self._transaction() as session:
                for turn in group:
                    turn.result = turn.verb(session)
        except (sa.exc.OperationalError, sa.exc.TimeoutError) as error:
            for turn in group:  # the disk is full or the database busy: nobody fares better alone
                turn.error = error
        except Exception as error:  # noqa: BLE001 - it is raised where it belongs
            if len(group) == 1:
                group[0].error = error
            else:
                for turn in group:
                    self._write([turn])
        else:
            for turn in group:
                turn.done = True


class _Turn:
    """One thread's verb, and what became of it."""

    def __init__(self, verb: Callable[[Session], Any]) -> None:
        self.verb = verb
        self.called = threading.Event()  # done, or to lead the next group
        self.done = False
        self.result: Any = None
        self.error: BaseException | None = None

    def finish(self) -> None:
        """Wake its thread; without a result or an error the leader was ended in the middle."""
        if not self.done and self.error is None:
            self.error = RuntimeError("the writing was ended before it was committed")
        self.done = True
        self.called.set()
