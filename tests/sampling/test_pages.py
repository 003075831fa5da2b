"""What the library's pages show is what it does."""

import doctest
from pathlib import Path

import pytest

import sampling

FOLDER = Path(sampling.__file__).parent
PAGES = sorted(FOLDER.rglob("*.md"))


@pytest.mark.parametrize("page", PAGES, ids=lambda page: str(page.relative_to(FOLDER)))
def test_every_example_on_a_page_runs_as_shown(page):
    result = doctest.testfile(
        str(page), module_relative=False, encoding="utf-8", optionflags=doctest.NORMALIZE_WHITESPACE
    )
    assert result.attempted > 0, "a page without a runnable example"
    assert result.failed == 0


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        for target in page.read_text(encoding="utf-8").split("](")[1:]:
            name = target.split(")")[0].split("#")[0]
            assert name.startswith("http") or (page.parent / name).exists(), f"{page.name} links to {name}"


def test_every_public_name_is_listed_and_there():
    assert sorted(sampling.__all__) == sorted(set(sampling.__all__))
    assert all(hasattr(sampling, name) for name in sampling.__all__)
