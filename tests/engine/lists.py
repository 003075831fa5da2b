"""The lists on a worker's phone, as the server would send them, of the small world's households."""

import csv
import io
import uuid

import world

STANDARDS = {"urban": 9768, "rural": 4440}
VILLAGE_NAMES = {code: f"第{number}村" for number, code in enumerate(world.VILLAGES, start=1)}


def _csv(rows):
    held = io.StringIO()
    writer = csv.DictWriter(held, list(rows[0]))
    writer.writeheader()
    writer.writerows(rows)
    return held.getvalue()


def entity_id(code):
    """The number of a household's entity: UUID version 4, as Collect demands."""
    return str(uuid.UUID(bytes=uuid.uuid5(uuid.NAMESPACE_URL, code).bytes, version=4))


def _households(columns):
    rows = []
    for village in world.VILLAGES[:2]:
        for serial in range(1, 5):
            code = f"{village}-{serial:04d}"
            known = {
                "code": code, "head_name": f"虚构户主{serial}", "village": VILLAGE_NAMES[village],
                "village_code": village, "address": f"{serial}组", "persons": 1 + serial % 5,
                "scheme": "urban" if village == world.VILLAGE else "rural", "geometry": "28.9 89.6 0 0",
            }  # fmt: skip
            label = f"{code} {known['head_name']} {known['village']}"
            row = {"name": entity_id(code), "label": label, "__version": serial}
            rows.append(row | {column: known[column] for column in columns})
    return _csv(rows)


LISTS = {
    "households.csv": _households(
        ["code", "head_name", "village", "village_code", "address", "persons", "scheme", "geometry"]
    ),
    "spot_check_households.csv": _households(["code", "head_name", "village", "geometry"]),
    "missed_households.csv": _households(
        ["code", "head_name", "village", "village_code", "address", "persons", "geometry"]
    ),
    "villages.csv": _csv([
        {"name": code, "label": f"{VILLAGE_NAMES[code]} {code}", "township": "江孜镇"} for code in world.VILLAGES[:2]
    ]),
    "standards.csv": _csv([
        {
            "name": scheme, "label": scheme, "scheme": scheme, "year": 2026, "yuan_per_person_year": yuan,
            "yuan_per_person_month": yuan / 12,
        }
        for scheme, yuan in STANDARDS.items()
    ]),
}  # fmt: skip
