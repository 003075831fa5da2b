"""Hand out kept bytes to browsers without letting them run anything."""

from typing import Final

from flask import Response, send_file

from api.collection.blobs import Blobs
from api.collection.sniff import SHOWN, UNKNOWN
from api.problems import NotFound

# Whatever the bytes are, no script in them, no other address, nothing around them.
NOTHING_RUNS: Final = "sandbox; default-src 'none'; frame-ancestors 'self'"


def serve_blob(blobs: Blobs, sha256: str, *, name: str, media_type: str) -> Response:
    """Return kept bytes as a file: pictures may be shown in place, everything else is only saved.

    Parameters
    ----------
    media_type
        As sniffed when it came.

    Raises
    ------
    NotFound
        If the bytes are not in this server's folder.
    """
    shown = media_type in SHOWN
    try:
        response = send_file(
            blobs.path(sha256),
            mimetype=media_type if shown else UNKNOWN,
            as_attachment=not shown,
            download_name=name,
            etag=sha256,
            conditional=True,
            max_age=0,
        )
    except FileNotFoundError:
        raise NotFound("文件 {name} 不在这台服务器上，请联系管理员", name=name) from None
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["Cache-Control"] = "private, no-cache"
    return response
