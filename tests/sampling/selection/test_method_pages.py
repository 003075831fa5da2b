"""Every method has a page that says what, when, by which formula, from where and at what cost; its examples run."""

import doctest
from pathlib import Path

import pytest

import sampling

METHODS = Path(sampling.__file__).parent / "methods"
PAGES = [
    "balance_measures",
    "conditional_poisson",
    "continuation",
    "coordination",
    "cube",
    "hilbert",
    "inclusion_probabilities",
    "local_cube",
    "local_pivotal",
    "madow",
    "ordered_pivotal",
    "pareto",
    "sampford",
    "sequential_poisson",
    "simple_random",
    "systematic",
]


@pytest.mark.parametrize("page", PAGES)
def test_a_method_page_answers_five_questions_and_its_examples_run(page):
    path = METHODS / f"{page}.md"
    text = path.read_text(encoding="utf-8")
    for question in ("What", "When", "Formula", "Source", "Cost"):
        assert f"**{question}.**" in text
    result = doctest.testfile(str(path), module_relative=False, encoding="utf-8")
    assert result.attempted >= 2
    assert result.failed == 0


def test_every_link_between_pages_leads_somewhere():
    for page in PAGES:
        text = (METHODS / f"{page}.md").read_text(encoding="utf-8")
        for target in [part.split(")")[0] for part in text.split("](")[1:]]:
            assert (METHODS / target).is_file(), f"{page}.md links to {target}"
