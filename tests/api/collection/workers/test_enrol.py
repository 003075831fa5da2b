"""Workers are made of names, by who may look after them, and without a password."""

import field
import pytest
import sqlalchemy as sa
import world

from api.collection.workers.enrol import change_worker, enrol_workers
from api.collection.workers.find import candidates, find_worker, find_workers, may_manage, workers_for
from api.people.roles import Role
from api.people.sign_in import sign_in
from api.people.tables import AuditEntry
from api.problems import Forbidden, Invalid, NotFound

NAMES = "虚构巴桑\n虚构次仁 卓玛\n\n虚构巴桑"


def test_pasted_names_become_surveyors_of_the_township_once(session, viewer):
    done = enrol_workers(session, viewer("township"), [NAMES], role=Role.SURVEYOR, area_code=world.TOWNSHIP)
    assert [(one.name, one.display_name) for one in done.made] == [
        (f"{world.TOWNSHIP}-01", "虚构巴桑"),
        (f"{world.TOWNSHIP}-02", "虚构次仁 卓玛"),
    ]
    assert [(grant.role, grant.area_code) for grant in done.made[0].grants] == [("surveyor", world.TOWNSHIP)]
    again = enrol_workers(
        session, viewer("county"), ["虚构巴桑", "虚构扎西"], role=Role.SURVEYOR, area_code=world.TOWNSHIP
    )
    assert ([one.name for one in again.made], again.present) == ([f"{world.TOWNSHIP}-03"], ["虚构巴桑"])
    actions = session.scalars(sa.select(AuditEntry.action).where(AuditEntry.object_id == str(done.made[0].id)))
    assert list(actions) == ["account.create"]


def test_nobody_signs_in_under_a_name_without_a_password(session, viewer):
    (made,) = enrol_workers(session, viewer("county"), ["虚构"], role=Role.SURVEYOR, area_code=world.TOWNSHIP).made
    for password in ("", " ", "a password for tests"):
        assert sign_in(session, name=made.name, password=password, address="t", cost_kib=8) is None


@pytest.mark.parametrize(
    "case",
    [
        ("township", Role.SURVEYOR, world.TOWNSHIP, True),
        ("township", Role.SURVEYOR, world.VILLAGE, True),
        ("township", Role.SURVEYOR, world.NEXT_TOWNSHIP, False),
        ("township", Role.SURVEYOR, world.COUNTY, False),
        ("township", Role.SPOT_CHECKER, world.TOWNSHIP, False),
        ("county", Role.SPOT_CHECKER, world.COUNTY, True),
        ("county", Role.SURVEYOR, world.COUNTY, True),
        ("county", Role.SURVEYOR, world.OTHER_COUNTY, False),
        ("county", Role.TOWNSHIP_REVIEWER, world.TOWNSHIP, False),
        ("county", Role.COUNTY_SUPERVISOR, world.COUNTY, False),
        ("admin", Role.SPOT_CHECKER, world.COUNTY, True),
        ("admin", Role.ADMINISTRATOR, world.COUNTY, False),
        ("city", Role.SURVEYOR, world.TOWNSHIP, False),
        ("surveyor", Role.SURVEYOR, world.TOWNSHIP, False),
    ],
)
def test_who_may_enrol_whom_where(session, viewer, case):
    who, role, area, may = case
    if may:
        assert len(enrol_workers(session, viewer(who), ["虚构"], role=role, area_code=area).made) == 1
    else:
        with pytest.raises(Forbidden):
            enrol_workers(session, viewer(who), ["虚构"], role=role, area_code=area)


def test_bad_names_and_areas_are_refused_and_nobody_is_made(session, viewer):
    for names, message in (([" \n "], "每行一个"), (["虚" * 65], "过长"), (["虚\x07构"], "不可见字符")):
        with pytest.raises(Invalid, match=message):
            enrol_workers(session, viewer("county"), names, role=Role.SURVEYOR, area_code=world.TOWNSHIP)
    with pytest.raises(Invalid, match="一次最多 200 人"):
        enrol_workers(
            session, viewer("county"), [f"虚构{n}" for n in range(201)], role=Role.SURVEYOR, area_code=world.TOWNSHIP
        )
    with pytest.raises(NotFound):
        enrol_workers(session, viewer("county"), ["虚构"], role=Role.SURVEYOR, area_code="540222999")
    with pytest.raises(Invalid, match="抽查员属于整个县"):
        enrol_workers(session, viewer("county"), ["虚构"], role=Role.SPOT_CHECKER, area_code=world.TOWNSHIP)


def names(session, statement):
    return [one.name for one in session.scalars(statement)]


def test_each_sees_the_workers_of_his_area_and_a_township_no_checkers(session, viewer):
    assert names(session, workers_for(viewer("township"))) == ["surveyor"]
    assert names(session, workers_for(viewer("county"))) == ["checker", "surveyor", "surveyor-outside"]
    assert names(session, workers_for(viewer("city"))) == ["checker", "checker-outside", "surveyor", "surveyor-outside"]
    assert names(session, workers_for(viewer("county"), area=world.TOWNSHIP)) == ["surveyor"]
    assert names(session, workers_for(viewer("surveyor"))) == []
    checker = field.account(session, "checker")
    assert find_worker(session, viewer("county"), checker.id) is checker
    with pytest.raises(NotFound):
        find_worker(session, viewer("township"), checker.id)
    with pytest.raises(NotFound):
        find_workers(session, viewer("township"), [checker.id, field.account(session, "surveyor").id])
    found = candidates(session, viewer("county"), world.TOWNSHIP, "township_visit")
    assert [one.name for one in found] == ["surveyor"]
    field.worker(session, "twice", (Role.SURVEYOR, world.VILLAGES[0]), (Role.SURVEYOR, world.VILLAGES[1]))
    found = candidates(session, viewer("county"), world.TOWNSHIP, "township_visit")
    assert [one.name for one in found] == ["surveyor", "twice"]


def test_an_account_with_another_role_is_not_a_townships_to_look_after(session, viewer):
    both = field.worker(session, "both", (Role.SURVEYOR, world.TOWNSHIP), (Role.COUNTY_SUPERVISOR, world.COUNTY))
    wide = field.worker(session, "wide", (Role.SURVEYOR, world.TOWNSHIP), (Role.SURVEYOR, world.NEXT_TOWNSHIP))
    assert find_worker(session, viewer("township"), both.id) is both
    assert not may_manage(viewer("township"), both)
    assert not may_manage(viewer("county"), both)
    assert not may_manage(viewer("township"), wide)
    assert may_manage(viewer("county"), wide)


def test_a_changed_name_or_language_is_in_the_log(session, viewer):
    surveyor = field.account(session, "surveyor")
    change_worker(session, viewer("township"), surveyor, display_name="虚构改名", language="en")
    change_worker(session, viewer("township"), surveyor, display_name="虚构改名", language="en")
    (entry,) = session.scalars(sa.select(AuditEntry).where(AuditEntry.action == "account.change"))
    assert entry.details == {"display_name": ["测试surveyor", "虚构改名"], "language": ["zh", "en"]}
