"""An example of every guarded route, for the walk through all of them with every role inside and outside its area."""

import io
from dataclasses import dataclass
from datetime import date
from typing import Any
from uuid import UUID

import field
import sqlalchemy as sa
import world
from collect import JPEG, Phone, visit
from example import Example, by_county
from routes_field_work import FIELD_WORK, Work, give_work

from api.campaigns.create import create_campaign
from api.campaigns.tables import Campaign
from api.collection.forms import publish_form
from api.collection.posting import XML_PART
from api.collection.tables import FormVersion, Quarantined
from api.evidence.tables import Evidence
from api.jobs.work import ask_for
from api.spot_checks.commit import commit_draw
from api.spot_checks.draw import draw_spot_check
from api.spot_checks.frame import freeze_frame
from api.spot_checks.plan import make_plan
from api.spot_checks.tables import Draw
from survey_forms.catalogue import compiled

COUNTIES = (world.COUNTY, world.OTHER_COUNTY)
DICE = {world.COUNTY: "31415926535897932384", world.OTHER_COUNTY: "27182818284590452353"}
OTHER_DICE = "16180339887498948482"
BROKEN = b"<home_visit"  # refused and kept aside


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
    form_version: str
    work: Work


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
    # a checker sees the township's visit once his own check of the household is in: so both are sent
    households = {county: next(code for code in world.VILLAGES if code[:6] == county) + "-0001" for county in COUNTIES}
    for account in ("surveyor", "checker", "checker-outside"):
        county = world.ACCOUNTS[account][1][:6]
        phone = Phone(app.test_client(), account)
        answer = phone.send(visit(household=households[county]), {"house.jpg": JPEG})
        assert answer.status_code == 201, answer.text
        assert phone.send(BROKEN).status_code == 400
    with database.transaction() as session:
        work = give_work(session, campaigns[world.COUNTY], second)
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
            form_version=session.scalars(sa.select(FormVersion.version)).one(),
            work=work,
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
        draw_spot_check(session, draw, DICE[county], viewer, witnesses="虚构人大代表")
        return draw


def _import_begun(app: Any, county: str, by: str) -> str:
    """An import of a roll that a background process has not looked at yet."""
    answer = app.test_client().post(
        "/api/roll-imports", data=roll_file(county), headers={"Authorization": f"Bearer {world.PROGRAM_TOKENS[by]}"}
    )
    assert answer.status_code == 202, answer.text
    return str(answer.json["id"])


def roll_file(county: str) -> dict[str, Any]:
    """The form with which a roll is uploaded."""
    return {"area_code": county, "dry_run": "true", "file": (io.BytesIO("户编码，户主\n".encode()), "roll.csv")}


HOUSEHOLD = by_county("household_id", lambda built, county: built.evidence[county].household_id)
CODE = by_county("code", lambda built, county: built.evidence[county].household_code)
IMPORT = by_county("import_id", lambda built, county: built.imports[county])
DRAW = by_county("draw_id", lambda built, county: built.draws[county])
EXAMPLES: dict[tuple[str, str], Example] = {
    **FIELD_WORK,
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
    ("GET", "registry.division_one"): Example(inside={"code": world.TOWNSHIP}, outside={"code": world.OTHER_TOWNSHIP}),
    ("GET", "registry.household_list"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("GET", "registry.household_one"): Example(**HOUSEHOLD),
    ("POST", "registry.household_unmask"): Example(
        **HOUSEHOLD, json={"fields": ["phone"], "reason": "核对身份证号，虚构理由"}
    ),
    ("GET", "roll_files.roll_import_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "roll_files.roll_import_begin"): Example(form=lambda _: roll_file(world.COUNTY)),
    ("GET", "roll_files.roll_import_one"): Example(**IMPORT),
    ("POST", "roll_files.roll_import_apply"): Example(**IMPORT, also=(422,)),  # nobody has tried it yet
    ("GET", "roll_files.roll_import_errors"): Example(**IMPORT),
    ("GET", "roll_files.roll_import_error_sheet"): Example(**IMPORT),
    ("GET", "roll_files.roll_export"): Example(inside={"file_format": "csv"}, secrets=(f"{world.VILLAGE}-",)),
    ("POST", "roll_files.roll_export_full"): Example(
        json={"format": "csv", "reason": "核对名册，虚构理由", "area": world.COUNTY}
    ),
    ("GET", "registry_pages.roll"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("POST", "registry_pages.roll_export"): Example(
        form={"format": "csv", "reason": "核对名册，虚构理由", "area": world.COUNTY}
    ),
    ("GET", "registry_pages.household"): Example(**CODE),
    ("POST", "registry_pages.household_unmask"): Example(
        **CODE, form={"fields": ["phone"], "reason": "核对身份证号，虚构理由"}
    ),
    ("GET", "registry_pages.imports"): Example(secrets=(world.COUNTY, "江孜")),
    ("POST", "registry_pages.import_begin"): Example(form=lambda _: roll_file(world.COUNTY)),
    ("GET", "registry_pages.import_one"): Example(**IMPORT),
    ("POST", "registry_pages.import_apply"): Example(**IMPORT, form={}, also=(422,)),  # nobody has tried it yet
    ("GET", "jobs.job_one"): Example(
        **by_county("job_id", lambda built, county: built.jobs[county]),
        also=(404,),  # a township reviewer's own jobs only
    ),
    ("GET", "campaigns.campaign_list"): Example(secrets=(f"{world.COUNTY}专项",), whole_county=True),
    ("POST", "campaigns.campaign_create"): Example(
        json={
            "name": "另一项",
            "document_number": "2",
            "area_code": world.COUNTY,
            "stages": [{"name": "全年", "starts_on": "2020-01-01", "ends_on": "2199-12-31"}],
        },
        also=(409,),  # the second caller finds it made by the first
    ),
    ("GET", "campaigns.campaign_one"): Example(
        **by_county("campaign_id", lambda built, county: built.campaigns[county]), whole_county=True
    ),
    ("PATCH", "campaigns.campaign_change"): Example(
        **by_county("campaign_id", lambda built, county: built.campaigns[county]), json={"visit_floor_percent": 100}
    ),
    ("GET", "phones.form_list"): Example(),
    ("GET", "phones.form"): Example(inside=lambda built: {"form_id": "home_visit", "version": built.form_version}),
    ("GET", "phones.manifest"): Example(inside=lambda built: {"form_id": "home_visit", "version": built.form_version}),
    ("HEAD", "phones.submission_asked"): Example(),
    ("POST", "phones.submission"): Example(
        form=lambda _: {"xml_submission_file": (io.BytesIO(visit(photo=None)), "submission.xml")}
    ),
    ("GET", "collection_pages.quarantine"): Example(secrets=(world.TOWNSHIP,)),
    ("GET", "collection.quarantine_list"): Example(secrets=(world.COUNTY, world.TOWNSHIP)),
    ("GET", "collection.quarantine_file"): Example(
        inside=lambda built: {"quarantined_id": built.quarantined[world.COUNTY], "name": XML_PART},
        outside=lambda built: {"quarantined_id": built.quarantined[world.OTHER_COUNTY], "name": XML_PART},
    ),
    ("GET", "evidence.evidence_list"): Example(secrets=(world.TOWNSHIP,)),
    ("GET", "evidence.evidence_one"): Example(
        **by_county("evidence_id", lambda built, county: built.evidence[county].id)
    ),
    ("GET", "evidence.evidence_photo"): Example(
        inside=lambda built: {"evidence_id": built.evidence[world.COUNTY].id, "photo_id": built.photos[world.COUNTY]},
        outside=lambda built: {
            "evidence_id": built.evidence[world.OTHER_COUNTY].id,
            "photo_id": built.photos[world.OTHER_COUNTY],
        },
    ),
    ("GET", "evidence.submission_one"): Example(
        **by_county("submission_id", lambda built, county: built.evidence[county].submission_id)
    ),
    ("GET", "spot_checks.frame_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "spot_checks.frame_freeze"): Example(
        json=lambda built: {"county_code": world.COUNTY, "campaign_id": str(built.campaigns[world.COUNTY])}
    ),
    ("GET", "spot_checks.frame_plan"): Example(**by_county("frame_id", lambda built, county: built.frames[county])),
    ("GET", "spot_checks.draw_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "spot_checks.draw_commit"): Example(
        json=lambda built: {"frame_id": str(built.frames[world.COUNTY]), "reason": "名册有重大更正，已报市局"}
    ),
    ("GET", "spot_checks.draw_one"): Example(**DRAW),
    ("POST", "spot_checks.draw_result"): Example(
        **DRAW,
        json={"entropy": OTHER_DICE, "witnesses": "虚构村民"},
        also=(409,),  # it is drawn, once for ever
    ),
    ("GET", "spot_checks.draw_selections"): Example(**DRAW),
    ("GET", "spot_checks.draw_verification"): Example(**DRAW),
    ("GET", "spot_checks.draw_file"): Example(
        inside=lambda built: {"draw_id": built.draws[world.COUNTY], "name": "frame.csv"},
        outside=lambda built: {"draw_id": built.draws[world.OTHER_COUNTY], "name": "frame.csv"},
    ),
    ("POST", "spot_checks.draw_assign"): Example(**DRAW, json={}),
    ("GET", "spot_checks_pages.rounds"): Example(secrets=("江孜",)),
    ("POST", "spot_checks_pages.freeze"): Example(
        form=lambda built: {"county": world.COUNTY, "campaign": str(built.campaigns[world.COUNTY])}
    ),
    ("POST", "spot_checks_pages.commit"): Example(
        form=lambda built: {
            "frame": str(built.frames[world.COUNTY]),
            "entropy_rule": "dice:20",
            "reason": "名册有重大更正，已报市局",
        }
    ),
    ("POST", "spot_checks_pages.result"): Example(
        **DRAW,
        form={"entropy": OTHER_DICE, "witnesses": "虚构村民"},
        also=(409,),  # the same
    ),
    ("GET", "spot_checks_pages.dice"): Example(query={"entropy": OTHER_DICE}),
    ("GET", "spot_checks_pages.draw_page"): Example(**DRAW),
    ("GET", "spot_checks_pages.verification"): Example(**DRAW),
    ("GET", "spot_checks_pages.export"): Example(
        inside=lambda built: {"draw_id": built.draws[world.COUNTY], "kind": "csv"},
        outside=lambda built: {"draw_id": built.draws[world.OTHER_COUNTY], "kind": "csv"},
    ),
    ("POST", "spot_checks_pages.assign"): Example(**DRAW, form={}, also=(422,)),  # nobody is ticked
}
