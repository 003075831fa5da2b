"""Roll files of plainly synthetic people, and imports of them without HTTP."""

import csv
import hashlib
import io
from datetime import date

import pytest
import world
from openpyxl import Workbook

from api.registry.identity import check_character
from api.registry.roll_file.columns import COLUMNS
from api.registry.roll_import.carry_out import import_roll
from api.registry.roll_import.receive import file_of, keep_file, receive_roll

HEADINGS = {column.name: column.heading for column in COLUMNS}


def identity(serial, born=date(1980, 1, 1)):
    """An identity number of a region that does not exist."""
    digits = f"99{serial // 1000:04d}{born:%Y%m%d}{serial % 1000:03d}"
    return digits + check_character(digits)


def person(code=f"{world.VILLAGE}-0001", serial=1, **cells):
    """A householder's row."""
    return {
        "code": code, "scheme": "农村", "name": f"虚构{serial}", "relation": "户主", "identity": identity(serial),
        "benefit": "425.50", "benefit_since": "2018-01", "phone": f"1000000{serial:04d}",
        "bank_card": f"6200000000{serial:06d}", "address": "一组", "longitude": 89.6123, "latitude": 28.9, **cells,
    }  # fmt: skip


def csv_of(rows, *, encoding="utf-8", names=None, headings=HEADINGS):
    names = names or list(dict.fromkeys(name for row in rows for name in row))
    text = io.StringIO()
    writer = csv.writer(text)
    writer.writerow([headings.get(name, name) for name in names])
    writer.writerows([[row.get(name, "") for name in names] for row in rows])
    return text.getvalue().encode(encoding)


def xlsx_of(rows, *, above=()):
    names = list(dict.fromkeys(name for row in rows for name in row))
    book = Workbook()
    for line in above:
        book.active.append(line)
    book.active.append([HEADINGS.get(name, name) for name in names])
    for row in rows:
        book.active.append([row.get(name) for name in names])
    file = io.BytesIO()
    book.save(file)
    book.close()
    return file.getvalue()


@pytest.fixture
def take_in(database, settings):
    """A function that imports bytes as the roll of an area and returns the import as it ended."""

    def run(content, area=world.COUNTY, *, dry_run=False, by=None, **more):
        with database.transaction() as session:
            wanted = receive_roll(
                session, area_code=area, file_name="roll", file_sha256=hashlib.sha256(content).hexdigest(),
                dry_run=dry_run, by=by,
            )  # fmt: skip
        path = file_of(settings.data_dir, wanted.id)
        keep_file(io.BytesIO(content), path, most_bytes=10_000_000)
        return import_roll(database, wanted.county_code, wanted.id, path, keys=settings.encryption_keys(), **more)

    return run
