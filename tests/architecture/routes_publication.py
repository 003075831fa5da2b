"""Examples of the routes of publication, for the walk."""

import io

import world
from collect import JPEG
from example import Example, by_county

DRAW = by_county("draw_id", lambda built, county: built.draws[county])
CODE = f"{world.VILLAGE}-0001"
A_HASH = "0" * 64


def of_photo(county):
    """No photo of that fingerprint is there: whoever may look is told so."""
    return lambda built: {"draw_id": built.draws[county], "sha256": A_HASH}


PUBLICATION: dict[tuple[str, str], Example] = {
    ("GET", "publication.approval_list"): Example(secrets=(world.COUNTY,)),
    ("POST", "publication.approval_decide"): Example(
        **DRAW, json={"approved": True}, also=(409,)
    ),  # a first draw needs none
    ("GET", "publication.publication_one"): Example(**DRAW),
    ("GET", "publication.certificate_one"): Example(**DRAW),
    ("POST", "publication.proof_show"): Example(**DRAW, json={"household_code": CODE}),
    ("POST", "publication.photo_send"): Example(
        **DRAW,
        form=lambda _: {"photo": (io.BytesIO(JPEG), "dice.jpg")},
        also=(409,),  # the second caller sends the same
    ),
    ("GET", "publication.rule_one"): Example(),
    ("GET", "spot_check_publication_pages.approvals"): Example(secrets=("江孜",)),
    ("POST", "spot_check_publication_pages.decide"): Example(**DRAW, form={"decision": "approve"}, also=(409,)),
    ("POST", "spot_check_publication_pages.publishing"): Example(
        form=lambda built: {"campaign": str(built.campaigns[world.COUNTY]), "publish": "0", "county": world.COUNTY}
    ),
    ("GET", "spot_check_publication_pages.notice"): Example(**DRAW),
    ("GET", "spot_check_publication_pages.certificate_page"): Example(**DRAW),
    ("GET", "spot_check_publication_pages.certificate_json"): Example(**DRAW),
    ("POST", "spot_check_publication_pages.proof"): Example(**DRAW, form={"household_code": CODE}),
    ("POST", "spot_check_publication_pages.photo_add"): Example(
        **DRAW, form=lambda _: {"photo": (io.BytesIO(JPEG), "dice.jpg")}, also=(409,)
    ),
    ("GET", "spot_check_publication_pages.photo"): Example(
        inside=of_photo(world.COUNTY), outside=of_photo(world.OTHER_COUNTY), also=(404,)
    ),
    ("GET", "spot_check_publication_pages.source"): Example(query={"source": "dice:20", "part": "123"}),
    ("GET", "spot_check_publication_pages.rule"): Example(query={"source": "dice"}),
}
