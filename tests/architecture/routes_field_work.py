"""Examples of the routes of assignments and workers, for the walk."""

from dataclasses import dataclass
from typing import Any
from uuid import UUID

import field
import world
from example import Example

from api.campaigns.tables import Campaign
from api.collection.assignments.give import give_households
from api.collection.assignments.reach import open_of_worker
from api.people.tables import Account
from api.people.tokens import issue_token


@dataclass(frozen=True)
class Work:
    """What a township's surveyor has to do, and a second one to whom it may go."""

    surveyor: UUID
    second: UUID
    key: UUID
    act: UUID
    assignments: list[UUID]


def give_work(session: Any, campaign_id: UUID, second: UUID) -> Work:
    """Six households of the first village given to the surveyor; the phone key that the walk ends is the second's."""
    township, surveyor = world.viewer(session, "township"), field.account(session, "surveyor")
    campaign = session.get_one(Campaign, campaign_id)
    given = give_households(session, township, campaign, field.road(session)[1:7], [surveyor])
    key, _ = issue_token(session, session.get_one(Account, second), kind="phone", label="虚构手机", by=township)
    ones = open_of_worker(session, township, surveyor.id)
    return Work(surveyor.id, second, key.id, given.act.id, [one.id for one in ones])


WORKER = {
    "inside": lambda built: {"worker_id": built.work.surveyor},
    "outside": lambda built: {"worker_id": built.evidence[world.OTHER_COUNTY].account_id},
}
ACT = {"inside": lambda built: {"act_id": built.work.act}}
CODES = [f"{world.VILLAGE}-{serial:04d}" for serial in range(2, 8)]
LATER = "2199-01-01T00:00:00+00:00"  # a page that was looked at after all cards were issued

FIELD_WORK: dict[tuple[str, str], Example] = {
    ("GET", "assignments.assignment_list"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("POST", "assignments.assignment_give"): Example(
        json=lambda built: {"divisions": [world.VILLAGE], "workers": [str(built.work.surveyor)]},
        also=(409,),  # the second caller finds it given
    ),
    ("POST", "assignments.assignment_move"): Example(
        json=lambda built: {
            "assignments": [str(one) for one in built.work.assignments[:2]],
            "workers": [str(built.work.second)],
        },
        also=(409,),
    ),
    ("POST", "assignments.assignment_withdraw"): Example(
        json=lambda built: {"assignments": [str(one) for one in built.work.assignments[2:4]]}, also=(409,)
    ),
    ("GET", "assignments.act_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "assignments.act_undo"): Example(**ACT, also=(409,)),  # undone once
    ("GET", "assignments.place_list"): Example(query={"area": world.TOWNSHIP}, secrets=(world.VILLAGE,)),
    ("GET", "assignments_pages.overview"): Example(secrets=("江孜镇", world.VILLAGE)),
    ("POST", "assignments_pages.give"): Example(
        form=lambda built: {"area": world.TOWNSHIP, "division": world.VILLAGE, "worker": str(built.work.surveyor)},
        also=(409,),
    ),
    ("POST", "assignments_pages.move"): Example(
        form=lambda built: {"area": world.TOWNSHIP, "household": CODES, "worker": str(built.work.second)},
        also=(404, 409),  # others have moved or taken them back
    ),
    ("POST", "assignments_pages.withdraw"): Example(form={"area": world.TOWNSHIP, "household": CODES}, also=(404, 409)),
    ("POST", "assignments_pages.undo"): Example(**ACT, form={"area": world.TOWNSHIP}, also=(409,)),
    ("GET", "workers.worker_list"): Example(secrets=('测试surveyor"',)),
    ("POST", "workers.worker_enrol"): Example(
        json={"role": "surveyor", "area_code": world.TOWNSHIP, "names": ["虚构新人"]}
    ),
    ("GET", "workers.worker_one"): Example(**WORKER),
    ("PATCH", "workers.worker_change"): Example(**WORKER, json={"language": "zh"}),
    ("POST", "workers.worker_stop"): Example(inside=lambda built: {"worker_id": built.work.second}, also=(409,)),
    ("POST", "workers.worker_reinstate"): Example(inside=lambda built: {"worker_id": built.work.second}, also=(409,)),
    ("POST", "workers.key_issue"): Example(**WORKER, json={"end_old": False}),
    ("DELETE", "workers.key_revoke"): Example(
        inside=lambda built: {"worker_id": built.work.second, "key_id": built.work.key}, also=(404,)
    ),
    ("GET", "workers_pages.workers"): Example(secrets=("测试surveyor<",)),
    ("GET", "workers_pages.export"): Example(secrets=("测试surveyor,",)),
    ("POST", "workers_pages.enrol"): Example(
        form={"role": "surveyor", "area_code": world.TOWNSHIP, "names": "虚构新人"}
    ),
    ("GET", "workers_pages.worker"): Example(**WORKER),
    ("POST", "workers_pages.change"): Example(**WORKER, form={"display_name": "测试surveyor", "language": "zh"}),
    ("POST", "workers_pages.stop"): Example(
        inside=lambda built: {"worker_id": built.work.second}, form={}, also=(409,)
    ),
    ("POST", "workers_pages.reinstate"): Example(
        inside=lambda built: {"worker_id": built.work.second}, form={}, also=(409,)
    ),
    ("POST", "workers_pages.hand_over"): Example(
        **WORKER, form=lambda built: {"worker": str(built.work.second)}, also=(409, 422)
    ),
    ("POST", "workers_pages.issue"): Example(
        inside=lambda built: {"worker_id": built.work.second}, form={"as_of": LATER}, also=(409,)
    ),
    ("POST", "workers_pages.revoke"): Example(
        inside=lambda built: {"worker_id": built.work.second, "key_id": built.work.key}, form={}, also=(404,)
    ),
    ("GET", "workers_pages.cards"): Example(secrets=("测试surveyor<",)),
    ("POST", "workers_pages.cards_print"): Example(
        form=lambda built: {"worker": str(built.work.second), "end_old": "1", "sure": "1", "as_of": LATER},
        also=(404, 409, 422),  # he may have been stopped by then
    ),
}
