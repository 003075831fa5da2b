"""The programming interface of evidence: GeoJSON, photos, and the submissions behind them."""

import hashlib
from typing import Any
from urllib.parse import urlencode
from uuid import UUID

from flask import Response, current_app, request

from api.collection.serving import serve, serve_blob, workshop
from api.collection.tables import Submission
from api.evidence.masking import Masks, mask_content, masks_of
from api.evidence.pictures import PictureUnreadable
from api.evidence.reading import (
    Filters,
    Seen,
    find_evidence,
    find_file,
    find_metadata,
    find_photo,
    find_submission,
    list_evidence,
)
from api.evidence.schemas import (
    EvidenceFilterSchema,
    FeatureCollectionSchema,
    FeatureSchema,
    PhotoFilterSchema,
    PhotoMetadataSchema,
    SubmissionSchema,
)
from api.people.guard import allow, session_now, viewer
from api.people.roles import Permission
from api.problems import Invalid, NotFound
from api.smorest import Blueprint

GEOJSON = "application/geo+json"
BINARY = {"type": "string", "format": "binary"}
# what HTTP answers to whoever asks for a part, or has the file already
PARTS = {"206": {"description": "the part asked for"}, "304": {"description": "unchanged"}, "416": {"description": ""}}

blueprint = Blueprint("evidence", __name__, url_prefix="/api", description="取证 · what was seen in the field")


@blueprint.route("/evidence")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.arguments(EvidenceFilterSchema, location="query")
@blueprint.response(200, FeatureCollectionSchema, content_type=GEOJSON)
def evidence_list(wanted: dict[str, Any]) -> Response:
    """What was seen, the newest first, as GeoJSON; `next` among the links leads on.

    The answer carries an ETag: ask again with If-None-Match and an unchanged page costs a 304.
    """
    limit, before = wanted.pop("limit"), wanted.pop("before", None)
    township, village = wanted.pop("township", None), wanted.pop("village", None)
    if township and village and not village.startswith(township):
        raise Invalid("村 {village} 不在乡镇 {township} 内", where="village", village=village, township=township)
    filters = Filters(area=village or township, **wanted)
    rows, total, following = list_evidence(session_now(), viewer(), filters, limit=limit, before=before)
    masks = masks_of(session_now())
    page = {
        "features": [_feature(row, masks) for row in rows],
        "numberMatched": total,
        "numberReturned": len(rows),
        "links": [_next(following)] if following else [],
    }
    return _answer(FeatureCollectionSchema().dumps(page, ensure_ascii=False))


@blueprint.route("/evidence/<uuid:evidence_id>")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.response(200, FeatureSchema, content_type=GEOJSON)
def evidence_one(evidence_id: UUID) -> Response:
    """One piece of evidence."""
    found = find_evidence(session_now(), viewer(), evidence_id)
    return _answer(FeatureSchema().dumps(_feature(found, masks_of(session_now())), ensure_ascii=False))


@blueprint.route("/evidence/<uuid:evidence_id>/photos/<uuid:photo_id>")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.arguments(PhotoFilterSchema, location="query")
@blueprint.response(200, BINARY, content_type="image/*")
@blueprint.doc(responses=PARTS)
def evidence_photo(wanted: dict[str, int], evidence_id: UUID, photo_id: UUID) -> Response:
    """A photo, to whoever may see its evidence: the very bytes, whole or in ranges, or a small copy."""
    photo, file = find_photo(session_now(), viewer(), evidence_id, photo_id)
    if (size := wanted.get("size")) is not None:
        return _small(file.sha256, size, name=f"{photo.name.rpartition('.')[0] or photo.name}-{size}.jpg")
    return serve_blob(workshop().blobs, file.sha256, name=photo.name, media_type=file.media_type)


@blueprint.route("/evidence/<uuid:evidence_id>/photos/<uuid:photo_id>/metadata")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.response(200, PhotoMetadataSchema)
def evidence_photo_metadata(evidence_id: UUID, photo_id: UUID) -> Any:
    """What a photo's file says of itself: time, place, camera. Kept apart from the answers, none proves the other."""
    return find_metadata(session_now(), viewer(), evidence_id, photo_id) or {"state": "waiting"}


@blueprint.route("/submissions/<uuid:submission_id>/files/<string:name>")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.response(200, BINARY, content_type="application/octet-stream")
@blueprint.doc(responses=PARTS)
def submission_file(submission_id: UUID, name: str) -> Response:
    """Any file of a submission, also one that its answers do not name, to whoever may see the submission."""
    file = find_file(session_now(), viewer(), submission_id, name)
    return serve_blob(workshop().blobs, file.sha256, name=file.name, media_type=file.media_type)


@blueprint.route("/submissions/<uuid:submission_id>")
@allow(Permission.EVIDENCE_READ, area="rows")
@blueprint.response(200, SubmissionSchema)
def submission_one(submission_id: UUID) -> dict[str, Any]:
    """One submission with its versions, files and what was doubtful about it."""
    found = find_submission(session_now(), viewer(), submission_id)
    columns = {name: getattr(found, name) for name in SubmissionSchema().fields if name != "complete"}
    return {**columns, "complete": _is_complete(found)}


def _small(sha256: str, size: int, *, name: str) -> Response:
    thumbnails = current_app.extensions["ruhu_thumbnails"]
    try:
        return serve(lambda: thumbnails.open(sha256, size), tag=f"{sha256}-{size}", name=name, media_type="image/jpeg")
    except PictureUnreadable:
        raise NotFound("文件 {name} 不能缩小显示，请下载原件查看", where="size", name=name) from None


def _is_complete(submission: Submission) -> bool:
    present = next(
        version for version in submission.versions if version.instance_id == submission.instance_id
    )  # fmt: skip
    return set(present.named_files) <= {file.name for file in submission.attachments}


def _feature(seen: Seen, masks: Masks) -> dict[str, Any]:
    evidence = seen.evidence
    located = seen.longitude is not None and seen.latitude is not None
    copied = (
        "kind", "purpose", "household_code", "village_code", "account_id", "submission_id", "collected_at",
        "received_at", "accuracy_m", "altitude_m",
    )  # fmt: skip
    photos = [
        {
            "id": photo.id,
            "question": photo.question,
            "name": photo.name,
            "arrived": photo.sha256 is not None,
            "url": f"/api/evidence/{evidence.id}/photos/{photo.id}",
        }
        for photo in sorted(evidence.photos, key=lambda photo: photo.id)
    ]
    return {
        "id": evidence.id,
        "geometry": {"coordinates": [seen.longitude, seen.latitude]} if located else None,
        "properties": {
            **{name: getattr(evidence, name) for name in copied},
            "content": mask_content(evidence.kind, evidence.content, masks),
            "household_known": evidence.household_id is not None,
            "photos": photos,
        },
    }


def _next(following: UUID) -> dict[str, str]:
    address = current_app.extensions["ruhu_settings"].public_url.rstrip("/")
    query = urlencode({**request.args.to_dict(), "before": str(following)})
    return {"rel": "next", "type": GEOJSON, "href": f"{address}{request.path}?{query}"}


def _answer(body: str) -> Response:
    """Return JSON with a tag of its own bytes: what a reader may see can change without any row changing."""
    response = Response(body, content_type=GEOJSON)
    response.set_etag(hashlib.sha256(body.encode()).hexdigest())
    response.headers["Cache-Control"] = "private, no-cache"
    response.make_conditional(request)
    return response
