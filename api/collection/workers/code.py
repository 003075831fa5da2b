"""The QR code that sets up ODK Collect: its settings as JSON, packed as it wants them, drawn as SVG.

Source: docs.getodk.org/collect-import-export (how a code is made: JSON, zlib, base64) and Collect's own
``client-settings.schema.json`` (every key and its values). What a code leaves out is set to Collect's default.
"""

import base64
import json
import zlib
from typing import Any

import segno

PROJECT_COLOR = "#0f5e73"  # the pages' accent
COLLECT_LANGUAGES = frozenset({"zh", "en"})  # of ours; it has no Tibetan
QUIET_ZONE = 4  # modules; ISO/IEC 18004 asks for four


def collect_settings(server_url: str, *, worker: str, project: str, language: str) -> dict[str, Any]:
    """Return Collect's settings for one worker's phone.

    Parameters
    ----------
    server_url : str
        With the worker's key in it: whoever has the code has the key.
    worker : str
        His name, written into each record's metadata.
    project : str
        What Collect calls it in its list of projects.
    """
    return {
        "general": {
            "server_url": server_url,
            "form_update_mode": "match_exactly",
            "periodic_form_updates_check": "every_one_hour",
            "autosend": "wifi_and_cellular",
            "image_size": "small",  # 1024 px along the longer side; a form may ask for another
            "app_language": language if language in COLLECT_LANGUAGES else "zh",
            "metadata_username": worker,
        },
        # what a person in the field cannot do by mistake; nothing here needs a password
        "admin": {
            "change_server": False,
            "change_project_display": False,
            "form_update_mode": False,
            "periodic_form_updates_check": False,
            "change_autosend": False,
            "change_form_metadata": False,
            "image_size": False,
        },
        "project": {"name": project, "icon": project[:1], "color": PROJECT_COLOR},
    }


def packed(settings: dict[str, Any]) -> str:
    """Return settings as the text of a code.

    Examples
    --------
    >>> text = packed({"general": {}, "admin": {}})
    >>> json.loads(zlib.decompress(base64.b64decode(text)))
    {'general': {}, 'admin': {}}
    """
    plain = json.dumps(settings, ensure_ascii=False, separators=(",", ":")).encode()
    return base64.b64encode(zlib.compress(plain, 9)).decode()


def drawn(text: str) -> str:
    """Return a code as inline SVG that takes the size of its place; 15 % of it may be dirty or torn."""
    code = segno.make_qr(text, error="m", boost_error=False)
    return code.svg_inline(border=QUIET_ZONE, omitsize=True, svgclass="qr", lineclass=None, light="#fff")
