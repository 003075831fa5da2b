"""Hand out kept bytes to browsers without letting them run anything."""

import io
from collections.abc import Callable
from typing import BinaryIO, Final

from flask import Response, current_app, request
from werkzeug.wsgi import FileWrapper

from api.collection.blobs import Blobs
from api.collection.derive import Workshop
from api.collection.object_store import PIECE_BYTES
from api.collection.sniff import SHOWN, UNKNOWN
from api.problems import NotFound

# Whatever the bytes are, no script in them, no other address, nothing around them.
NOTHING_RUNS: Final = "sandbox; default-src 'none'; frame-ancestors 'self'"


def workshop() -> Workshop:
    """Return where the running application keeps bytes and what it makes of submissions."""
    found: Workshop = current_app.extensions["ruhu_workshop"]
    return found


def serve(open_file: Callable[[], BinaryIO], *, tag: str, name: str, media_type: str) -> Response:
    """Return a file: pictures may be shown in place, everything else is only saved.

    Parameters
    ----------
    open_file
        Called only when the reader does not have it yet.
    tag
        Changes whenever the bytes do.
    media_type
        As sniffed when it came.

    Raises
    ------
    NotFound
        If there is no such file.
    """
    shown = media_type in SHOWN
    response = Response(mimetype=media_type if shown else UNKNOWN)
    response.set_etag(tag)
    response.headers.set("Content-Disposition", "inline" if shown else "attachment", filename=name)
    response.headers["X-Content-Type-Options"] = "nosniff"
    response.headers["Content-Security-Policy"] = NOTHING_RUNS
    response.headers["Cache-Control"] = "private, no-cache"
    if request.if_none_match.contains_weak(tag):
        response.status_code = 304
        return response
    try:
        file = open_file()
    except FileNotFoundError:
        raise NotFound("文件 {name} 不在这台服务器上，请联系管理员", name=name) from None
    try:
        response.content_length = size = file.seek(0, io.SEEK_END)
        if request.method == "HEAD":
            response.accept_ranges = "bytes"
            file.close()
            return response
        file.seek(0)
        response.direct_passthrough = True
        response.response = FileWrapper(file, PIECE_BYTES)
        response.make_conditional(request, accept_ranges=True, complete_length=size)
    except BaseException:
        file.close()
        raise
    return response


def serve_blob(blobs: Blobs, sha256: str, *, name: str, media_type: str) -> Response:
    """Return kept bytes as a file.

    Raises
    ------
    NotFound
        If the bytes are not kept here.
    """
    return serve(lambda: blobs.open(sha256), tag=sha256, name=name, media_type=media_type)
