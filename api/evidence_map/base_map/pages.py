"""Serve the PMTiles file under the map, in the ranges that the map asks for, to whoever is signed in."""

from flask import Blueprint, Response, current_app

from api.base_maps import pmtiles_path
from api.collection.serving import serve
from api.evidence_map.base_map.describe import ADDRESS
from api.people.guard import allow
from api.people.roles import Permission
from api.problems import NotFound

blueprint = Blueprint("base_map_pages", __name__)


@blueprint.get(ADDRESS)
@allow(Permission.HOME, area="any")
def base_pmtiles() -> Response:
    """Send the file, or a part of it (206); unchanged, it costs a 304."""
    path = pmtiles_path(current_app.extensions["ruhu_settings"].base_map)
    if path is None or not path.is_file():
        raise NotFound("没有底图文件")
    status = path.stat()
    tag = f"{status.st_mtime_ns:x}-{status.st_size:x}"
    return serve(lambda: path.open("rb"), tag=tag, name="base.pmtiles", media_type="application/vnd.pmtiles")
