"""HTTP, pages, persistence and use cases: the application, wired in order on this one page."""

from flask import Flask
from werkzeug.middleware.proxy_fix import ProxyFix

from api import database, edge, health, smorest
from api.campaigns import resources as campaigns_resources
from api.collection import background as collection_background
from api.collection import openrosa, phones
from api.collection.derive import Workshop
from api.collection.flagged import pages as flagged_pages
from api.collection.flagged import resources as flagged_resources
from api.collection.object_store import open_blobs
from api.collection.quarantine import pages as quarantine_pages
from api.collection.quarantine import resources as quarantine_resources
from api.evidence import look
from api.evidence import resources as evidence_resources
from api.evidence.derive import derive_evidence
from api.evidence.thumbnails import Thumbnails
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
from api.spot_checks import pages as spot_checks_pages
from api.spot_checks import resources as spot_checks_resources


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
    registry_background.register(queue, settings)
    app.extensions["ruhu_blobs"] = open_blobs(settings)
    # what is made of a submission as it arrives; collection knows nothing of what these do
    app.extensions["ruhu_derivers"] = derivers = [derive_evidence]
    workshop = Workshop(blobs=app.extensions["ruhu_blobs"], derivers=derivers)
    app.extensions["ruhu_workshop"] = workshop
    collection_background.register(queue, workshop)
    thumbnails = Thumbnails(settings.data_dir.absolute() / "thumbnails", workshop.blobs)
    app.extensions["ruhu_thumbnails"] = thumbnails
    queue.sweepers.append(lambda: look.sweep(queue.database, workshop.blobs, thumbnails))
    voices: dict[str, edge.Voice] = {"/api/": smorest.speak_problem, openrosa.PREFIX: openrosa.speak_openrosa}
    edge.init_app(app, voices, pages.speak_page)
    guard.init_app(app)
    assets.init_app(app)
    pages.init_app(app, settings)
    people_pages.init_app(app, settings)
    app.register_blueprint(health.blueprint)
    app.register_blueprint(api_docs.blueprint)
    app.register_blueprint(home_pages.blueprint)
    app.register_blueprint(spot_checks_pages.blueprint)
    openrosa.init_app(app)
    app.register_blueprint(phones.blueprint)
    app.register_blueprint(quarantine_pages.blueprint)
    app.register_blueprint(flagged_pages.blueprint)
    app.register_blueprint(registry_pages.blueprint)

    api = smorest.init_app(app)
    api.register_blueprint(people_resources.blueprint)
    api.register_blueprint(registry_resources.blueprint)
    api.register_blueprint(roll_resources.blueprint)
    api.register_blueprint(campaigns_resources.blueprint)
    api.register_blueprint(spot_checks_resources.blueprint)
    api.register_blueprint(quarantine_resources.blueprint)
    api.register_blueprint(flagged_resources.blueprint)
    api.register_blueprint(evidence_resources.blueprint)
    api.register_blueprint(jobs_resources.blueprint)

    guard.check_routes(app)
    return app
