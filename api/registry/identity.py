"""Resident identity numbers (GB 11643): the check digit, and what the number itself says of its holder."""

import re
import unicodedata
from dataclasses import dataclass
from datetime import date

LENGTH = 18
OLD_LENGTH = 15
# ISO 7064 MOD 11-2 (GB 11643-1999, 4.4): weight i is 2^(18-i) mod 11 for position i from the left.
WEIGHTS = tuple(pow(2, LENGTH - position, 11) for position in range(1, LENGTH))
CHECK_CHARACTERS = "10X98765432"
EARLIEST_BIRTH = date(1900, 1, 1)  # nobody alive was born before


class IdentityError(ValueError):
    """Not a valid identity number; the message says why and what to do, in Chinese, and never repeats the number."""


@dataclass(frozen=True)
class Identity:
    """A valid identity number and what it says.

    Attributes
    ----------
    number : str
        18 characters, the last a digit or a capital X.
    birth_date : date
    sex : str
        男 or 女, by the parity of the 17th digit.
    """

    number: str
    birth_date: date
    sex: str


def check_character(digits: str) -> str:
    """Return the check character of the first 17 digits.

    Parameters
    ----------
    digits : str
        17 ASCII digits.

    Raises
    ------
    ValueError
        If there are more, fewer or other characters.

    Examples
    --------
    The example number of GB 11643-1999, 4.4 is 11010519491231002X:

    >>> check_character("11010519491231002")
    'X'
    >>> check_character("99000019800101001")
    '2'
    """
    if len(digits) != LENGTH - 1 or not (digits.isascii() and digits.isdigit()):
        raise ValueError(f"{LENGTH - 1} digits are needed, not {len(digits)} characters")
    return CHECK_CHARACTERS[
        sum(weight * int(digit) for weight, digit in zip(WEIGHTS, digits, strict=True)) % len(CHECK_CHARACTERS)
    ]


def normal_identity(text: str) -> str:
    """Return an identity number as it is kept and matched: half-width, without spaces, X capital; not checked.

    Examples
    --------
    >>> normal_identity(" 110105 19491231 002ｘ")
    '11010519491231002X'
    """
    return re.sub(r"\s", "", unicodedata.normalize("NFKC", text)).upper()


def read_identity(text: str, *, today: date | None = None) -> Identity:
    """Check an identity number and read birth date and sex from it.

    The region prefix is not checked: prefixes of dissolved counties live on in their people's numbers, and no list
    of all that ever were is complete.

    Parameters
    ----------
    text : str
        As typed; spaces, full-width digits and a small x are forgiven.
    today : date, optional
        Births later than this are refused; by default the machine's date.

    Raises
    ------
    IdentityError
        Saying what is wrong and what to do.

    Examples
    --------
    >>> read_identity("11010519491231002x").birth_date
    datetime.date(1949, 12, 31)
    >>> read_identity("110105194912310021")
    Traceback (most recent call last):
    ...
    api.registry.identity.IdentityError: 身份证号校验位不对，请对照证件核对每一位
    """
    number = normal_identity(text)
    if len(number) == OLD_LENGTH and number.isdigit():
        raise IdentityError("身份证号是 15 位旧号，请改为 18 位新号")
    if len(number) != LENGTH:
        raise IdentityError("身份证号应为 18 位，请对照证件核对")
    if not re.fullmatch(r"[0-9]{17}[0-9X]", number):
        raise IdentityError("身份证号只能是数字，末位可为 X, 请对照证件核对")
    if check_character(number[:-1]) != number[-1]:
        raise IdentityError("身份证号校验位不对，请对照证件核对每一位")
    try:
        birth_date = date(int(number[6:10]), int(number[10:12]), int(number[12:14]))
    except ValueError:
        raise IdentityError("身份证号中的出生日期不存在，请对照证件核对") from None
    if not EARLIEST_BIRTH <= birth_date <= (today or date.today()):  # noqa: DTZ011 - a birthday has no time zone
        raise IdentityError("身份证号中的出生日期不合理，请对照证件核对")
    return Identity(number, birth_date, "男" if int(number[16]) % 2 else "女")
