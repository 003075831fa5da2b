"""Which forms the house brings along, for whom, and what kind of evidence each yields."""

from collections.abc import Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from types import MappingProxyType
from typing import Final

from survey_forms.compile import CompiledForm, compile_form
from survey_forms.schema import FormSchema
from survey_forms.source import Source, read_source
from survey_forms.xform import read_schema


@dataclass(frozen=True)
class CatalogueEntry:
    """One form of the house.

    Attributes
    ----------
    form_id : str
        As in its source; the source is ``sources/<form_id>.toml``.
    title : mapping of str to str
        By language code. A language not yet translated is missing: show ``zh`` then.
    for_roles : tuple of str
        Roles whose phones get it.
    yields : tuple of str
        Kinds of evidence record, as the form declares them; the first is the form's own.
    """

    form_id: str
    title: Mapping[str, str]
    for_roles: tuple[str, ...]
    yields: tuple[str, ...]


def _form(form_id: str, zh: str, en: str, *, for_roles: tuple[str, ...], yields: tuple[str, ...]) -> CatalogueEntry:
    # "bo" waits for someone who writes Tibetan: a wrong title is worse than the Chinese one
    return CatalogueEntry(form_id, MappingProxyType({"zh": zh, "en": en}), for_roles, yields)


_TOWNSHIP: Final = ("surveyor",)
# a checker's phone never gets the township's visit: his own form has a list of its own, and its questions are the same
CATALOGUE: Final[tuple[CatalogueEntry, ...]] = (
    _form("home_visit", "入户调查", "Home visit", for_roles=_TOWNSHIP, yields=("visit", "member", "asset")),
    _form("neighbour_interview", "邻里访问", "Neighbour interview", for_roles=_TOWNSHIP, yields=("interview",)),
    _form("asset_evidence", "资产取证", "Asset evidence", for_roles=_TOWNSHIP, yields=("inspection", "asset")),
    _form(
        "unit_certificate", "单位取证", "Certificate from an organisation", for_roles=_TOWNSHIP, yields=("certificate",)
    ),
    _form("letter_evidence", "信函索证", "Evidence by letter", for_roles=_TOWNSHIP, yields=("letter",)),
    _form(
        "democratic_appraisal", "民主评议", "Democratic appraisal", for_roles=_TOWNSHIP, yields=("appraisal", "vote")
    ),
    _form("public_posting", "张榜公示", "Public posting", for_roles=_TOWNSHIP, yields=("posting", "objection")),
    _form(
        "spot_check_visit",
        "入户抽查",
        "Spot-check visit",
        for_roles=("spot_checker",),
        yields=("visit", "member", "asset"),
    ),
    _form(
        "missed_household",
        "漏保排查",
        "Missed household",
        for_roles=("surveyor", "spot_checker"),
        yields=("missed", "member", "asset"),
    ),
)


def entry(form_id: str) -> CatalogueEntry:
    """One entry.

    Parameters
    ----------
    form_id
        As in the form.

    Returns
    -------
    CatalogueEntry
        What the house knows of it without compiling.

    Raises
    ------
    KeyError
        The house has no such form; the message lists those it has.

    Examples
    --------
    >>> entry("home_visit").title["zh"]
    '入户调查'
    """
    for candidate in CATALOGUE:
        if candidate.form_id == form_id:
            return candidate
    raise KeyError(f"no form {form_id!r}; there are {', '.join(e.form_id for e in CATALOGUE)}")


@cache
def compiled(form_id: str) -> CompiledForm:
    """Compile a form of the house, once per process.

    Parameters
    ----------
    form_id
        As in the catalogue.

    Raises
    ------
    KeyError
        The house has no such form.

    Examples
    --------
    >>> compiled("home_visit").title
    '入户调查'
    """
    return compile_form(_text(form_id))


def source_of(form_id: str) -> Source:
    """Read a form of the house as the sheets it stands for.

    Parameters
    ----------
    form_id
        As in the catalogue.

    Raises
    ------
    KeyError
        The house has no such form.

    Examples
    --------
    >>> source_of("home_visit").workbook["survey"][0]["type"]
    'start'
    """
    return read_source(_text(form_id), f"{form_id}.toml")


@cache
def schema_of(form_id: str) -> FormSchema:
    """Read what a form of the house asks, once per process.

    Parameters
    ----------
    form_id
        As in the catalogue.

    Raises
    ------
    KeyError
        The house has no such form.

    Examples
    --------
    >>> schema_of("home_visit").by_path["/data/place"].type
    'geopoint'
    """
    return read_schema(compiled(form_id).xml)


def _text(form_id: str) -> str:
    return (files("survey_forms") / "sources" / f"{entry(form_id).form_id}.toml").read_text(encoding="utf-8")
