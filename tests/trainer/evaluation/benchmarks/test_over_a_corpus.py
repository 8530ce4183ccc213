"""Figures over the corpus of a source: by hand, and against a brute-force NumPy implementation."""

from __future__ import annotations

from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.metrics import CorpusPlace, InvalidScoreError, place_in_corpus


def passage(docid: str) -> dict[str, str]:
    return {"docid": docid, "title": "", "text": docid}


def row(set_id: str, wanted: str, other: str, rest: str = "", **columns: Any) -> dict[str, Any]:
    """A row whose set's name is query and set; passages are single letters."""
    return {
        "query_id": set_id[0],
        "set_id": set_id,
        "query": set_id[0],
        "instruction": f"{set_id} {wanted}",
        "reversed_instruction": f"{set_id} {other}",
        "positive": passage(wanted),
        "reversed_positive": passage(other),
        "other_instruction_negatives": [passage(letter) for letter in rest],
        "hard_negatives": [],
        "lever": "l",
        "style": "s",
        "source": "one",
        **columns,
    }


def rank(benchmark: CandidateSets, orders: dict[str, str]) -> dict[str, dict[str, float]]:
    """A run in which an instruction's rankings follow its order of letters; others that of the alphabet."""
    run = {}
    for request in benchmark.requests():
        order = orders.get(request.instruction, "abcdefghij")
        ranked = request.candidates or request.corpus or tuple(benchmark.documents)
        kept = sorted(ranked, key=order.index)[: request.depth]
        run[request.key] = {docid: -float(place) for place, docid in enumerate(kept)}
    return run


def test_by_hand() -> None:
    """Passages a to d answer the query q; the pair is about a and b; c breaks both; d may be relevant."""
    rows = [
        row("q1", "a", "b", "c", kind="exclusion", reversed_kind="both"),
        row("q2", "d", "a"),  # another set of the query, by which d is one of its answers
        row("r1", "e", "f", source="two"),
    ]
    benchmark = benchmark_from_rows(rows)
    assert benchmark.corpora == {"one": tuple("abcd"), "two": tuple("ef")}
    run = rank(
        benchmark,
        {
            "q1 a": "edabcfghij",  # d is left out, e is of another source: a is first
            "q1 b": "ecdabfghij",  # c, which is ruled out, is first, and b third
            "q2 d": "bcdaefghij",  # b and c are not judged by this set: d is first
            "q2 a": "dbcaefghij",  # d is first and ruled out; a is second
            "r1 e": "abcdfeghij",  # f is first and ruled out
            "r1 f": "feabcdghij",
        },
    )
    figures = benchmark.figures(run)
    one, two = figures["one"], figures["two"]
    assert one.values["right_first"] == [1, 0, 1, 0] and one.query_ids["right_first"] == ["q"] * 4
    assert one.values["violating_first"] == [0, 1, 0, 1]
    assert one.values["mrr"] == [1, pytest.approx(1 / 3), 1, 0.5]
    assert (one.values["right_first_exclusions"], one.values["right_first_rest"]) == ([1], [0])
    # Over all documents and without c and d, as instructed nDCG looks for them.
    assert one.values["instructed_ndcg_at_10"][0] == pytest.approx(1 / np.log2(3))
    assert (two.values["right_first"], two.values["violating_first"]) == ([0, 1], [1, 0])
    assert "right_first_rest" not in two.values
    chances = benchmark.chances()
    assert (chances["one", "right_first"], chances["two", "right_first"]) == (1 / 4, 1 / 2)
    assert benchmark.counts()["one"] == "2 sets of 2 instructions"
    assert (benchmark.passages("one"), benchmark.passages("two")) == (4, 2)


def test_rows_of_one_instruction_join_what_it_rules_out() -> None:
    rows = [row("q1", "a", "b", "d"), {**row("q1", "a", "c"), "reversed_instruction": "q1 c"}]
    (one,) = benchmark_from_rows(rows).sets
    assert [(view.positive, view.rejects) for view in one.views] == [
        ("a", ("b", "d", "c")),
        ("b", ("a", "d")),
        ("c", ("a",)),
    ]


def test_further_views_of_a_source_have_its_corpus() -> None:
    rows = [row("q1", "a", "b"), row("q9", "a", "c", source="one-views"), row("r1", "d", "e", source="two")]
    corpora = benchmark_from_rows(rows).corpora
    assert corpora == {"one": tuple("abc"), "one-views": tuple("abc"), "two": tuple("de")}
    assert corpora["one"] is corpora["one-views"]


def test_a_run_without_these_rankings_has_no_such_figures() -> None:
    benchmark = benchmark_from_rows([row("q1", "a", "b")])
    run = rank(benchmark, {})
    del run["q1@1/source"]
    figures = benchmark.figures(run)["one"].values
    assert "right_first" not in figures and figures["view_accuracy"] == [1, 0]


def test_beyond_the_first_hundred_nothing_counts() -> None:
    scores = {f"{number:03}": -float(number) for number in range(150)}
    assert place_in_corpus(scores, "099") == CorpusPlace(100, False)
    assert place_in_corpus(scores, "100") == CorpusPlace(None, False)
    assert place_in_corpus(scores, "100").reciprocal_rank == 0
    assert place_in_corpus(scores, "100", ["001"], ["000"]) == CorpusPlace(100, True)
    assert place_in_corpus({}, "100", ["001"]) == CorpusPlace(None, False)
    with pytest.raises(InvalidScoreError):
        place_in_corpus({"a": float("nan")}, "a")


@st.composite
def wild_rows(draw: st.DrawFn) -> list[dict[str, Any]]:
    """Rows of three queries and two sources; the passages of a query are its own."""
    letters = {"q": "abcd", "r": "efg", "s": "hij"}
    sources = {"q": "one", "r": "one", "s": "two"}
    kinds = st.sampled_from(["exclusion", "inclusion", "both", "other", "", None])
    rows = []
    for number in range(draw(st.integers(1, 8))):
        query = draw(st.sampled_from("qrs"))
        wanted, other, *rest = draw(st.permutations(letters[query]))
        rest = rest[: draw(st.integers(0, len(rest)))]
        columns = {"kind": draw(kinds), "reversed_kind": draw(kinds), "source": sources[query]}
        rows.append(row(f"{query}{number}", wanted, other, "".join(rest), **columns))
    return rows


@given(wild_rows(), st.data())
def test_as_brute_force_does(rows: list[dict[str, Any]], data: st.DataObject) -> None:
    benchmark = benchmark_from_rows(rows)
    ties = st.lists(st.integers(0, 4), min_size=10, max_size=10)
    scores = {}  # instruction -> letter -> score
    run: dict[str, dict[str, float]] = {}
    for request in benchmark.requests():
        if request.instruction not in scores:
            scores[request.instruction] = dict(zip("abcdefghij", data.draw(ties), strict=True))
        of_instruction = scores[request.instruction]
        ranked = request.candidates or request.corpus or tuple(benchmark.documents)
        run[request.key] = {docid: float(of_instruction[docid]) for docid in ranked}
    expected: dict[tuple[str, str], list[float]] = {}
    for one in rows:
        same = [other for other in rows if other["source"] == one["source"]]
        corpus = {letter for other in same for letter in _letters(other)}
        answers = {letter for other in same if other["query"] == one["query"] for letter in _letters(other)}
        sides = ("instruction", "positive", "reversed_positive", "kind")
        turned = ("reversed_instruction", "reversed_positive", "positive", "reversed_kind")
        for instruction, wanted, loser, kind in (sides, turned):
            right = one[wanted]["docid"]
            ruled_out = {p["docid"] for p in (one[loser], *one["other_instruction_negatives"])}
            names = sorted(corpus - (answers - {right} - ruled_out), reverse=True)
            values = np.array([scores[one[instruction]][name] for name in names])
            order = [names[place] for place in np.argsort(-values, kind="stable")]
            found = {
                "right_first": float(order[0] == right),
                "violating_first": float(order[0] in ruled_out),
                "mrr": 1 / (order.index(right) + 1),
            }
            if one[kind]:
                part = "exclusions" if one[kind] == "exclusion" else "rest"
                found[f"right_first_{part}"] = found["right_first"]
            for name, value in found.items():
                expected.setdefault((one["source"], name), []).append(value)
    figures = benchmark.figures(run)
    names = ("right_first", "violating_first", "mrr", "right_first_exclusions", "right_first_rest")
    actual = {
        (source, name): of_source.values[name]
        for source, of_source in figures.items()
        for name in names
        if of_source.values[name]
    }
    assert {key: sorted(values) for key, values in actual.items()} == {
        key: pytest.approx(sorted(values)) for key, values in expected.items()
    }


def _letters(one: dict[str, Any]) -> set[str]:
    passages = (one["positive"], one["reversed_positive"], *one["other_instruction_negatives"])
    return {one["docid"] for one in passages}


def test_rows_without_a_source_are_refused_in_a_sentence() -> None:
    lacking = row("q1", "a", "b")
    del lacking["source"]
    with pytest.raises(InputError, match="lack 'source'"):
        benchmark_from_rows([lacking])
