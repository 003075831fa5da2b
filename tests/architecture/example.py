"""How the walk calls one route: arguments inside and outside the area, and what is sent."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import world


def by_county(name: str, pick: Callable[[Any, str], Any]) -> dict[str, Callable[[Any], dict[str, Any]]]:
    """Return the two arguments of an example whose object lies in a county."""
    return {
        "inside": lambda built: {name: pick(built, world.COUNTY)},
        "outside": lambda built: {name: pick(built, world.OTHER_COUNTY)},
    }


Given = dict[str, Any] | Callable[[Any], dict[str, Any]]


@dataclass(frozen=True, kw_only=True)
class Example:
    """How to call a route.

    inside, outside
        Arguments of the address that lie inside and outside the county of the small world. Without `outside` the
        route holds no one object of an area: then no caller of another area may read any of `secrets`.
    json, form, query
        What is sent.
    also
        Answers of 400 and above that a caller who may call may get.
    whole_county
        Belongs to the county as a whole: whoever has a part of the county, sees it.
    """

    inside: Given | None = None
    outside: Given | None = None
    json: Given | None = None
    form: Given | None = None
    query: dict[str, Any] | None = None
    also: tuple[int, ...] = ()
    secrets: tuple[str, ...] = ()
    whole_county: bool = False
