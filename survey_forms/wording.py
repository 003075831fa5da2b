"""The words of an XForm: labels per language."""

import re
from collections.abc import Mapping
from typing import Final

from survey_forms.hardened import Element, local

#: The key of a text that is not translated.
UNTRANSLATED: Final = "default"

_ITEXT: Final = re.compile(r"jr:itext\(\s*(?:'([^']*)'|\"([^\"]*)\"|([\w.-]+))\s*\)")
_CODE: Final = re.compile(r"\(([A-Za-z]{2,3}(?:-[A-Za-z0-9]+)*)\)\s*$")


def language_code(column: str) -> str:
    """Code of a language as XLSForm writes it: ``中文 (zh)``.

    Parameters
    ----------
    column
        The language's name in the form.

    Returns
    -------
    str
        The part in brackets, or the whole name when there is none.

    Examples
    --------
    >>> language_code("中文 (zh)"), language_code("Deutsch")
    ('zh', 'Deutsch')
    """
    found = _CODE.search(column)
    return found[1] if found else column


class Wording:
    """Texts of one form's model."""

    def __init__(self, model: Element) -> None:
        self.texts: dict[str, dict[str, str]] = {}
        languages: list[str] = []
        for translation in model.iterfind("{*}itext/{*}translation"):
            code = language_code(translation.get("lang", ""))
            first = translation.get("default") is not None
            languages.insert(0 if first else len(languages), code)
            for text in translation.iterfind("{*}text"):
                for value in text.iterfind("{*}value"):
                    if value.get("form") is None:
                        self.texts.setdefault(text.get("id", ""), {})[code] = _plain(value)
        self.languages = tuple(languages)

    def label(self, element: Element, tag: str = "label") -> Mapping[str, str]:
        """Text of an element's label (or other child), per language; empty when it has none."""
        child = element.find(f"{{*}}{tag}")
        if child is None:
            return {}
        found = _ITEXT.search(child.get("ref") or "")
        if found:
            return dict(self.texts.get(found[1] or found[2] or found[3] or "", {}))
        text = _plain(child)
        return {UNTRANSLATED: text} if text else {}

    def item(self, item: Element) -> Mapping[str, str]:
        """Text of one item of a list inside the form."""
        key = item.findtext("{*}itextId")
        if key:
            return dict(self.texts.get(key.strip(), {}))
        return self.label(item)


def _plain(element: Element) -> str:
    """Text with ``${name}`` where the form puts an answer."""
    parts = [element.text or ""]
    for child in element:
        if local(child) == "output":
            value = (child.get("value") or child.get("ref") or "").strip()
            parts.append("${" + value.rpartition("/")[2] + "}")
        else:
            parts.append("".join(child.itertext()))
        parts.append(child.tail or "")
    return "".join(parts).strip()
