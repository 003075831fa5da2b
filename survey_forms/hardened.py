"""The one way this package reads XML: no entities, no network, no document types, bounded depth."""

from typing import Any

from lxml import etree

#: No form nests a tenth as deep; it keeps recursion over answers far from Python's limit.
MAX_DEPTH = 64

#: An element of lxml, which ships no types.
Element = Any

XFORMS = "http://www.w3.org/2002/xforms"
XHTML = "http://www.w3.org/1999/xhtml"
JAVAROSA = "http://openrosa.org/javarosa"
ODK = "http://www.opendatakit.org/xforms"
ORX = "http://openrosa.org/xforms"
ENTITIES = "http://www.opendatakit.org/xforms/entities"
EVIDENCE = "urn:ruhu:evidence"

XMLSyntaxError: type[SyntaxError] = etree.XMLSyntaxError


def parse(data: bytes) -> Element:
    """Root element of UTF-8 XML.

    Parameters
    ----------
    data
        The whole document.

    Returns
    -------
    Element
        The root. Comments and processing instructions are dropped.

    Raises
    ------
    XMLSyntaxError
        `data` is not well formed, or beyond libxml2's own limits.

    Examples
    --------
    >>> parse(b"<a><b>1</b></a>").findtext("b")
    '1'
    """
    # a fresh parser each time: lxml's are not to be shared between threads
    parser = etree.XMLParser(
        encoding="utf-8",
        resolve_entities=False,
        no_network=True,
        load_dtd=False,
        dtd_validation=False,
        huge_tree=False,
        recover=False,
        remove_comments=True,
        remove_pis=True,
    )
    return etree.fromstring(data, parser)


def serialise(element: Element) -> bytes:
    r"""Bytes of an element, with an XML declaration.

    Parameters
    ----------
    element
        Any element; what follows it is left out.

    Returns
    -------
    bytes
        UTF-8.

    Examples
    --------
    >>> serialise(parse(b"<a/>"))
    b"<?xml version='1.0' encoding='UTF-8'?>\n<a/>"
    """
    written: bytes = etree.tostring(element, xml_declaration=True, encoding="UTF-8", with_tail=False)
    return written


def local(element: Element) -> str:
    """Tag without its namespace.

    Parameters
    ----------
    element
        Any element.

    Returns
    -------
    str
        The local name.

    Examples
    --------
    >>> local(parse(b'<x:a xmlns:x="urn:y"/>'))
    'a'
    """
    return str(element.tag).rpartition("}")[2]


def namespace(element: Element) -> str:
    """Namespace of a tag, empty when it has none.

    Parameters
    ----------
    element
        Any element.

    Returns
    -------
    str
        The namespace's name.

    Examples
    --------
    >>> namespace(parse(b'<x:a xmlns:x="urn:y"/>'))
    'urn:y'
    """
    return str(element.tag).rpartition("}")[0][1:]


def depth(root: Element) -> int:
    """How many elements the deepest branch has, the root included.

    Parameters
    ----------
    root
        Where to begin.

    Returns
    -------
    int
        At least 1. Counted without recursion, so safe on any depth.

    Examples
    --------
    >>> depth(parse(b"<a><b/></a>"))
    2
    """
    deepest = now = 0
    for event, _ in etree.iterwalk(root, events=("start", "end")):
        now += 1 if event == "start" else -1
        deepest = max(deepest, now)
    return deepest
