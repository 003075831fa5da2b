"""Who a submission says it is: its instanceID and what it replaces, read by everybody and changed only on purpose."""

from collections.abc import Mapping

from survey_forms.hardened import Element, local, parse, serialise


def with_identity(xml: bytes, *, instance_id: str, deprecated_id: str | None = None) -> bytes:
    """Copy of a submission under another identity; no answer is touched.

    Parameters
    ----------
    xml
        A whole submission.
    instance_id
        Of the copy.
    deprecated_id
        What the copy replaces; None for a record of its own.

    Returns
    -------
    bytes
        UTF-8 XML. Comments and processing instructions are left out.

    Raises
    ------
    XMLSyntaxError
        `xml` is not well formed.

    Notes
    -----
    OpenRosa metadata schema: ``meta/instanceID`` and ``meta/deprecatedID``. Where there is no ``meta`` one is made in
    the root's own namespace.

    Examples
    --------
    >>> sent = b'<data id="f"><a>1</a><meta><instanceID>uuid:1</instanceID></meta></data>'
    >>> with_identity(sent, instance_id="uuid:2", deprecated_id="uuid:1").decode().splitlines()[1]
    '<data id="f"><a>1</a><meta><instanceID>uuid:2</instanceID><deprecatedID>uuid:1</deprecatedID></meta></data>'
    """
    root = parse(xml)
    write_meta(root, {"instanceID": instance_id, "deprecatedID": deprecated_id})
    return serialise(root)


def write_meta(root: Element, values: Mapping[str, str | None]) -> None:
    """Set or remove children of a submission's meta block, in place.

    Parameters
    ----------
    root
        The submission's root; a meta block is made if it has none.
    values
        Text by tag without its namespace; None removes the child.

    Examples
    --------
    >>> root = parse(b'<data id="f"><meta><audit>audit.csv</audit></meta></data>')
    >>> write_meta(root, {"audit": None, "instanceID": "uuid:1"})
    >>> root.find("meta/audit"), root.findtext("meta/instanceID")
    (None, 'uuid:1')
    """
    meta = next((child for child in root if local(child) == "meta"), None)
    if meta is None:
        meta = root.makeelement(f"{{{root.nsmap[None]}}}meta" if None in root.nsmap else "meta")
        root.append(meta)
    for tag, text in values.items():
        child = next((child for child in meta if local(child) == tag), None)
        if text is None:
            if child is not None:
                meta.remove(child)
            continue
        if child is None:
            child = meta.makeelement(meta.tag.replace("meta", tag))
            meta.append(child)
        child.text = text
