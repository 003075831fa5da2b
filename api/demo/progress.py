"""Show how far a load has come: a bar per step where a person looks on, a line per step where a file does."""

import sys
from types import TracebackType
from typing import Self

import click

WIDTH = 28


class Bars:
    """A progress callback that draws bars on standard error; a context that ends the last line."""

    def __init__(self) -> None:
        self._what = ""
        self._live = sys.stderr.isatty()

    def __call__(self, what: str, done: int, total: int) -> None:
        """Show one step's state."""
        if what != self._what:
            self._end_line()
            self._what = what
            if not self._live:
                click.echo(what, err=True)
        if self._live:
            full = WIDTH * done // max(1, total)
            click.echo(f"\r{what} [{'#' * full}{'-' * (WIDTH - full)}] {done}/{total}", nl=False, err=True)

    def __enter__(self) -> Self:
        return self

    def __exit__(self, kind: type[BaseException] | None, error: BaseException | None, at: TracebackType | None) -> None:
        self._end_line()

    def _end_line(self) -> None:
        if self._live and self._what:
            click.echo(err=True)
