"""The certificate of a draw: one document with everything a notice board needs, worked out anew from what is kept."""

from datetime import UTC, datetime
from functools import cache
from importlib.metadata import PackageNotFoundError, version
from typing import Any

from sqlalchemy.orm import Session

import sampling
from api.problems import Conflict, NotFound
from api.spot_checks.commit import frame_of, manifest_of, plan_of, result_of
from api.spot_checks.frame import stored_frame
from api.spot_checks.refusals import in_our_words
from api.spot_checks.tables import Draw
from sampling.certificate import canonical_file, certificate_document, sha256_of
from sampling.verifier import sha256


def certificate(session: Session, draw: Draw) -> dict[str, Any]:
    """Return the certificate of a draw.

    Raises
    ------
    NotFound
        Before the dice were thrown.
    Conflict
        When what is kept no longer makes the list that was drawn: then nothing is certified.
    """
    result = result_of(session, draw)
    if result is None:
        raise NotFound("还没有掷骰抽取，因此还没有证书", where="draw_id")
    plan = plan_of(draw)
    with in_our_words():
        drawn = sampling.draw(stored_frame(session, frame_of(session, draw)), plan, manifest_of(draw), result.entropy)
    if sha256_of(drawn.document()) != sha256(result.draw_json.encode()):
        raise Conflict("保存的抽取与重算结果不符，不能出具证书；请立即封存数据库并查明原因", where="draw_id")
    return certificate_document(plan, drawn, published_at=utc(draw.committed_at), software=software())


def certificate_file(session: Session, draw: Draw) -> bytes:
    """Return ``certificate.json``, in canonical JSON."""
    return canonical_file(certificate(session, draw))


def utc(moment: datetime) -> str:
    """Return a moment as ISO 8601 in UTC, to the second.

    Examples
    --------
    >>> utc(datetime(2018, 6, 20, 10, 0, 0, 5, tzinfo=UTC))
    '2018-06-20T10:00:00Z'
    """
    return moment.astimezone(UTC).strftime("%Y-%m-%dT%H:%M:%SZ")


@cache
def software() -> str:
    """Return name and version of what draws."""
    try:
        return f"ruhu {version('ruhu')}"
    except PackageNotFoundError:  # run from a folder, not installed
        return "ruhu"
