"""Built scripts and styles: found through the manifest, kept for a year, and missing ones said plainly."""

import gzip
import json
import os
from functools import partial

import pytest
from flask import Flask, render_template_string

from api.pages import assets
from api.pages.assets import Assets, AssetsError

MANIFEST = {
    "_shared-c3.js": {"file": "assets/shared-c3.js", "css": ["assets/shared-d4.css"], "imports": ["_deep-e5.js"]},
    "_deep-e5.js": {"file": "assets/deep-e5.js", "imports": ["_shared-c3.js"]},
    "src/main.ts": {
        "file": "assets/main-a1.js",
        "src": "src/main.ts",
        "isEntry": True,
        "imports": ["_shared-c3.js"],
        "css": ["assets/main-b2.css"],
    },
    "src/icons.json": {"file": "assets/icons-f6.svg", "src": "src/icons.json"},
}


@pytest.fixture
def build(tmp_path):
    (tmp_path / ".vite").mkdir()
    (tmp_path / ".vite" / "manifest.json").write_text(json.dumps(MANIFEST))
    (tmp_path / "assets").mkdir()
    (tmp_path / "assets" / "icons-f6.svg").write_text('<svg><symbol id="home"></symbol></svg>')
    (tmp_path / "assets" / "main-b2.css").write_text("body { color: black }")
    (tmp_path / "assets" / "main-b2.css.gz").write_bytes(gzip.compress(b"body { color: black }"))
    (tmp_path / "secret.txt").write_text("not for browsers")
    return tmp_path


@pytest.fixture
def browser(app):
    """Ask as a browser does, to the end of the answer: a file left open would be a warning."""
    return partial(app.test_client().get, buffered=True)


@pytest.fixture
def app(build):
    app = Flask(__name__, static_folder=None)
    assets.init_app(app, build)
    return app


def test_a_template_gets_styles_before_scripts_and_what_is_imported_once(app):
    with app.test_request_context():
        assert render_template_string("{{ asset('main.ts') }}").splitlines() == [
            '<link rel="stylesheet" href="/static/assets/shared-d4.css">',
            '<link rel="stylesheet" href="/static/assets/main-b2.css">',
            '<link rel="modulepreload" href="/static/assets/shared-c3.js">',
            '<link rel="modulepreload" href="/static/assets/deep-e5.js">',
            '<script type="module" src="/static/assets/main-a1.js"></script>',
        ]


def test_an_entry_is_found_with_and_without_its_folder(app):
    with app.test_request_context():
        assert render_template_string("{{ asset('src/main.ts') == asset('main.ts') }}") == "True"


def test_addresses_keep_the_prefix_the_application_is_served_under(app):
    with app.test_request_context(environ_overrides={"SCRIPT_NAME": "/ruhu"}):
        assert render_template_string("{{ asset_url('icons.json') }}") == "/ruhu/static/assets/icons-f6.svg"


def test_an_icon_is_silent_beside_words_and_speaks_alone(app):
    with app.test_request_context():
        assert render_template_string("{{ icon('home') }}") == (
            '<svg class="icon" aria-hidden="true"><use href="/static/assets/icons-f6.svg#home"></use></svg>'
        )
        assert 'role="img" aria-label="&lt;首页&gt;"' in render_template_string("{{ icon('home', '<首页>') }}")


def test_an_icon_that_is_not_drawn_is_refused_with_the_place_to_add_it(app):
    with app.test_request_context(), pytest.raises(AssetsError, match=r"'hut'.*icons\.json"):
        render_template_string("{{ icon('hut') }}")


def test_an_unknown_entry_is_refused_with_those_there_are(app):
    with app.test_request_context(), pytest.raises(AssetsError, match=r"maps\.ts.*src/main\.ts"):
        render_template_string("{{ asset('maps.ts') }}")


def test_a_missing_build_says_how_to_build(tmp_path):
    with pytest.raises(AssetsError, match="npm run build"):
        Assets(tmp_path, str).tags("main.ts")


def test_a_new_build_is_seen_without_a_restart(build):
    found = Assets(build, str)
    assert found.url("main.ts") == "assets/main-a1.js"
    manifest = build / ".vite" / "manifest.json"
    before = manifest.stat().st_mtime
    manifest.write_text(json.dumps({"src/main.ts": {"file": "assets/main-z9.js"}}))
    os.utime(manifest, (before + 2, before + 2))
    assert found.url("main.ts") == "assets/main-z9.js"


def test_a_file_is_kept_for_a_year_and_not_asked_for_again(browser):
    answer = browser("/static/assets/main-b2.css")
    assert answer.mimetype == "text/css"
    assert answer.headers["Cache-Control"] == "public, max-age=31536000, immutable"
    assert "Content-Encoding" not in answer.headers
    again = browser("/static/assets/main-b2.css", headers={"If-None-Match": answer.headers["ETag"]})
    assert again.status_code == 304


def test_a_browser_that_takes_it_gets_the_file_compressed(browser):
    answer = browser("/static/assets/main-b2.css", headers={"Accept-Encoding": "br, gzip"})
    assert (answer.headers["Content-Encoding"], answer.mimetype) == ("gzip", "text/css")
    assert answer.headers["Vary"] == "Accept-Encoding"
    assert gzip.decompress(answer.data) == b"body { color: black }"


@pytest.mark.parametrize(
    "path",
    ["secret.txt", ".vite/manifest.json", "assets/../secret.txt", "assets/%2e%2e/secret.txt", "assets/none.js"],
)
def test_only_built_files_are_shown(browser, path):
    answer = browser(f"/static/{path}", headers={"Accept-Encoding": "gzip"})
    assert answer.status_code == 404


def test_the_real_build_has_what_the_pages_ask_for():
    built = Assets(assets.DIST, "/static/{}".format)
    assert "stylesheet" in built.tags("main.ts")
    assert "stylesheet" in built.tags("apidocs.ts")
    assert built.url("favicon.svg").endswith(".svg")
    wanted = json.loads((assets.DIST.parent / "src" / "icons.json").read_text())
    assert all(f"#{name}" in built.icon(name) for name in wanted)
    for file in (assets.DIST / "assets").glob("*.css"):
        styles = file.read_text("utf-8")
        assert "@import" not in styles
        assert "url(http" not in styles.replace('"', "").replace("'", "")
        assert "url(//" not in styles.replace('"', "").replace("'", "")
