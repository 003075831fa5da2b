"""Show enough of a number to tell people apart, and no more."""

STAR = "*"


def mask(text: str, *, first: int, last: int) -> str:
    """Return a text with stars between its first and last characters; a short one becomes stars altogether.

    Examples
    --------
    >>> mask("123456789", first=2, last=1), mask("1234", first=2, last=2)
    ('12******9', '****')
    """
    if len(text) <= first + last + 1:
        return STAR * len(text)
    return text[:first] + STAR * (len(text) - first - last) + text[len(text) - last :]


def mask_identity(number: str) -> str:
    """Return an identity number with region and last two characters only: birth date and serial are hidden.

    Examples
    --------
    >>> mask_identity("11010519491231002X")
    '110105**********2X'
    """
    return mask(number, first=6, last=2)


def mask_phone(number: str) -> str:
    """Return a telephone number with its first three and last two digits.

    Examples
    --------
    >>> mask_phone("10000001234")
    '100******34'
    """
    return mask(number, first=3, last=2)


def mask_card(number: str) -> str:
    """Return a bank card with its last four digits, as banks print it.

    Examples
    --------
    >>> mask_card("6200000000001234")
    '************1234'
    """
    return mask(number, first=0, last=4)
