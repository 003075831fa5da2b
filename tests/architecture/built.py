"""What the walk needs of the world, by county: campaigns, draws, visits by phones, refused postings, exports."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import field
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit
from form_routes import BuiltForms, build_forms
from routes_comparison import visit_both
from routes_field_work import Work, give_work
from routes_lists import teams_and_ties

from api.campaigns.create import create_campaign
from api.campaigns.tables import Campaign
from api.collection.forms import publish_form
from api.collection.tables import FormVersion, Quarantined
from api.database import new_id, now
from api.evidence.checks.judge import sweep
from api.evidence.export.tables import Export
from api.evidence.tables import Evidence
from api.jobs.work import ask_for, do
from api.registry.proposals.difference import Visited
from api.registry.proposals.propose import Visit, propose
from api.registry.tables import Household
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw
from survey_forms.catalogue import compiled

COUNTIES = (world.COUNTY, world.OTHER_COUNTY)
DICE = {world.COUNTY: "31415926535897932384", world.OTHER_COUNTY: "27182818284590452353"}
OTHER_DICE = "16180339887498948482"
NO_NUMBERS: Any = None  # nobody proposes a telephone number here
BROKEN = b"<home_visit"  # refused and kept aside
STRAY = "stray.bin"
WHY = "已核对，虚构理由"


@dataclass(frozen=True)
class Built:
    """Things made for the walk, by county."""

    jobs: dict[str, UUID]
    campaigns: dict[str, UUID]
    evidence: dict[str, Evidence]
    photos: dict[str, UUID]
    quarantined: dict[str, UUID]
    frames: dict[str, UUID]
    draws: dict[str, UUID]
    imports: dict[str, str]
    proposals: dict[str, list[UUID]]
    exports: dict[str, list[str]]
    form_version: str
    work: Work
    forms: BuiltForms
    compared: dict[str, UUID]
    teams: dict[str, UUID]
    ties: dict[str, UUID]


def built_world(app: Any) -> Built:
    """Add to the small world what routes with ids need: campaigns, visits sent by phones, a refused posting."""
    database = app.extensions["ruhu_database"]
    with database.transaction() as session:
        publish_form(session, compiled("home_visit"))
        second = field.worker(session, "surveyor-2").id
        jobs = {county: ask_for(session, "test", county_code=county, arguments={}).id for county in COUNTIES}
        campaigns = {county: _campaign(session, county).id for county in COUNTIES}
    drawn = {
        county: _drawn(database, campaigns[county], county, by)
        for county, by in zip(COUNTIES, ("county", "county-outside"), strict=True)
    }
    imports = {
        county: _import_begun(app, county, by)
        for county, by in zip(COUNTIES, ("county", "county-outside"), strict=True)
    }
    with database.transaction() as session:
        proposals = {
            county: _proposed(session, county, by)
            for county, by in zip(COUNTIES, ("surveyor", "checker-outside"), strict=True)
        }
    # a checker sees the township's visit once his own check of the household is in: so both are sent
    households = {county: next(code for code in world.VILLAGES if code[:6] == county) + "-0001" for county in COUNTIES}
    for account in ("surveyor", "checker", "checker-outside"):
        county = world.ACCOUNTS[account][1][:6]
        phone = Phone(app.test_client(), account)
        answer = phone.send(visit(household=households[county]), {"house.jpg": JPEG, STRAY: b"x"})
        assert answer.status_code == 201, answer.text
        assert phone.send(BROKEN).status_code == 400
    with database.transaction() as session:
        work = give_work(session, campaigns[world.COUNTY], second)
        compared = {county: visit_both(session, draw.id) for county, draw in drawn.items()}
        teams, ties = teams_and_ties(session, campaigns)
    assert sweep(database)  # field checks of what was sent
    forms = build_forms(app)
    with database.read() as session:
        seen = {
            county: session.scalars(
                sa.select(Evidence)
                .where(Evidence.county_code == county, Evidence.kind == "visit")
                .order_by(Evidence.id)
            ).first()
            for county in COUNTIES
        }
        return Built(
            jobs=jobs,
            campaigns=campaigns,
            evidence=seen,
            photos={county: found.photos[0].id for county, found in seen.items()},
            quarantined={
                county: session.scalars(sa.select(Quarantined.id).where(Quarantined.county_code == county)).first()
                for county in COUNTIES
            },
            frames={county: draw.frame_id for county, draw in drawn.items()},
            draws={county: draw.id for county, draw in drawn.items()},
            imports=imports,
            work=work,
            form_version=session.scalars(sa.select(FormVersion.version).where(FormVersion.area_code == "")).one(),
            forms=forms,
            compared=compared,
            teams=teams,
            ties=ties,
            proposals=proposals,
            exports={
                county: _exports_asked_for(app, by)
                for county, by in zip(COUNTIES, ("county", "county-outside"), strict=True)
            },
        )


def _campaign(session: Any, county: str) -> Campaign:
    return create_campaign(
        session,
        name=f"{county}专项工作",
        document_number="1",
        area_code=county,
        stages=[{"name": "全年", "starts_on": date(2020, 1, 1), "ends_on": date(2199, 12, 31)}],
        by=world.viewer(session, "admin"),
    )


def _drawn(database: Any, campaign_id: UUID, county: str, by: str) -> Draw:
    """A draw with its dice thrown."""
    with database.transaction() as session:
        campaign, viewer = session.get_one(Campaign, campaign_id), world.viewer(session, by)
        frame = freeze_frame(session, campaign, county, viewer, day=date(2026, 7, 1))
        plan = make_plan(session, frame, campaign)
        draw = commit_draw(session, frame, plan, viewer, entropy_rule="dice:20", reason="")
        draw_spot_check(session, draw, DICE[county], viewer, witnesses="虚构人大代表，虚构村民")
        return draw


def _proposed(session: Any, county: str, by: str) -> list[UUID]:
    """Two corrections of one household, as visits would propose them."""
    household = session.scalars(
        sa.select(Household).where(Household.county_code == county).order_by(Household.code)
    ).first()
    kept = []
    for persons in (7, 8):
        visit_of = Visit(
            county_code=county, submission_id=new_id(), instance_id=f"uuid:{persons}",
            account_id=world.viewer(session, by).account_id, received_at=now(),
        )  # fmt: skip
        visited = Visited(household_id=household.id, persons=persons)
        kept += propose(session, visit_of, [visited], secrecy=NO_NUMBERS)
    return [one.id for one in kept]


def _import_begun(app: Any, county: str, by: str) -> str:
    """An import of a roll that a background process has not looked at yet."""
    answer = app.test_client().post(
        "/api/roll-imports", data=roll_file(county), headers={"Authorization": f"Bearer {world.PROGRAM_TOKENS[by]}"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json["id"])


def _exports_asked_for(app: Any, by: str) -> list[str]:
    """One export to look at, made, and one each for the two ways to delete it."""
    headers = {"Authorization": f"Bearer {world.PROGRAM_TOKENS[by]}"}
    asked = [
        app.test_client().post("/api/exports", json={"form_id": "home_visit", "format": kind}, headers=headers)
        for kind in ("csv", "geojson", "media")
    ]
    assert [answer.status_code for answer in asked] == [202] * 3
    queue = app.extensions["ruhu_queue"]
    with queue.database.read() as session:
        first = session.scalars(sa.select(Export).where(Export.id == UUID(asked[0].json["id"]))).one()
    assert do(queue.database, queue.kinds, first.county_code, first.job_id)
    return [answer.json["id"] for answer in asked]


def roll_file(county: str) -> dict[str, Any]:
    """The form with which a roll is uploaded."""
    return {"area_code": county, "dry_run": "true", "file": (io.BytesIO("户编码，户主\n".encode()), "roll.csv")}
