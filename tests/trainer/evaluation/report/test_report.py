"""Reports of an evaluation, also with hostile text in them."""

from __future__ import annotations

import json
import re
from dataclasses import replace
from html.parser import HTMLParser
from pathlib import Path

import pytest

from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)
from dualview.trainer.evaluation.comparison.compare_models import ComparedModels, ComparedSets
from dualview.trainer.evaluation.comparison.compared_figures import (
    ComparedFigure,
    QueryValues,
    compare_figures,
)
from dualview.trainer.evaluation.comparison.suites import load_suite
from dualview.trainer.evaluation.report.examples import group_examples
from dualview.trainer.evaluation.report.figure_tables import (
    HEADERS,
    OTHERS,
    figure_rows,
    table_headers,
    terminal_table,
)
from dualview.trainer.evaluation.report.flip_plot import plot_flips
from dualview.trainer.evaluation.report.headlines import headline_figures
from dualview.trainer.evaluation.report.movements import SHOWN, movements_by_lever
from dualview.trainer.evaluation.report.results import Baseline, Evaluation
from dualview.trainer.evaluation.report.view_groups import KIND_TITLE, STYLE_TITLE, compare_styles, group_rows
from dualview.trainer.evaluation.report.view_groups import SHOWN as MOST_STYLES
from dualview.trainer.evaluation.report.write_report import write_report

HOSTILE = (
    "<script>alert(1)</script><img src=https://example.org/x.png onerror=alert(2)> | $x_1$ {{ 7 * 7 }} `b`"
)
#: Orders of the passages a, b, c for the two views, and whether the set is then right.
RIGHT, DEAF, WRONG = ("abc", "bac"), ("abc", "abc"), ("bac", "abc")


def benchmark(levers: tuple[str, ...], text: str = "plain", styles: tuple[str, ...] = ()) -> CandidateSets:
    """A candidate set for each lever, of two views that want a and b."""
    sets, queries, documents = [], {}, {}
    for number, lever in enumerate(levers):
        name = f"s{number}"
        documents |= {f"{name}{letter}": f"{text} passage {name}{letter}" for letter in "abc"}
        queries[name] = EvaluationQuery("", text, dict.fromkeys((f"{name}a", f"{name}b")), {f"{name}c": None})
        views = [
            EvaluationView(
                f"{text} first", f"{name}a", style=styles[number] if styles else f"{text} {number % 2}"
            ),
            EvaluationView(f"{text} second", f"{name}b", lever=lever),
        ]
        sets.append(EvaluationSet(name, name, f"{text} query {number}", text, views))
    return CandidateSets(sets, queries, documents, name=text, split="test")


def run_of(sets: CandidateSets, orders: list[tuple[str, str]]) -> dict[str, dict[str, float]]:
    return {
        f"{one.set_id}@{view}": {f"{one.set_id}{letter}": 3.0 - place for place, letter in enumerate(order)}
        for one, both in zip(sets.sets, orders, strict=True)
        for view, order in enumerate(both)
    }


def compared(
    levers: tuple[str, ...],
    model: list[tuple[str, str]],
    baseline: list[tuple[str, str]],
    text: str = "plain",
) -> ComparedModels:
    sets = benchmark(levers, text)
    runs = run_of(sets, model), run_of(sets, baseline)
    figures = compare_figures(sets, sets.figures(runs[0]), sets.figures(runs[1]))
    return ComparedModels(tuple(figures), (ComparedSets(sets, *(sets.outcomes(run) for run in runs)),))


def results_of(models: ComparedModels, name: str = "ours", baseline: str | None = "base") -> Evaluation:
    template = "{query} {instruction}"
    baselines = () if baseline is None else (Baseline(baseline, template),)
    return Evaluation(name, template, baselines, "dualview evaluate", 1.0, models)


def test_examples_come_errors_first() -> None:
    models = compared(
        ("l",) * 5,
        model=[RIGHT, RIGHT, DEAF, DEAF, WRONG],
        baseline=[RIGHT, DEAF, RIGHT, DEAF, DEAF],
    )
    groups = group_examples(models.sets, shown=1)
    assert [group.title.split(":")[0] for group in groups] == ["Lost", "Still wrong", "Won"]
    assert [group.total for group in groups] == [1, 2, 1]
    assert [[example.set_id for example in group.examples] for group in groups] == [["s2"], ["s3"], ["s1"]]
    first, second = groups[0].examples[0].views
    assert (first.right, first.baseline_right, second.right, second.baseline_right) == (
        True,
        True,
        False,
        True,
    )
    assert (second.rank, second.baseline_rank) == (2, 1)


def test_the_worst_margin_is_shown_first() -> None:
    sets = benchmark(("l", "l"))
    run = run_of(sets, [DEAF, DEAF])
    run["s1@1"]["s1a"] = 30.0
    outcomes = sets.outcomes(run)
    groups = group_examples([ComparedSets(sets, outcomes, outcomes)], shown=2)
    assert [example.set_id for example in groups[1].examples] == ["s1", "s0"]


def test_movements_by_lever() -> None:
    models = compared(("time", "region", "time"), [RIGHT] * 3, [DEAF] * 3)
    time, region = movements_by_lever(models.sets)
    assert (time.name, time.pairs, region.name, region.pairs) == ("time", 2, "region", 1)
    # Under the model a falls from 1 to 2 and b rises from 2 to 1.
    assert (time.model.lost, time.model.gained, time.model.p_mrr) == ((1, 2), (2, 1), 0.5)
    assert (time.baseline.lost, time.baseline.gained, time.baseline.p_mrr) == ((1, 1), (2, 2), 0)


def test_many_levers_are_put_together() -> None:
    levers = tuple(f"lever {number:02}" for number in range(SHOWN + 3))
    rows = movements_by_lever(compared(levers, [RIGHT] * len(levers), [DEAF] * len(levers)).sets)
    assert len(rows) == SHOWN
    assert (rows[-1].name, rows[-1].pairs) == (OTHERS, 4)


def test_single_views_by_how_their_instruction_is_put(tmp_path: Path) -> None:
    # Wrong only in the first view of the second set, whose style is the other one.
    models = compared(("l",) * 3, model=[RIGHT, WRONG, RIGHT], baseline=[DEAF, DEAF, WRONG])
    results = results_of(models)
    within = "right within the set"
    assert [row[:7] for row in group_rows(results.styles)] == [
        ["plain, test, plain", "plain 0", within, "2", "50.0", "50.0", "100.0 (100.0 to 100.0)"],
        ["plain, test, plain", "plain 1", within, "1", "50.0", "100.0", "0.0 (0.0 to 0.0)"],
    ]
    write_report(tmp_path, results, examples=0)
    stored = json.loads((tmp_path / "results.json").read_text())["styles"]
    assert [(one["detail"], one["comparison"]["model"]["value"]) for one in stored] == [
        ("plain 0", 1.0),
        ("plain 1", 0.0),
    ]
    for file in ("report.md", "report.html"):
        assert STYLE_TITLE in (tmp_path / file).read_text()


def test_rare_styles_are_put_together_and_unknown_ones_left_out() -> None:
    styles = ("", *(f"style {number:02}" for number in range(MOST_STYLES + 3)))
    sets = benchmark(("l",) * len(styles), styles=styles)
    outcomes = sets.outcomes(run_of(sets, [RIGHT] * len(styles)))
    rows = group_rows(compare_styles([ComparedSets(sets, outcomes, outcomes)]))
    assert [row[1::2][:2] for row in rows] == [
        *([style, "1"] for style in styles[1:MOST_STYLES]),
        [OTHERS, "4"],
    ]


class _Tags(HTMLParser):
    def __init__(self) -> None:
        super().__init__()
        self.tags: list[tuple[str, dict[str, str | None]]] = []
        self.text = ""

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.tags.append((tag, dict(attrs)))

    def handle_data(self, data: str) -> None:
        self.text += data


def test_hostile_text_is_shown_and_does_nothing(tmp_path: Path) -> None:
    models = compared((HOSTILE, HOSTILE), [RIGHT, DEAF], [DEAF, DEAF], text=HOSTILE)
    write_report(tmp_path, results_of(models, name=HOSTILE), examples=5)
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    page = _Tags()
    page.feed(html)
    assert "<script>alert(1)</script>" in page.text  # as text
    assert {tag for tag, _ in page.tags} <= {
        *("html", "head", "meta", "title", "style", "body", "h1", "h2", "h3", "p", "span", "div", "strong"),
        *("ol", "li", "ul", "table", "tr", "th", "td", "pre", "code", "br"),
    }
    for tag, attributes in page.tags:
        assert not {"src", "href", "onerror", "onclick"} & set(attributes), tag
    # No request leaves the page, from its styles neither.
    style = html[html.index("<style>") : html.index("</style>")]
    assert "url(" not in style and "@import" not in style
    assert "default-src 'none'" in html
    markdown = (tmp_path / "report.md").read_text(encoding="utf-8")
    assert "<script" not in markdown and "<img" not in markdown and "![Flip" not in markdown
    assert markdown.count("](") == 1  # the picture
    assert (tmp_path / "flips.png").read_bytes().startswith(b"\x89PNG")


def test_results_hold_everything(tmp_path: Path) -> None:
    models = compared(("l",) * 3, [RIGHT, RIGHT, DEAF], [DEAF] * 3)
    write_report(tmp_path, results_of(models), examples=0)
    stored = json.loads((tmp_path / "results.json").read_text(encoding="utf-8"))
    flip = next(figure for figure in stored["figures"] if figure["metric"] == "flip_accuracy")
    values = {"query_ids": ["s0", "s1", "s2"], "model": [1, 1, 0], "baseline": [0, 0, 0]}
    assert flip["values"] == {**values, "further": []}
    assert flip["comparison"]["difference"]["value"] == pytest.approx(2 / 3)
    assert flip["name"] == "all right within the set" and flip["differs"] is False
    assert stored["versions"]["python"] and stored["bootstrap"]["resamples"] == 10_000
    html = (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "None shown." in html and "under every instruction in 66.7% of the sets; base in 0.0%" in html
    assert "no difference that these queries can show" in html


def test_without_candidate_sets_there_is_no_picture(tmp_path: Path) -> None:
    values = QueryValues(("q1", "q2"), (0.5, 1.0), (0.5, 0.5))
    figure = ComparedFigure("plain", "", "", "ndcg_at_10", values.resampled(0).comparison(), values)
    write_report(tmp_path, results_of(ComparedModels((figure,))), examples=3)
    assert not (tmp_path / "flips.png").exists()
    assert "Examples" not in (tmp_path / "report.html").read_text(encoding="utf-8")
    assert "flips.png" not in (tmp_path / "report.md").read_text(encoding="utf-8")


def test_tables_say_where_there_is_no_difference() -> None:
    values = QueryValues(("q1", "q2", "q3"), (0.9, 0.8, 0.7), (0.1, 0.2, 0.1))
    real = ComparedFigure("d", "test", "s", "ndcg_at_10", values.resampled(0).comparison(), values, 0.25)
    none = replace(
        real, metric="margin", comparison=QueryValues(("q",), (0.1,), (0.1,)).resampled(0).comparison()
    )
    rows = figure_rows([real, none])
    assert rows[0][:5] == ["d, test, s", "nDCG@10", "3", "25.0", "13.3"]
    assert rows[0][5].startswith("80.0 (") and rows[0][6].startswith("+66.7 (+60.0 to ")
    assert rows[1][6] == "no difference (+0.000 to +0.000)"
    lines = terminal_table(rows, table_headers(HEADERS, ["base"])).splitlines()
    assert len(lines) == 4 and lines[1].startswith("-----------  ")
    assert re.match(r"d, test, s   nDCG@10 +3 +25\.0 ", lines[2])


def test_the_picture_is_the_same_each_time() -> None:
    models = compared(("l",) * 4, [RIGHT] * 4, [DEAF, RIGHT, DEAF, DEAF], text="a $ b")
    figures = headline_figures(models.figures)
    assert plot_flips(figures, ("ours", "base")) == plot_flips(figures, ("ours", "base"))


def test_the_papers_suite_puts_ours_above_its_rows() -> None:
    suite = load_suite("paper")
    assert len(suite.columns) == 6 and all(len(row) == 7 for row in suite.published)
    values = QueryValues(("q",), (0.5,), (0.25,))
    figures = [
        ComparedFigure(dataset, "", "", metric, values.resampled(0).comparison(), values)
        for dataset, metric in (("FollowIR", "p_mrr"), ("mair-ifeval", "ndcg_at_10"))
    ]
    table = suite.table(figures, "ours", "base")
    assert table.headers[1:3] == ("FollowIR p-MRR", "FollowIR Score")
    assert table.rows[0] == ("ours", "50.00", "", "", "", "50.00", "")
    assert table.rows[1] == ("base", "25.00", "", "", "", "25.00", "")
    assert table.rows[5] == (
        "gte 305M all-dv (published)",
        "8.30",
        "21.38",
        "31.91",
        "12.13",
        "34.08",
        "90.74",
    )


def test_by_kind_of_instruction_with_right_first_before_the_share_within_the_set(tmp_path: Path) -> None:
    sets = benchmark(("l",) * 3)
    for one in sets.sets:
        first, second = one.views
        one.views[:] = [
            replace(first, kind="exclusion", rejects=(second.positive,)),
            replace(second, kind="both", rejects=(first.positive,)),
        ]
    run = run_of(sets, [RIGHT, DEAF, RIGHT])
    # Of all passages, that of the next set is before the third set's, whatever the instruction.
    run |= {
        f"{key}/source": {"s0b": 9.0, **scores} if key[:2] == "s2" else scores for key, scores in run.items()
    }
    figures = compare_figures(sets, sets.figures(run))
    results = results_of(
        ComparedModels(tuple(figures), (ComparedSets(sets, sets.outcomes(run)),)), baseline=None
    )
    shown = [(row[1], row[2], row[5].split(" ")[0]) for row in group_rows(results.kinds)]
    assert shown == [
        ("both", "right first", "33.3"),
        ("both", "violating first (lower is better)", "33.3"),
        ("both", "right within the set", "66.7"),
        ("exclusion", "right first", "66.7"),
        ("exclusion", "violating first (lower is better)", "0.0"),
        ("exclusion", "right within the set", "100.0"),
    ]
    assert [(one.metric, one.passages) for one in headline_figures(results.figures)] == [("right_first", 9)]
    write_report(tmp_path, results, examples=1)
    markdown, page = ((tmp_path / name).read_text() for name in ("report.md", "report.html"))
    for text in (markdown, page):
        assert KIND_TITLE in text and "right first, exclusions" in text
    assert "first among all 9 passages under 50.0% of the instructions" in page
    assert "2 of all, after one that is ruled out" in page
    rows = [line.split(" | ")[1] for line in markdown.splitlines() if line.startswith("| plain, test")]
    assert rows[:3] == ["right first", "right first, exclusions", "right first, the rest"]
    assert rows.index("right within the set") < rows.index("all right within the set")
    assert json.loads((tmp_path / "results.json").read_text())["kinds"][0]["metric"] == "right_first"


def test_more_violations_are_no_improvement(tmp_path: Path) -> None:
    values = QueryValues(tuple(f"q{number}" for number in range(9)), (1.0,) * 9, (0.0,) * 9)
    figures = [
        ComparedFigure("d", "", "", metric, values.resampled(0).comparison(), values)
        for metric in ("violating_first", "right_first")
    ]
    write_report(tmp_path, results_of(ComparedModels(tuple(figures))), examples=0)
    page = (tmp_path / "report.html").read_text()
    assert re.findall(r'class="row wide (\w+)">\n  <span>(\w+ first)', page) == [
        ("worse", "violating first"),
        ("better", "right first"),
    ]
