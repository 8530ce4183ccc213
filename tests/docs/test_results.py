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
# A line of the page's second table -> the list of the report, and the model in it.
MODELS = {
    "nothing: the base": ("polarity", "base"),
    "nothing: the base with the rule": ("shipped", "composed base"),
    "3,000 views: original instructions alone": ("polarity", "ins-orig"),
    "3,000: originals and paraphrases of them": ("polarity", "paraphrase-control"),
    "**3,000: both polarities**": ("polarity", "ins-dv"),
    "**all there is, recipe `minilm`**": ("shipped", "minilm"),
    "all there is, recipe `minilm-both`, one seed": ("shipped", "minilm-both"),
}
COLUMNS = (
    "right first, seeds",
    "right first, seeds, written views",
    "right first, practical",
    "both within the pair, attributed",
    "both within the pair, MedQuAD",
    "both within the pair, films",
    "SciFact nDCG",
)


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
    report = (ROOT / "benchmarks/paper_small/report.md").read_text(encoding="utf-8")
    measured = {}
    for part in report.split("\n## ")[1:]:
        table = [cells(line) for line in part.split("Differences")[0].splitlines() if line.startswith("|")]
        for row in table[2:]:
            measured[part.split(" ")[0], row[0]] = dict(zip(table[0], row, strict=True))
    rows = {row[0]: row[1:] for row in map(cells, RESULTS.text.splitlines()) if row[0] in MODELS}
    assert rows.keys() == MODELS.keys()
    for label, values in rows.items():
        shown = [value.strip("*") for value in values]
        assert shown == [measured[MODELS[label]][column].split(" ")[0] for column in COLUMNS]


@pytest.mark.parametrize(
    ("month", "first", "count"),
    [("2026-11", r".*`alpha=", 7), ("2026-12", r"0(\.\d+)?$|as they are, without", 6)],
)
def test_the_tables_on_alpha_and_emphasis_are_those_of_the_log(month: str, first: str, count: int) -> None:
    log = (ROOT / f"benchmarks/log/{month}.md").read_text(encoding="utf-8")
    shown, measured = (
        [row for row in map(cells, text.splitlines()) if len(row) == 7 and re.match(first, row[0])]
        for text in (Page("docs/excluding.md").text, log)
    )
    assert len(shown) == count
    assert shown == measured


def test_the_table_on_a_larger_encoder_is_that_of_the_log() -> None:
    log = (ROOT / "benchmarks/log/2026-12.md").read_text(encoding="utf-8")
    table, measured = (
        text[text.index("| test split | MiniLM |") :].split("\n\n")[0]
        for text in (Page("docs/training.md").text, log)
    )
    assert table == measured


@pytest.mark.parametrize("name", ["README.md", "docs/index.md", "docs/faq.md"])
def test_figures_elsewhere_are_those_of_the_results(name: str) -> None:
    """Figures with a decimal place, in sentences."""
    prose = re.sub(r"```.*?```", "", Page(name).text, flags=re.DOTALL)
    figures = set(re.findall(r"(?<![\d.])\d+\.\d(?![\d.])", prose))
    assert figures - set(re.findall(r"\d+\.\d", RESULTS.text)) <= {"4.1", "1.4"}
