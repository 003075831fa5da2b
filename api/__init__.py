"""HTTP, pages, persistence and use cases: the application, wired in order on this one page."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api import database, edge, health, smorest
from api.campaigns import resources as campaigns_resources
from api.collection import background as collection_background
from api.collection import openrosa, phone_lists, phones
from api.collection.assignments import pages as assignments_pages
from api.collection.assignments import resources as assignments_resources
from api.collection.derive import Workshop
from api.collection.entity_lists import HOUSEHOLDS, MISSED_HOUSEHOLDS
from api.collection.flagged import pages as flagged_pages
from api.collection.flagged import resources as flagged_resources
from api.collection.form_drafts import check as form_checks
from api.collection.form_drafts import pages as form_drafts_pages
from api.collection.form_drafts import phones as draft_phones
from api.collection.form_drafts import resources as form_drafts_resources
from api.collection.form_drafts.trial import sweep_folders
from api.collection.form_media import EntityLists, FormFiles, PlainLists
from api.collection.form_versions import pages as forms_pages
from api.collection.form_versions import resources as forms_resources
from api.collection.object_store import open_blobs
from api.collection.propose import proposer
from api.collection.quarantine import pages as quarantine_pages
from api.collection.quarantine import resources as quarantine_resources
from api.collection.workers import pages as workers_pages
from api.collection.workers import resources as workers_resources
from api.collection.workers.contact import Contacts
from api.evidence import look
from api.evidence import resources as evidence_resources
from api.evidence.cells import count as cells
from api.evidence.checks import judge as field_checks
from api.evidence.checks import logs as field_logs
from api.evidence.checks import pages as checks_pages
from api.evidence.checks import resources as checks_resources
from api.evidence.derive import derive_evidence
from api.evidence.export import background as export_background
from api.evidence.export import pages as export_pages
from api.evidence.export import resources as export_resources
from api.evidence.proposals import pages as proposals_pages
from api.evidence.proposals import resources as proposals_resources
from api.evidence.review import background as review_background
from api.evidence.review import pages as review_pages
from api.evidence.review import resources as review_resources
from api.evidence.review.take import note_sent_again
from api.evidence.thumbnails import Thumbnails
from api.evidence_map.base_map import pages as base_map_pages
from api.evidence_map.divisions import pages as map_divisions_pages
from api.evidence_map.divisions import resources as map_divisions_resources
from api.evidence_map.ogc import pages as ogc_pages
from api.evidence_map.ogc import resources as map_files_resources
from api.evidence_map.page import pages as map_pages
from api.evidence_map.panel import pages as map_panel_pages
from api.evidence_map.panel import resources as map_panel_resources
from api.evidence_map.tiles import resources as tiles_resources
from api.home import pages as home_pages
from api.jobs import resources as jobs_resources
from api.jobs.queue import Queue
from api.pages import api_docs, assets
from api.pages import views as pages
from api.people import guard
from api.people import pages as people_pages
from api.people import resources as people_resources
from api.registry import background as registry_background
from api.registry import pages as registry_pages
from api.registry import resources as registry_resources
from api.registry.roll_import import resources as roll_resources
from api.settings import Settings
from api.spot_checks import background as spot_checks_background
from api.spot_checks import pages as spot_checks_pages
from api.spot_checks import resources as spot_checks_resources
from api.spot_checks.checked_households import CHECKED_HOUSEHOLDS
from api.spot_checks.comparison import pages as comparison_pages
from api.spot_checks.comparison import resources as comparison_resources
from api.spot_checks.estimates import pages as estimates_pages
from api.spot_checks.estimates import resources as estimates_resources
from api.spot_checks.lists import pages as lists_pages
from api.spot_checks.lists import paper_pages
from api.spot_checks.lists import resources as lists_resources
from api.spot_checks.lists.conflict import conflicting
from api.spot_checks.planning import pages as planning_pages
from api.spot_checks.planning import resources as planning_resources
from api.spot_checks.publication import pages as publication_pages
from api.spot_checks.publication import public_pages
from api.spot_checks.publication import resources as publication_resources
from api.spot_checks.publication.bundle import PublicFiles
from api.spot_checks.risk import pages as spot_check_risk_pages
from api.spot_checks.risk import resources as spot_check_risk_resources
from api.spot_checks.risk import tell as risk_tell

# what persons and phones see, and what programs ask for
PAGES = (
    health,
    api_docs,
    home_pages,
    spot_checks_pages,
    planning_pages,
    spot_check_risk_pages,
    publication_pages,
    public_pages,
    comparison_pages,
    lists_pages,
    paper_pages,
    estimates_pages,
    phones,
    phone_lists,
    draft_phones,
    quarantine_pages,
    flagged_pages,
    forms_pages,
    form_drafts_pages,
    assignments_pages,
    workers_pages,
    registry_pages,
    export_pages,
    proposals_pages,
    checks_pages,
    review_pages,
    base_map_pages,
    map_divisions_pages,
    map_pages,
    map_panel_pages,
    ogc_pages,
)
RESOURCES = (
    people_resources,
    registry_resources,
    roll_resources,
    campaigns_resources,
    spot_checks_resources,
    planning_resources,
    spot_check_risk_resources,
    publication_resources,
    comparison_resources,
    lists_resources,
    estimates_resources,
    quarantine_resources,
    flagged_resources,
    forms_resources,
    form_drafts_resources,
    assignments_resources,
    workers_resources,
    evidence_resources,
    export_resources,
    proposals_resources,
    checks_resources,
    review_resources,
    map_divisions_resources,
    jobs_resources,
    tiles_resources,
    map_files_resources,
    map_panel_resources,
)


def create_app(settings: Settings | None = None) -> Flask:
    """Return the application.

    Raises
    ------
    SettingError
        If a setting cannot be used.
    RuntimeError
        If a route has no access rule.
    """
    settings = settings or Settings.read()
    app = edge.RuhuFlask(__name__, static_folder=None)
    app.secret_key = settings.signing_key()
    app.extensions["ruhu_settings"] = settings
    app.json.ensure_ascii = False  # type: ignore[attr-defined]
    app.config["MAX_CONTENT_LENGTH"] = settings.upload_limit_bytes
    app.config["MAX_FORM_MEMORY_SIZE"] = 1_000_000
    if settings.trusted_proxies:
        proxied = ProxyFix(app.wsgi_app, x_for=settings.trusted_proxies, x_proto=settings.trusted_proxies)
        app.wsgi_app = proxied  # type: ignore[method-assign]

    database.init_app(app, settings.database_address)
    queue = Queue(app.extensions["ruhu_database"], settings)
    app.extensions["ruhu_queue"] = queue
    queue.database.hasten = queue.hasten
    queue.database.conflicts = conflicting
    registry_background.register(queue, settings)
    form_checks.register(queue)
    app.extensions["ruhu_blobs"] = blobs = open_blobs(settings)
    export_background.register(queue, settings, blobs)
    app.extensions["ruhu_contacts"] = Contacts()
    # what is made of a submission as it arrives; collection knows nothing of what these do
    app.extensions["ruhu_derivers"] = derivers = [
        derive_evidence,
        field_checks.forget,
        field_logs.expect_log,
        note_sent_again,
        proposer(settings.encryption_keys),
    ]
    app.extensions["ruhu_workshop"] = workshop = Workshop(blobs=blobs, derivers=derivers)
    spot_checks_background.register(queue)
    review_background.register(queue)
    collection_background.register(queue, workshop)
    app.extensions["ruhu_public_files"] = PublicFiles(settings.data_dir.absolute() / "public-draws")
    thumbnails = Thumbnails(settings.data_dir.absolute() / "thumbnails", blobs)
    app.extensions["ruhu_thumbnails"] = thumbnails
    queue.sweepers.append(lambda: look.sweep(queue.database, blobs, thumbnails))
    queue.sweepers.append(lambda: field_logs.sweep(queue.database, blobs))
    queue.sweepers.append(lambda: field_checks.sweep_once(queue.database))
    queue.sweepers.append(lambda: cells.sweep_once(queue.database))
    queue.sweepers.append(lambda: risk_tell.sweep_once(queue.database))
    queue.sweepers.append(lambda: sweep_folders(queue.database, settings.data_dir))
    lists = {one.name: one for one in (HOUSEHOLDS, MISSED_HOUSEHOLDS, CHECKED_HOUSEHOLDS)}
    app.extensions["ruhu_entity_lists"] = lists
    # where the files come from that forms name: the first that has one gives it
    app.extensions["ruhu_form_media"] = [EntityLists(lists), PlainLists(), FormFiles()]
    voices: dict[str, edge.Voice] = {
        "/api/": smorest.speak_problem,
        openrosa.PREFIX: openrosa.speak_openrosa,
        ogc_pages.PREFIX: ogc_pages.speak_ogc,
    }
    edge.init_app(app, voices, pages.speak_page)
    guard.init_app(app)
    assets.init_app(app)
    pages.init_app(app, settings)
    people_pages.init_app(app, settings)
    openrosa.init_app(app)
    for room in PAGES:
        app.register_blueprint(room.blueprint)

    api = smorest.init_app(app)
    for room in RESOURCES:
        api.register_blueprint(room.blueprint)

    guard.check_routes(app)
    return app
