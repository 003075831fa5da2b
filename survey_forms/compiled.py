"""A form as phones get it; light, so that who only hands forms out need not load the compiler."""

from dataclasses import dataclass


@dataclass(frozen=True)
class CompiledForm:
    """A form as phones get it.

    Attributes
    ----------
    form_id, version, title : str
        As the form says them. `version` is never empty.
    xml : bytes
        The XForm, UTF-8. The same source gives the same bytes in every process.
    hash : str
        ``md5:`` and 32 hex digits of `xml`: what OpenRosa's form list carries.
    sha256 : str
        64 hex digits of `xml`: what evidence refers to.
    warnings : tuple of str
        What pyxform, and ODK Validate when it ran, would change.
    itemsets : bytes or None
        The file ``itemsets.csv`` the form needs beside it, if it uses external choices.
    """

    form_id: str
    version: str
    title: str
    xml: bytes
    hash: str
    sha256: str
    warnings: tuple[str, ...]
    itemsets: bytes | None
