"""An example of every guarded route, for the walk through all of them with every role inside and outside its area."""

from collections.abc import Callable
from dataclasses import dataclass
from typing import Any
from uuid import UUID

import sqlalchemy as sa
import world

from api.jobs.work import ask_for
from api.registry.tables import Household


@dataclass(frozen=True)
class Built:
    """Ids of things made for the walk, by county."""

    jobs: dict[str, Any]
    households: dict[str, Any]


def built_world(database: Any) -> Built:
    """Add to the small world what routes with ids need."""
    with database.transaction() as session:
        jobs = {
            county: ask_for(session, "test", county_code=county, arguments={}).id
            for county in (world.COUNTY, world.OTHER_COUNTY)
        }
        first = sa.select(Household).order_by(Household.code).limit(1)
        households = {
            county: session.scalars(first.where(Household.county_code == county)).one()
            for county in (world.COUNTY, world.OTHER_COUNTY)
        }
    return Built(jobs=jobs, households=households)


Given = dict[str, Any] | Callable[[Built], dict[str, Any]]


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
    """

    inside: Given | None = None
    outside: Given | None = None
    json: Given | None = None
    form: Given | None = None
    query: dict[str, Any] | None = None
    also: tuple[int, ...] = ()
    secrets: tuple[str, ...] = ()


EXAMPLES: dict[tuple[str, str], Example] = {
    ("GET", "home.home"): Example(secrets=("江孜", "虚构")),
    ("POST", "people_pages.sign_out"): Example(form={}),
    ("GET", "people.me"): Example(),
    ("GET", "people.token_list"): Example(),
    ("POST", "people.token_issue"): Example(json={"kind": "program", "label": "walk"}),
    # one's own tokens only: everybody else's are not found, whoever asks
    ("DELETE", "people.token_revoke"): Example(inside={"token_id": UUID(int=0)}, also=(404,)),
    ("GET", "registry.division_children"): Example(
        inside={"code": world.TOWNSHIP}, outside={"code": world.OTHER_TOWNSHIP}
    ),
    ("GET", "jobs.job_one"): Example(
        inside=lambda built: {"job_id": built.jobs[world.COUNTY]},
        outside=lambda built: {"job_id": built.jobs[world.OTHER_COUNTY]},
        also=(404,),  # a township reviewer's own jobs only
    ),
}
