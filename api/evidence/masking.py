"""Mask the numbers of persons in what evidence says: the full ones leave only by an export, which is recorded."""

from collections.abc import Mapping
from typing import Any

import sqlalchemy as sa
from sqlalchemy.orm import Session

from api.collection.forms import OfferedForm, schema_of
from api.collection.tables import FormVersion
from api.evidence.export.conceal import MASKS, conceal_in_text

# (kind of evidence, field) → kind of number, as any version of any form declares it
Masks = Mapping[tuple[str, str], str]


def masks_of(session: Session) -> Masks:
    """Return which fields of evidence hold such a number.

    A field that one version of a form calls secret is masked whichever version it came from.
    """
    rows = session.execute(sa.select(*(getattr(FormVersion, name) for name in OfferedForm._fields)))
    found: dict[tuple[str, str], str] = {}
    for row in rows.all():
        for question in schema_of(session, OfferedForm(*row)).questions:
            if question.secret is not None and question.evidence is not None:
                kind, _, field = question.evidence.partition(".")
                found[kind, field] = question.secret
    return found


def mask_content(kind: str, content: Mapping[str, Any], masks: Masks) -> dict[str, Any]:
    """Return the content of a piece of evidence with these numbers masked, also where they stand in a text.

    Examples
    --------
    >>> masks = {("visit", "telephone"): "phone"}
    >>> mask_content("visit", {"note": "电话13812345678", "telephone": "08921234567"}, masks)
    {'note': '电话138******78', 'telephone': '089******67'}
    """
    return {field: mask_value(value, masks.get((kind, field))) for field, value in content.items()}


def mask_value(value: Any, secret: str | None) -> Any:
    """Return one answer with the numbers in it masked; of a secret one, all of it is such a number.

    Examples
    --------
    >>> mask_value(["电话13812345678", 3], None), mask_value(13812345678, "phone")
    (['电话138******78', 3], '138******78')
    """
    if isinstance(value, list):
        return [mask_value(one, secret) for one in value]
    if secret is not None and isinstance(value, str | int) and not isinstance(value, bool):
        return MASKS[secret](str(value))
    return conceal_in_text(value) if isinstance(value, str) else value
