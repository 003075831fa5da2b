"""The method pages say what the code does: their examples run, and the list of pages is complete."""

import doctest
import re
from pathlib import Path

import pytest

import sampling

FOLDER = Path(sampling.__file__).parent / "methods"
PAGES = [
    "rates",
    "exact_limits",
    "totals_means_ratios",
    "variances",
    "calibration",
    "nonresponse",
    "two_phase",
    "money_at_risk",
    "sample_size",
    "risk_score",
]


@pytest.mark.parametrize("page", PAGES)
def test_the_examples_of_a_page_give_what_it_says(page):
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    examples = doctest.DocTestParser().get_doctest(text, {}, page, f"{page}.md", 0)
    assert examples.examples
    report = []
    result = doctest.DocTestRunner(verbose=False).run(examples, out=report.append)
    assert result.failed == 0, "".join(report)


@pytest.mark.parametrize("page", PAGES)
def test_a_page_says_what_when_formula_source_and_cost(page):
    text = (FOLDER / f"{page}.md").read_text(encoding="utf-8")
    assert text.startswith("# ")
    for word in ("What", "When", "Formula", "Source", "Cost"):
        assert f"**{word}" in text or (page == "variances" and word in {"When", "Formula", "Source"}), word
    for target in re.findall(r"\]\((\w+\.md)\)", text):
        assert (FOLDER / target).is_file(), target
