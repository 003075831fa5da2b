"""Which files an XForm needs beside it: lists it looks things up in, pictures and sounds its texts show."""

import re
from collections.abc import Iterator
from typing import Final

from survey_forms.hardened import Element, local

_REFERENCE: Final = re.compile(r"jr://(?:file|file-csv|images?|audio|video)/(.+)")
_LOOKED_UP: Final = re.compile(r"\b(?:pulldata|search)\(\s*(?:'([^']+)'|\"([^\"]+)\")")
# what a select of external choices is answered from, whatever the form calls it
_ITEMSETS: Final = "itemsets.csv"


def media_files(root: Element) -> tuple[str, ...]:
    """Files a form names, each once.

    Parameters
    ----------
    root
        Root element of an XForm.

    Returns
    -------
    tuple of str
        In the order of the form, as written there: ``jr://file``, ``jr://file-csv``, ``jr://images``, ``jr://audio``
        and ``jr://video`` of instances and texts; the CSV files that ``pulldata()`` and ``search()`` look into; and
        ``itemsets.csv`` where choices are external. ``jr://instance/last-saved`` is no file. A name may be one that
        no file can have; whoever serves files checks it.

    Notes
    -----
    ODK XForms specification, "Secondary Instances - External", "Languages" and "Media"; ODK documentation of
    ``pulldata()`` and ``search()``.

    Examples
    --------
    >>> from survey_forms.hardened import parse
    >>> media_files(parse(b'''<h:html xmlns:h="http://www.w3.org/1999/xhtml" xmlns="http://www.w3.org/2002/xforms">
    ... <h:head><model><instance><data id="hello"><rate/></data></instance>
    ... <instance id="households" src="jr://file-csv/households.csv"/>
    ... <bind nodeset="/data/rate" calculate="pulldata('standards', 'rate', 'name', 'rural')"/></model></h:head>
    ... <h:body/></h:html>'''))
    ('households.csv', 'standards.csv')
    """
    return tuple(dict.fromkeys(_named(root)))


def _named(root: Element) -> Iterator[str]:
    for element in root.iter("{*}*"):
        tag = local(element)
        reference = ""
        if tag == "instance":
            reference = element.get("src") or ""
        elif tag == "value" and element.get("form") is not None:
            reference = "".join(element.itertext())
        if found := _REFERENCE.fullmatch(reference.strip()):
            yield found[1]
        if tag == "input" and element.get("query"):
            yield _ITEMSETS
        for text in element.attrib.values():
            for looked_up in _LOOKED_UP.finditer(text):
                name = looked_up[1] or looked_up[2]
                yield name if name.endswith(".csv") else f"{name}.csv"
