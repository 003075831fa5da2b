"""Signs of risk in the small world: relatives of officials, what departments know, and years without a look."""

from datetime import date

import sqlalchemy as sa
import world

from api.registry.tables import DeclaredRelative, DepartmentRecord, Household, Member, Official


def add_signs(session):
    """Give some households of the county a sign of each kind; numbers stand for hashed identity numbers."""
    household = {h.code: h for h in session.scalars(sa.select(Household))}

    def person(code, position, number):
        one = household[code]
        session.add(
            Member(
                county_code=one.county_code,
                household_id=one.id,
                position=position,
                name=f"虚构成员{number}",
                relation="子",
                identity_hash=f"{number:064d}",
            )
        )

    village, next_village = world.VILLAGES[0], world.VILLAGES[2]
    person(f"{village}-0001", 2, 1)  # the cadre's brother
    person(f"{village}-0002", 2, 2)  # has a car and a company
    person(f"{village}-0003", 2, 3)  # draws a subsidy
    person(f"{next_village}-0001", 2, 4)  # is a cadre himself
    household[f"{next_village}-0002"].head_identity_hash = f"{5:064d}"  # a householder who is no member row; dead
    household[f"{village}-0004"].income_fen_per_person_year = 2_000_000
    household[f"{village}-0005"].income_fen_per_person_year = 900_000
    household[f"{village}-0005"].benefit_since = date(2020, 2, 29)
    official = Official(
        county_code=world.COUNTY,
        name="虚构干部",
        body="江孜镇政府",
        post="民政助理员",
        division_code=world.TOWNSHIP,
        kind="case_worker",
        relatives=[DeclaredRelative(name="虚构弟弟", relation="弟弟", identity_hash=f"{1:064d}")],
    )
    session.add(official)
    session.add(
        Official(
            county_code=world.COUNTY, name="虚构村干部", identity_hash=f"{4:064d}", body="第3村", post="村主任",
            division_code=next_village, kind="village_cadre",
        )
    )  # fmt: skip
    for kind, department, description, number in (
        ("vehicle", "公安", "小型轿车", 2),
        ("company", "工商", "个体工商户", 2),
        ("subsidy", "财政", "草补", 3),
        ("death", "公安", "死亡登记", 5),
        ("unknown-kind", "其他", "", 3),
    ):
        session.add(
            DepartmentRecord(
                county_code=world.COUNTY, department=department, kind=kind, name="虚构",
                identity_hash=f"{number:064d}", description=description,
            )
        )  # fmt: skip
    # a neighbour county's register says nothing about ours
    session.add(
        DepartmentRecord(
            county_code=world.OTHER_COUNTY, department="公安", kind="payroll", name="虚构", identity_hash=f"{3:064d}"
        )
    )
    session.flush()
