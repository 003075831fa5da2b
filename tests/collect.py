"""ODK Collect as far as a server can tell: a phone with a key, and home visits as it would write them."""

import io
import uuid

import world
from lxml import etree

from survey_forms.catalogue import schema_of
from survey_forms.filling import fill
from survey_forms.values import Place

JPEG = b"\xff\xd8\xff\xe0\x00\x10JFIF" + bytes(range(256)) * 4
HOUSEHOLD = f"{world.VILLAGE}-0001"


def visit(instance_id=None, *, deprecated_id=None, household=HOUSEHOLD, photo="house.jpg", check=True, **answers):
    """The XML of a home visit with a place and, if named, a photo."""
    given = {
        "household_code": household,
        "outcome": "met_householder",
        "companions": ["village_committee"],
        "wages": 1200,
        "place": Place(28.95, 89.61, 4021.5, 6.5),
        "house_photo": photo,
        **answers,
    }
    return fill(
        schema_of("home_visit"), given, instance_id=instance_id or f"uuid:{uuid.uuid4()}",
        deprecated_id=deprecated_id, check=check,
    )  # fmt: skip


class Phone:
    """ODK Collect as far as the server can tell."""

    def __init__(self, client, name="surveyor", token=None):
        self.client = client
        self.key = f"/key/{token or world.PHONE_TOKENS[name]}"

    def get(self, path, **more):
        return self.client.get(f"{self.key}/{path}", headers={"X-OpenRosa-Version": "1.0", **more.pop("headers", {})})

    def head(self):
        return self.client.head(f"{self.key}/submission", headers={"X-OpenRosa-Version": "1.0"})

    def send(self, xml, files=None, **fields):
        data = dict(fields)
        if xml is not None:
            data["xml_submission_file"] = (io.BytesIO(xml), "submission.xml")
        for name, content in (files or {}).items():
            data[name] = (io.BytesIO(content), name)
        return self.client.post(
            f"{self.key}/submission?deviceID=collect:test", data=data, content_type="multipart/form-data"
        )

    def post(self, body, content_type="multipart/form-data; boundary=cut"):
        return self.client.post(f"{self.key}/submission", data=body, content_type=content_type)


def words(answer):
    """The message of an OpenRosa answer; fails if it is none."""
    assert answer.headers["X-OpenRosa-Version"] == "1.0"
    assert answer.headers["Content-Type"] == "text/xml; charset=utf-8"
    root = etree.fromstring(answer.data)
    assert root.tag == "{http://openrosa.org/http/response}OpenRosaResponse"
    return root.findtext("{*}message")
