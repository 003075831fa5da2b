"""Examples of the routes of the map, its panel and of review, for the walk."""

import world
from example import Example, by_county

HOUSEHOLD = f"{world.VILLAGE}-0001"
NOBODYS = "01975f2e-0000-7000-8000-000000000000"  # batches are one's own, and nobody in the walk has one
OTHER = "540221100201-0001"


def _piece(name):
    return by_county(name, lambda built, county: built.evidence[county].id)


def _submission(name):
    return by_county(name, lambda built, county: built.evidence[county].submission_id)


MAP: dict[tuple[str, str], Example] = {
    ("GET", "map_pages.map_page"): Example(),
    ("GET", "map_panel_pages.piece"): Example(**_piece("evidence_id")),
    ("GET", "map_panel_pages.household"): Example(inside={"code": HOUSEHOLD}, outside={"code": OTHER}, also=(404,)),
    ("GET", "map_panel_pages.pieces"): Example(secrets=(HOUSEHOLD,)),
    ("GET", "map_panel_pages.export"): Example(secrets=(HOUSEHOLD,)),
    ("GET", "map_panel_pages.search"): Example(query={"q": HOUSEHOLD}, secrets=(HOUSEHOLD,)),
    ("GET", "map_panel.piece_list"): Example(secrets=(HOUSEHOLD,)),
    ("GET", "map_panel.search_list"): Example(query={"q": HOUSEHOLD}, secrets=(HOUSEHOLD,)),
    ("GET", "map_panel.piece_told"): Example(**_piece("evidence_id")),
    ("GET", "map_panel.household_told"): Example(inside={"code": HOUSEHOLD}, outside={"code": OTHER}, also=(404,)),
    ("GET", "review_pages.queue_page"): Example(query={"state": ""}, secrets=(HOUSEHOLD,)),
    ("GET", "review_pages.export"): Example(query={"state": ""}, secrets=(HOUSEHOLD,)),
    ("GET", "review_pages.submission"): Example(**_submission("submission_id")),
    ("POST", "review_pages.step"): Example(
        **_submission("submission_id"), form={"step": "comment", "note": "虚构意见"}
    ),
    ("GET", "review_pages.clean"): Example(secrets=(HOUSEHOLD,)),
    ("POST", "review_pages.accept"): Example(
        form=lambda built: {"id": str(built.evidence[world.COUNTY].submission_id)}
    ),
    ("GET", "review_pages.accepting"): Example(),
    ("POST", "review_pages.undo"): Example(inside={"batch_id": NOBODYS}, outside={"batch_id": NOBODYS}, also=(404,)),
    ("GET", "reviews.review_list"): Example(query={"state": ""}, secrets=(HOUSEHOLD,)),
    ("POST", "reviews.step_take"): Example(
        **_submission("submission_id"), json={"step": "comment", "note": "虚构意见"}
    ),
    ("POST", "reviews.bulk_accept"): Example(
        json=lambda built: {"ids": [str(built.evidence[world.COUNTY].submission_id)]}
    ),
    ("POST", "reviews.bulk_accept_all"): Example(json={"area": world.TOWNSHIP}),
    ("POST", "reviews.batch_undo"): Example(
        inside={"batch_id": NOBODYS}, outside={"batch_id": NOBODYS}, json={}, also=(404,)
    ),
    ("GET", "reviews.returned_list"): Example(),
}
