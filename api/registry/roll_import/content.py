"""What a household is according to a roll, in one form for comparing: from a file or from the database."""

import json
from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any

HOUSEHOLD_FIELDS = (
    "village_code", "scheme", "registered_poor", "head_name", "phone", "bank_card", "address", "persons",
    "benefit_fen_per_month", "benefit_since", "income_fen_per_person_year", "longitude", "latitude",
)  # fmt: skip
MEMBER_FIELDS = ("name", "relation", "identity", "birth_date", "sex", "health", "work", "receives")


def content_of(household: Mapping[str, Any], members: Sequence[Mapping[str, Any]]) -> bytes:
    """Return a household with its members as bytes: the same bytes exactly when nothing differs.

    Parameters
    ----------
    household, members
        With `HOUSEHOLD_FIELDS` and `MEMBER_FIELDS`; secrets in plain, so the bytes may only ever be hashed with a key.

    Examples
    --------
    >>> person = dict.fromkeys(MEMBER_FIELDS)
    >>> content_of(dict.fromkeys(HOUSEHOLD_FIELDS), [person]) == content_of(dict.fromkeys(HOUSEHOLD_FIELDS), [])
    False
    """
    parts = [
        [_plain(household[field]) for field in HOUSEHOLD_FIELDS],
        *([_plain(member[field]) for field in MEMBER_FIELDS] for member in members),
    ]
    return json.dumps(parts, ensure_ascii=False).encode("utf-8")


def _plain(value: Any) -> Any:
    if isinstance(value, date):
        return value.isoformat()
    return value or None if isinstance(value, str) else value  # an empty text and none are the same
