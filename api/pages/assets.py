"""Scripts, styles and icons built by Vite: their tags for templates, and their files for browsers.

Vite writes ``api/web/dist`` with names that carry a hash of their content, and a manifest that says which name
belongs to which source. So a browser keeps every file for ever, and a new build is seen at once.
"""

import json
import re
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any

from flask import Flask, Response, request, send_from_directory, url_for
from markupsafe import Markup
from werkzeug.exceptions import NotFound
from werkzeug.security import safe_join

DIST = Path(__file__).resolve().parent.parent / "web" / "dist"
SPRITE = "src/icons.json"
A_YEAR = 31_536_000  # seconds; what HTTP calls for ever
ENCODINGS = (("br", ".br"), ("gzip", ".gz"))  # best first; written beside each file by the build


class AssetsError(RuntimeError):
    """A template asks for something the build does not have; the message says what to do."""


class Assets:
    """The files of one build.

    Parameters
    ----------
    folder : Path
        Where Vite wrote ``.vite/manifest.json`` and ``assets/``.
    address : callable
        From a path inside the folder to the address a browser asks for.

    Examples
    --------
    >>> import tempfile
    >>> folder = Path(tempfile.mkdtemp())
    >>> (folder / ".vite").mkdir()
    >>> _ = (folder / ".vite/manifest.json").write_text(
    ...     '{"src/main.ts": {"file": "assets/main-a1.js", "css": ["assets/main-b2.css"]}}'
    ... )
    >>> print(Assets(folder, "/static/{}".format).tags("main.ts"))
    <link rel="stylesheet" href="/static/assets/main-b2.css">
    <script type="module" src="/static/assets/main-a1.js"></script>
    """

    def __init__(self, folder: Path, address: Callable[[str], str]) -> None:
        self.folder = folder
        self._address = address
        self._read: tuple[float, dict[str, Any]] | None = None
        self._icons: tuple[str, frozenset[str]] | None = None

    def manifest(self) -> dict[str, Any]:
        """Return Vite's manifest, read again when a new build has replaced it.

        Raises
        ------
        AssetsError
            If nothing has been built.
        """
        path = self.folder / ".vite" / "manifest.json"
        try:
            changed = path.stat().st_mtime
            if self._read is None or self._read[0] != changed:
                self._read = changed, json.loads(path.read_text("utf-8"))
        except FileNotFoundError:
            raise AssetsError(
                f"{path} is missing: build the pages' scripts and styles with `make run` or, in api/web, "
                "`npm ci && npm run build`"
            ) from None
        return self._read[1]

    def _chunk(self, source: str) -> dict[str, Any]:
        manifest = self.manifest()
        for name in (source, f"src/{source}"):
            if name in manifest:
                found: dict[str, Any] = manifest[name]
                return found
        entries = ", ".join(sorted(name for name, chunk in manifest.items() if "src" in chunk))
        raise AssetsError(f"{source} is not in the build, which has {entries}; name it in api/web/vite.config.ts")

    def _imported(self, source: str) -> Iterator[dict[str, Any]]:
        """Yield an entry and what it imports, each once, the entry first."""
        waiting, seen = [self._chunk(source)], set()
        for chunk in waiting:
            yield chunk
            for name in chunk.get("imports", ()):
                if name not in seen:
                    seen.add(name)
                    waiting.append(self._chunk(name))

    def url(self, source: str) -> str:
        """Return the address of one built file, such as ``url("icons.json")`` for the icons."""
        return self._address(self._chunk(source)["file"])

    def tags(self, source: str) -> Markup:
        """Return the link and script elements of an entry, for the page's head.

        Parameters
        ----------
        source : str
            The entry as in ``api/web/vite.config.ts``, with or without its ``src/``.

        Raises
        ------
        AssetsError
            If there is no build, or it lacks this entry.
        """
        entry, *imports = self._imported(source)
        styles = dict.fromkeys(css for chunk in (*reversed(imports), entry) for css in chunk.get("css", ()))
        lines = [
            *(Markup('<link rel="stylesheet" href="{}">').format(self._address(css)) for css in styles),
            *(Markup('<link rel="modulepreload" href="{}">').format(self._address(chunk["file"])) for chunk in imports),
            Markup('<script type="module" src="{}"></script>').format(self._address(entry["file"])),
        ]
        return Markup("\n").join(lines)

    def icon(self, name: str, label: str = "") -> Markup:
        """Return one of Tabler's drawings, in the colour of the words beside it.

        Parameters
        ----------
        name : str
            As in ``api/web/src/icons.json``.
        label : str, optional
            What it says to who cannot see it; none where words stand beside it.

        Raises
        ------
        AssetsError
            If the name is not in that list.
        """
        file = self._chunk(SPRITE)["file"]
        if self._icons is None or self._icons[0] != file:
            drawn = (self.folder / file).read_text("utf-8")
            self._icons = file, frozenset(re.findall(r'<symbol id="([^"]+)"', drawn))
        if name not in self._icons[1]:
            raise AssetsError(f"there is no icon {name!r}: add it to api/web/src/icons.json, from tabler.io/icons")
        spoken = Markup('role="img" aria-label="{}"').format(label) if label else Markup('aria-hidden="true"')
        return Markup('<svg class="icon" {}><use href="{}#{}"></use></svg>').format(spoken, self._address(file), name)

    def send(self, filename: str) -> Response:
        """Answer with a built file, compressed where the browser takes it, to be kept for a year.

        Raises
        ------
        NotFound
            If the build has no such file; only what lies in ``assets/`` is shown.
        """
        folder, _, name = filename.partition("/")
        if folder != "assets" or name.endswith((".br", ".gz")):
            raise NotFound
        plain = self._kept(name)
        for encoding, ending in ENCODINGS:
            packed = safe_join(str(self.folder / "assets"), name + ending)
            if request.accept_encodings[encoding] and packed and Path(packed).is_file():
                plain.close()
                answer = self._kept(name + ending)
                answer.headers["Content-Type"] = plain.headers["Content-Type"]
                answer.headers["Content-Encoding"] = encoding
                return answer
        return plain

    def _kept(self, name: str) -> Response:
        answer = send_from_directory(self.folder / "assets", name, max_age=A_YEAR)
        answer.headers["Cache-Control"] = f"public, max-age={A_YEAR}, immutable"
        answer.headers["Vary"] = "Accept-Encoding"
        return answer


def init_app(app: Flask, folder: Path = DIST) -> None:
    """Give templates ``asset``, ``asset_url`` and ``icon``, and browsers ``/static/``.

    Nothing is read before the first page asks, so that commands run where nothing has been built.
    """
    assets = Assets(folder, lambda filename: url_for("static", filename=filename))
    app.add_url_rule("/static/<path:filename>", endpoint="static", view_func=assets.send, methods=["GET"])
    app.jinja_env.globals.update(asset=assets.tags, asset_url=assets.url, icon=assets.icon)
