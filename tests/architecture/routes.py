"""An example of every guarded route, for the walk through all of them with every role inside and outside its area."""

import io
from uuid import UUID

import world
from built import OTHER_DICE, STRAY, WHY, Built, roll_file
from collect import visit
from example import Example, by_county
from form_routes import FORM_ROUTES
from routes_checks import CHECKS
from routes_comparison import COMPARISON
from routes_estimates import ESTIMATES
from routes_field_work import FIELD_WORK
from routes_lists import LISTS
from routes_map import MAP
from routes_map_divisions import MAP_DIVISIONS
from routes_ogc import OGC
from routes_planning import PLANNING
from routes_publication import PUBLICATION
from routes_risk import RISK
from routes_tiles import TILES

from api.collection.posting import XML_PART

HOUSEHOLD = by_county("household_id", lambda built, county: built.evidence[county].household_id)
CODE = by_county("code", lambda built, county: built.evidence[county].household_code)
IMPORT = by_county("import_id", lambda built, county: built.imports[county])
EXPORT = by_county("export_id", lambda built, county: built.exports[county][0])
DOOMED = by_county("export_id", lambda built, county: built.exports[county][1])
DOOMED_ON_THE_PAGE = by_county("export_id", lambda built, county: built.exports[county][2])
DRAW = by_county("draw_id", lambda built, county: built.draws[county])
POSTING = by_county("quarantined_id", lambda built, county: built.quarantined[county])
SUBMISSION = by_county("submission_id", lambda built, county: built.evidence[county].submission_id)
PHOTO = {
    where: lambda built, county=county: {"evidence_id": built.evidence[county].id, "photo_id": built.photos[county]}
    for where, county in (("inside", world.COUNTY), ("outside", world.OTHER_COUNTY))
}


def mended(_built: Built) -> dict[str, str]:
    """Whole answers in the place of damaged ones."""
    return {"xml": visit("uuid:mended").decode(), "why": WHY}


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
    ("GET", "proposals.proposal_list"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("POST", "proposals.proposal_decide"): Example(
        json=lambda built: {
            "accept": False,
            "reason": "虚构理由",
            "proposals": [{"id": str(built.proposals[world.COUNTY][0])}],
        }
    ),
    ("GET", "proposals_pages.page"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("POST", "proposals_pages.decide_page"): Example(
        form=lambda built: {
            "decision": "reject",
            "reason": "虚构理由",
            "proposal": [str(built.proposals[world.COUNTY][1])],
        }
    ),
    ("GET", "proposals_pages.export"): Example(secrets=(f"{world.VILLAGE}-",)),
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
    ("GET", "phone_lists.manifest"): Example(
        inside=lambda built: {"form_id": "home_visit", "version": built.form_version}
    ),
    ("GET", "phone_lists.list_file"): Example(inside={"name": "households"}),
    ("GET", "phone_lists.integrity"): Example(inside={"name": "households"}, query={"id": "a,b"}),
    ("HEAD", "phones.submission_asked"): Example(),
    ("POST", "phones.submission"): Example(
        form=lambda _: {"xml_submission_file": (io.BytesIO(visit(photo=None)), "submission.xml")}
    ),
    ("GET", "quarantine_pages.postings"): Example(secrets=(world.TOWNSHIP, "江孜")),
    ("GET", "quarantine_pages.export"): Example(inside={"file_format": "csv"}, secrets=(world.TOWNSHIP,)),
    ("GET", "quarantine_pages.posting"): Example(**POSTING),
    ("GET", "quarantine_pages.answers"): Example(**POSTING),
    ("POST", "quarantine_pages.act"): Example(**POSTING, form={"kind": "discard", "why": WHY}),
    ("POST", "quarantine_pages.repair"): Example(**POSTING, form=mended, also=(409,)),  # it is discarded by now
    ("POST", "quarantine_pages.release_all"): Example(
        form={"reason": "unknown-form", "area": world.COUNTY, "why": WHY},
        also=(409,),  # nothing of this kind is waiting
    ),
    ("GET", "quarantine_pages.job"): Example(**by_county("job_id", lambda built, county: built.jobs[county])),
    ("GET", "quarantine.quarantine_list"): Example(secrets=(world.COUNTY, world.TOWNSHIP)),
    ("GET", "quarantine.quarantine_one"): Example(**POSTING),
    ("GET", "quarantine.quarantine_file"): Example(
        inside=lambda built: {"quarantined_id": built.quarantined[world.COUNTY], "name": XML_PART},
        outside=lambda built: {"quarantined_id": built.quarantined[world.OTHER_COUNTY], "name": XML_PART},
    ),
    ("POST", "quarantine.quarantine_act"): Example(**POSTING, json={"kind": "discard", "why": WHY}),
    ("POST", "quarantine.quarantine_repair"): Example(**POSTING, json=mended, also=(409,)),  # the same
    ("POST", "quarantine.quarantine_release_all"): Example(
        json={"reason": "unknown-form", "area": world.COUNTY, "why": WHY},
        also=(409,),  # the same
    ),
    ("GET", "flagged_pages.submissions"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("GET", "flagged_pages.export"): Example(inside={"file_format": "csv"}, secrets=(f"{world.VILLAGE}-",)),
    ("GET", "flagged_pages.submission"): Example(**SUBMISSION),
    ("POST", "flagged_pages.process_again"): Example(form={"form": "home_visit", "area": world.COUNTY}),
    ("GET", "flagged.flagged_list"): Example(secrets=(f"{world.VILLAGE}-",)),
    ("POST", "flagged.reprocess_begin"): Example(json={"form": "home_visit", "area": world.COUNTY}),
    ("GET", "flagged.stray_file"): Example(
        inside=lambda built: {"submission_id": built.evidence[world.COUNTY].submission_id, "name": STRAY},
        outside=lambda built: {"submission_id": built.evidence[world.OTHER_COUNTY].submission_id, "name": STRAY},
    ),
    ("GET", "evidence.evidence_list"): Example(secrets=(world.TOWNSHIP,)),
    ("GET", "evidence.evidence_one"): Example(
        **by_county("evidence_id", lambda built, county: built.evidence[county].id)
    ),
    ("GET", "evidence.evidence_photo"): Example(**PHOTO),
    ("GET", "evidence.evidence_photo_metadata"): Example(**PHOTO),
    ("GET", "evidence.submission_one"): Example(**SUBMISSION),
    ("GET", "evidence.submission_file"): Example(
        inside=lambda built: {"submission_id": built.evidence[world.COUNTY].submission_id, "name": STRAY},
        outside=lambda built: {"submission_id": built.evidence[world.OTHER_COUNTY].submission_id, "name": STRAY},
    ),
    # one's own exports only: everybody else's are not found, whoever asks
    ("GET", "exports.export_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "exports.export_begin"): Example(json={"form_id": "home_visit", "area": world.TOWNSHIP}),
    ("GET", "exports.export_one"): Example(**EXPORT, also=(404,)),
    ("GET", "exports.export_file"): Example(**EXPORT, also=(404,)),
    ("DELETE", "exports.export_delete"): Example(**DOOMED, also=(404,)),
    ("GET", "export_pages.exports"): Example(secrets=("江孜",)),
    ("GET", "export_pages.matching"): Example(query={"form_id": "home_visit"}),
    ("POST", "export_pages.begin"): Example(form={"form_id": "home_visit", "format": "xlsx", "area": world.TOWNSHIP}),
    ("POST", "export_pages.delete"): Example(**DOOMED_ON_THE_PAGE, form={}, also=(404,)),
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
        json={"entropy": OTHER_DICE, "witnesses": "虚构村民，虚构代表"},
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
    ("GET", "spot_checks_pages.freezing"): Example(**by_county("job_id", lambda built, county: built.jobs[county])),
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
        form={"entropy": OTHER_DICE, "witnesses": "虚构村民，虚构代表"},
        also=(409,),  # the same
    ),
    ("GET", "spot_checks_pages.draw_page"): Example(**DRAW),
    ("GET", "spot_checks_pages.verification"): Example(**DRAW),
    ("GET", "spot_checks_pages.export"): Example(
        inside=lambda built: {"draw_id": built.draws[world.COUNTY], "kind": "csv"},
        outside=lambda built: {"draw_id": built.draws[world.OTHER_COUNTY], "kind": "csv"},
    ),
    ("POST", "spot_checks_pages.assign"): Example(**DRAW, form={}, also=(422,)),  # nobody is ticked
}

EXAMPLES |= FIELD_WORK
EXAMPLES |= CHECKS
EXAMPLES |= OGC
EXAMPLES |= LISTS
EXAMPLES |= TILES
EXAMPLES |= MAP_DIVISIONS
EXAMPLES |= MAP
EXAMPLES |= PLANNING
EXAMPLES |= RISK
EXAMPLES |= PUBLICATION
EXAMPLES |= COMPARISON
EXAMPLES |= ESTIMATES
EXAMPLES |= {key: Example(**given) for key, given in FORM_ROUTES.items()}
