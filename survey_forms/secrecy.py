"""Which answers are a person's identity, telephone or card number, by the names of questions and evidence fields."""

import re
from typing import Final

#: Kinds of secret a form may declare; each is masked in its own way by whoever shows answers.
SECRETS: Final = ("identity", "phone", "card")

# in this order: an id_card is no bank card
_ENDINGS: Final = {
    "identity": re.compile(r"(?:^|_)(?:identity|identity_number|id_number|id_card)\Z"),
    "phone": re.compile(r"(?:^|_)(?:phone|phone_number|telephone|mobile)\Z"),
    "card": re.compile(r"(?:^|_)(?:card|card_number|bank_card|bank_account|account_number)\Z"),
}


def secret_of_name(name: str) -> str | None:
    """Kind of number that a question or evidence field of this name holds.

    Parameters
    ----------
    name
        Last part of a path, or second half of an evidence role.

    Returns
    -------
    str or None
        One of `SECRETS`, None when the name tells of none.

    Examples
    --------
    >>> secret_of_name("head_identity_number"), secret_of_name("id_card"), secret_of_name("owner_bank_card")
    ('identity', 'identity', 'card')
    >>> secret_of_name("card_holder") is None
    True
    """
    return next((kind for kind, ending in _ENDINGS.items() if ending.search(name)), None)
