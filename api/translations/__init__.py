"""What people read, in their language: written in Chinese, translated to English and, where it exists, Tibetan.

The catalogues are plain gettext ``.po`` files, read once at start; a text without a translation stays Chinese.
"""

from functools import cache
from importlib import resources
from typing import Any

from babel.messages.pofile import read_po

LANGUAGES = {"zh": "中文", "en": "English", "bo": "བོད་ཡིག"}


@cache
def catalogue(language: str) -> dict[str, str]:
    """Return the translations of a language, empty for Chinese."""
    file = resources.files(__package__).joinpath(f"{language}.po")
    if language not in LANGUAGES or not file.is_file():
        return {}
    with file.open("rb") as stream:
        return {
            str(message.id): str(message.string)
            for message in read_po(stream, locale=language)
            if message.id and message.string and not message.fuzzy
        }


def translate(language: str, message: str, **values: Any) -> str:
    """Return a Chinese text in a language, with its ``{names}`` filled in.

    Examples
    --------
    >>> translate("zh", "还有 {days} 天", days=3)
    '还有 3 天'
    """
    text = catalogue(language).get(message, message)
    return text.format(**values) if values else text
