"""Figures of the pages are those of the committed reports."""

from __future__ import annotations

import re

import pytest

from tests.docs.pages import ROOT, Page

RESULTS = Page("docs/results.md")
SETS = {
    "candidate sets": "seeds",
    "candidate sets, further instructions": "seeds-views",
    "attributed pairs": "attributed",
    "attributed topics, further instructions": "attributed-views",
    "practical sets": "practical",
}
# A line of the page's second table -> the model in the report.
MODELS = {
    "nothing: the base": "base",
    "3,000 views: original instructions alone": "ins-orig",
    "3,000: originals and paraphrases of them": "paraphrase-control",
    "3,000: originals and bare queries": "all-orig",
    "**3,000: both polarities**": "ins-dv",
    "all sets, recipe `minilm`, original instructions alone": "minilm-orig",
    "the same in as many steps as the next line": "minilm-orig-steps",
    "**all sets, recipe `minilm`: both polarities**": "minilm",
}
COLUMNS = ("attributed", "MedQuAD", "films", "instructed nDCG, MedQuAD", "SciFact nDCG")


def cells(line: str) -> list[str]:
    return [cell.strip() for cell in line.strip().strip("|").split("|")]


def test_the_quickstarts_table_is_that_of_its_report() -> None:
    report = (ROOT / "benchmarks/quickstart/report.md").read_text(encoding="utf-8").replace("&#64;", "@")
    measured = {
        # Chance, base, base with the rule, trained; its difference to the base comes after.
        (row[0].rsplit(", ", 1)[1], row[1]): [*row[3:6], *row[7:9]]
        for row in map(cells, report.splitlines())
        if row[0].startswith("dataset, test, ") and len(row) == 11
    }
    rows = [
        row
        for row in map(cells, RESULTS.text.splitlines())
        if row[0].split(" (")[0] in SETS and len(row) == 7
    ]
    assert len(rows) == 24
    for measured_on, figure, *values in rows:
        assert values == measured[SETS[measured_on.split(" (")[0]], figure]


def test_the_small_comparisons_table_is_that_of_its_report() -> None:
    report = (ROOT / "benchmarks/paper_small/archive/5f6a09d/report.md").read_text(encoding="utf-8")
    arms = [cells(line) for line in report[report.index("## arms") :].splitlines() if line.startswith("| ")]
    header = arms[0]
    by_model = {row[0]: row for row in arms[2:12]}
    rows = {row[0]: row[1:] for row in map(cells, RESULTS.text.splitlines()) if row[0] in MODELS}
    assert rows.keys() == MODELS.keys()
    for label, values in rows.items():
        measured = [by_model[MODELS[label]][header.index(column)].split(" ")[0] for column in COLUMNS]
        assert [value.strip("*") for value in values] == measured


def test_the_table_on_alpha_is_that_of_the_log() -> None:
    log = (ROOT / "benchmarks/log/2026-11.md").read_text(encoding="utf-8")
    shown, measured = (
        [row for row in map(cells, text.splitlines()) if len(row) == 7 and "`alpha=" in row[0]]
        for text in (Page("docs/excluding.md").text, log)
    )
    assert len(shown) == 7
    assert shown == measured


@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "docs/faq.md"])
def test_figures_elsewhere_are_those_of_the_results(name: str) -> None:
    """Figures with a decimal place, in sentences."""
    prose = re.sub(r"```.*?```", "", Page(name).text, flags=re.DOTALL)
    figures = set(re.findall(r"(?<![\d.])\d+\.\d(?![\d.])", prose))
    assert figures - set(re.findall(r"\d+\.\d", RESULTS.text)) <= {"4.1", "1.4"}
