"""Exports as a program asks for them and opens them."""

import csv
import io
import json
import zipfile

import pytest
import sqlalchemy as sa
import world
from openpyxl import load_workbook

from api.jobs.tables import Job
from api.jobs.work import do


class Desk:
    """Somebody's programs that ask for exports, and the background work they wait for."""

    def __init__(self, app):
        self.client = app.test_client()
        self.queue = app.extensions["ruhu_queue"]
        self.folder = app.extensions["ruhu_settings"].data_dir / "exports"

    def ask(self, name="county", **wanted):
        return self.client.post("/api/exports", json={"form_id": "home_visit", **wanted}, headers=key(name))

    def work(self):
        """Do the background work that waits, as the consumer would; say for each job whether it came to an end."""
        with self.queue.database.read() as session:
            waiting = session.scalars(sa.select(Job).where(Job.state == "waiting").order_by(Job.id)).all()
        return [do(self.queue.database, self.queue.kinds, job.county_code, job.id) for job in waiting]

    def list(self, name="county"):
        return self.client.get("/api/exports", headers=key(name))

    def look(self, answer, name="county"):
        return self.client.get(f"/api/exports/{answer.json['id']}", headers=key(name))

    def fetch(self, answer, name="county", **headers):
        address = f"/api/exports/{answer.json['id']}/file"
        return self.client.get(address, headers={**key(name), **headers}, buffered=True)

    def delete(self, answer, name="county"):
        return self.client.delete(f"/api/exports/{answer.json['id']}", headers=key(name))

    def take(self, name="county", **wanted):
        """Ask, wait, and return the file's bytes."""
        answer = self.ask(name, **wanted)
        assert answer.status_code in {200, 202}, answer.text
        assert all(self.work())
        file = self.fetch(answer, name)
        assert file.status_code == 200, file.text
        return file.data

    def files(self):
        """Names of the finished files."""
        return sorted(path.name for path in self.folder.glob("*.*"))


def key(name):
    return {"Authorization": f"Bearer {world.PROGRAM_TOKENS[name]}"}


@pytest.fixture
def desk(app):
    return Desk(app)


@pytest.fixture
def taken(desk):
    """A function that asks, waits, and returns the file's bytes."""
    return desk.take


@pytest.fixture
def opened():
    """A function from the bytes of any kind of export to the rows of its tables, by name."""
    return tables_in


def tables_in(data):
    if data[:2] != b"PK":
        text = data.decode("utf-8-sig")
        if text.startswith('{"type": "FeatureCollection"'):
            return {"features": json.loads(text)["features"]}
        return {"": rows_of(text)}
    with zipfile.ZipFile(io.BytesIO(data)) as packed:
        assert packed.testzip() is None
        if "[Content_Types].xml" in packed.namelist():
            book = load_workbook(io.BytesIO(data))
            return {sheet.title: [[cell.value for cell in row] for row in sheet.iter_rows()] for sheet in book}
        return {
            name: rows_of(packed.read(name).decode("utf-8-sig")) if name.endswith(".csv") and "/" not in name
            else packed.read(name)
            for name in packed.namelist()
        }  # fmt: skip


def rows_of(text):
    return list(csv.reader(io.StringIO(text, newline="")))
