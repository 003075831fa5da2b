"""Conceal numbers of persons in answers: those a form declares, and those that somebody wrote into a free text."""

import re
from collections.abc import Callable

from api.registry.identity import LENGTH, check_character
from api.registry.masking import mask_card, mask_identity, mask_phone
from survey_forms.schema import Question

MASKS: dict[str, Callable[[str], str]] = {"identity": mask_identity, "phone": mask_phone, "card": mask_card}

# Runs of digits as long as an identity number or a card, or a mobile telephone's. A household code is shorter.
_LONG = re.compile(r"(?<![0-9A-Za-z])[0-9]{15,18}[0-9Xx](?![0-9A-Za-z])")
_MANY_DIGITS = re.compile(r"[0-9]{11}")
SHORTEST = 11  # characters of a text in which such a number can stand
_MOBILE = re.compile(r"(?<![0-9])1[3-9][0-9]{9}(?![0-9])")


def conceal(question: Question) -> Callable[[str], str] | None:
    """Return how the answers of a question are to be masked; None when they cannot hold such a number."""
    if question.secret is not None:
        return MASKS[question.secret]
    return conceal_in_text if question.type in {"string", "barcode"} else None


def conceal_in_text(text: str) -> str:
    """Return a text with the identity numbers, cards and mobile telephones in it masked.

    Examples
    --------
    >>> conceal_in_text("户主电话13812345678，卡 6200000000001234，户编码 540222100201-0007")
    '户主电话138******78，卡 ************1234，户编码 540222100201-0007'
    >>> conceal_in_text("身份证 11010519491231002x")
    '身份证 110105**********2x'
    """
    if _MANY_DIGITS.search(text) is None:  # nearly every text
        return text
    return _MOBILE.sub(lambda found: mask_phone(found[0]), _LONG.sub(_long, text))


def _long(found: re.Match[str]) -> str:
    number = found[0]
    is_identity = len(number) == LENGTH and check_character(number[:-1]) == number[-1].upper()
    return mask_identity(number) if is_identity else mask_card(number)
