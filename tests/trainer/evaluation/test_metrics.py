"""The figures, on cases that were worked out by hand and on wild input."""

from __future__ import annotations

import math

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from trainer.evaluation.metrics import (
    ArrayScores,
    Exclusion,
    InvalidScoreError,
    MetricError,
    MissingQueryError,
    PairedSet,
    ThreeRuns,
    changed_documents,
    exclusion_by_query,
    followir_score,
    infosearch_p_mrr_by_query,
    mrr_by_query,
    ndcg,
    ndcg_by_query,
    p_mrr,
    p_mrr_by_query,
    p_mrr_gained_by_query,
    paired_accuracy_by_set,
    rank_change,
    ranking,
    ranks_of,
    robustness_by_query,
    sicr_by_query,
    trec_by_query,
    view_is_right,
    wise_by_query,
)


def ranked(*docids: str) -> dict[str, float]:
    """Scores that rank these documents in this order."""
    return {docid: float(len(docids) - place) for place, docid in enumerate(docids)}


DOCIDS = st.text(alphabet="abcdefgh0123", min_size=1, max_size=3)
# Few values, so that there are ties; exact ones, so that they stay ties when scores are transformed.
SCORES = st.dictionaries(DOCIDS, st.integers(-4, 4).map(float), min_size=1, max_size=12)


def test_ties_go_to_the_higher_document_id_whatever_the_input_order() -> None:
    assert ranking({"b": 1.0, "10": 1.0, "9": 1.0, "a": 2.0}) == ["a", "b", "9", "10"]
    assert ranks_of({"b": 1.0, "10": 1.0, "9": 1.0, "a": 2.0}, ["10", "a", "9", "none"]).tolist() == [
        4,
        1,
        3,
        5,
    ]


@given(SCORES, st.randoms())
def test_ranks_agree_with_the_ranking(scores: dict[str, float], random) -> None:
    order = ranking(scores)
    assert ranks_of(scores, order).tolist() == list(range(1, len(order) + 1))
    shuffled = list(scores.items())
    random.shuffle(shuffled)
    assert ranking(dict(shuffled)) == order
    assert (
        ranks_of({docid: 3 * score - 7 for docid, score in shuffled}, order).tolist()
        == ranks_of(scores, order).tolist()
    )


@given(SCORES, st.lists(DOCIDS, min_size=1, max_size=20))
def test_scores_that_came_in_an_array_are_ranked_as_any_others(
    scores: dict[str, float], docids: list[str]
) -> None:
    from_array = ArrayScores(list(scores), np.array(list(scores.values()), dtype=np.float32))
    assert from_array == scores and from_array.array is not None
    assert ranks_of(from_array, docids).tolist() == ranks_of(scores, docids).tolist()


def test_scores_that_came_in_an_array_cannot_fall_out_with_it() -> None:
    values = np.array([0.5, 0.25])
    scores = ArrayScores(["a", "b"], values)
    values[1] = 1.0
    assert ranks_of(scores, ["a", "b"]).tolist() == [1, 2]
    for change in (
        lambda: scores.__setitem__("b", 1.0),
        lambda: scores.update(b=1.0),
        lambda: scores.pop("b"),
        lambda: scores.setdefault("c", 1.0),
    ):
        with pytest.raises(TypeError, match="copy them"):
            change()
    # A document that comes twice has its last score, as in any dictionary.
    twice = ArrayScores(["a", "b", "a"], np.array([0.5, 0.25, 0.125]))
    assert ranks_of(twice, ["a", "b"]).tolist() == [2, 1]
    with pytest.raises(InvalidScoreError, match="'b' is not a number"):
        ranks_of(ArrayScores(["a", "b"], np.array([1.0, np.nan])), ["a"])


def test_a_score_that_is_no_number_is_an_error() -> None:
    with pytest.raises(InvalidScoreError, match="'b' is not a number"):
        ranks_of({"a": 1.0, "b": math.nan}, ["a"])
    for docids in (["b"], ["none"], ["a", "b", *"cdefghij"]):
        with pytest.raises(InvalidScoreError):
            ranks_of({"a": 1.0, "b": math.nan}, docids)
    with pytest.raises(InvalidScoreError):
        ranks_of({"b": math.nan}, ["b"])
    run, qrels = {"q": {"a": math.nan, "b": 1.0}}, {"q": {"a": 1}}
    for measure in (
        lambda: trec_by_query(run, qrels, ["ndcg_at_10"]),
        lambda: ndcg_by_query(run, qrels),
        lambda: mrr_by_query(run, qrels),
        lambda: p_mrr(run, run, {"q": ["b"]}),
        lambda: exclusion_by_query(run, {"q": Exclusion("b", "c")}),
    ):
        with pytest.raises(InvalidScoreError, match="'a'"):
            measure()


def test_rank_change_is_follow_irs() -> None:
    assert rank_change(4, 1) == -0.75
    assert rank_change(1, 4) == 0.75
    assert rank_change(3, 3) == 0


@given(st.integers(1, 10**6), st.integers(1, 10**6))
def test_rank_change_is_antisymmetric_and_bounded(before: int, after: int) -> None:
    change = float(rank_change(before, after))
    assert -1 < change < 1
    assert change == -float(rank_change(after, before))
    assert (change > 0) == (after > before)


def test_p_mrr_averages_over_documents_then_queries() -> None:
    original = {"q1": ranked("a", "b", "c", "d"), "q2": ranked("a", "b")}
    changed = {"q1": ranked("b", "c", "d", "a"), "q2": ranked("b", "a")}
    # q1: a 1 → 4 (0.75), b 2 → 1 (-0.5); q2: a 1 → 2 (0.5).
    assert p_mrr_by_query(original, changed, {"q1": ["a", "b"], "q2": ["a"]}) == {"q1": 0.125, "q2": 0.5}
    assert p_mrr(original, changed, {"q1": ["a", "b"], "q2": ["a"]}) == pytest.approx(0.3125)
    # A document that a ranking lacks is one below its end: 1 → 3.
    assert p_mrr(original, {"q2": {"b": 1.0, "c": 0.5}}, {"q2": ["a"]}) == pytest.approx(1 - 1 / 3)
    # A query without changed documents is left out; without any query there is no figure.
    assert p_mrr_by_query(original, changed, {"q1": [], "q2": ["a"]}) == {"q2": 0.5}
    with pytest.raises(MetricError, match="no query"):
        p_mrr(original, changed, {"q1": []})


def test_a_missing_query_is_an_error_everywhere() -> None:
    run, empty = {"q": ranked("a", "b")}, {}
    for measure in (
        lambda: p_mrr(empty, run, {"q": ["a"]}),
        lambda: p_mrr(run, empty, {"q": ["a"]}),
        lambda: p_mrr_by_query(run, empty, {"q": []}),
        lambda: p_mrr_gained_by_query(run, empty, {"q": ["a"]}),
        lambda: paired_accuracy_by_set(run, {"s": PairedSet(("q", "r"), ("a", "b"))}),
        lambda: ndcg_by_query(empty, {"q": {"a": 1}}),
        lambda: mrr_by_query(empty, {"q": {"a": 1}}),
        lambda: trec_by_query(empty, {"q": {"a": 1}}, ["map_at_1000"]),
        lambda: robustness_by_query({}, {"q": ["q/1"]}),
        lambda: infosearch_p_mrr_by_query(empty, run, {"q": ["a"]}),
        lambda: sicr_by_query(ThreeRuns(run, run, empty), {"q": ["a"]}),
        lambda: wise_by_query(ThreeRuns(run, empty, run), {"q": ["a"]}, {"q": []}),
        lambda: exclusion_by_query(empty, {"q": Exclusion("a", "b")}),
    ):
        with pytest.raises(MissingQueryError, match="q"):
            measure()


@given(SCORES, SCORES, st.sets(DOCIDS, min_size=1, max_size=4), st.randoms())
def test_p_mrr_and_its_mirror(
    before: dict[str, float], after: dict[str, float], docids: set[str], random
) -> None:
    figure = p_mrr({"q": before}, {"q": after}, {"q": docids})
    assert -1 < figure < 1
    # The mirror of the mirror, and the same documents looked at from the other side.
    assert figure == pytest.approx(-p_mrr({"q": after}, {"q": before}, {"q": docids}))
    assert p_mrr_gained_by_query({"q": before}, {"q": after}, {"q": docids})["q"] == pytest.approx(-figure)
    items = list(before.items())
    random.shuffle(items)
    moved = {docid: 5 * score + 1 for docid, score in items}
    assert p_mrr({"q": moved}, {"q": after}, {"q": docids}) == figure


def test_paired_accuracy_needs_every_view() -> None:
    sets = {"s": PairedSet(("q1", "q2", "q3"), ("a", "b", "c"))}
    right = {"q1": ranked("a", "b", "c"), "q2": ranked("b", "c", "a"), "q3": ranked("c", "b", "a")}
    assert paired_accuracy_by_set(right, sets) == {"s": 1.0}
    assert paired_accuracy_by_set({**right, "q3": ranked("b", "c", "a")}, sets) == {"s": 0.0}
    # A document outside the set may be above; one that belongs to the set may not.
    outside = {**right, "q1": ranked("x", "a", "b", "c")}
    assert paired_accuracy_by_set(outside, sets) == {"s": 1.0}
    wide = {"s": PairedSet(("q1", "q2", "q3"), ("a", "b", "c"), ("a", "b", "c", "x"))}
    assert paired_accuracy_by_set(outside, wide) == {"s": 0.0}


def test_a_view_whose_documents_are_not_ranked() -> None:
    assert view_is_right({"a": 1.0}, "a", ["b"])
    assert not view_is_right({"b": 1.0}, "a", ["b"])
    assert not view_is_right({"c": 1.0}, "a", ["b"])
    # A tie goes to the higher document id.
    assert view_is_right({"a": 1.0, "b": 1.0}, "b", ["a"])
    assert not view_is_right({"a": 1.0, "b": 1.0}, "a", ["b"])


@given(SCORES, st.permutations(["a", "b", "c"]))
def test_one_ranking_for_all_views_never_makes_a_pair_right(
    scores: dict[str, float], wanted: list[str]
) -> None:
    run = {f"q{number}": scores for number in range(3)}
    assert paired_accuracy_by_set(run, {"s": PairedSet(("q0", "q1", "q2"), tuple(wanted))}) == {"s": 0.0}


def test_ndcg_by_hand() -> None:
    # Gains 0, 1, 2 at ranks 1, 2, 3, against 2, 1.
    value = (1 / math.log2(3) + 2 / math.log2(4)) / (2 / math.log2(2) + 1 / math.log2(3))
    assert ndcg(["x", "a", "b"], {"a": 1, "b": 2, "c": -1}) == pytest.approx(value)
    assert ndcg(["x", "a", "b"], {"a": 1, "b": 2}, k=1) == 0
    assert ndcg(["x"], {"a": 0}) == 0


@given(SCORES, st.dictionaries(DOCIDS, st.integers(-1, 3), min_size=1, max_size=6))
def test_figures_of_retrieval_lie_between_0_and_1(scores: dict[str, float], labels: dict[str, int]) -> None:
    run, qrels = {"q": scores}, {"q": labels}
    found = trec_by_query(
        run, qrels, ["ndcg_at_5", "ndcg_at_10", "map_at_1000", "recall_at_1", "recall_at_100"]
    )
    for by_query in (*found.values(), mrr_by_query(run, qrels), ndcg_by_query(run, qrels)):
        assert 0 <= by_query["q"] <= 1 + 1e-12


def test_follow_ir_score_wants_its_three_datasets() -> None:
    assert followir_score({"Robust04": 0.2, "News21": 0.4, "Core17": 0.3}) == pytest.approx(0.3)
    with pytest.raises(MetricError, match="'Core17' is missing"):
        followir_score({"Robust04": 0.2, "News21": 0.4})


def test_changed_documents_are_those_whose_label_changed() -> None:
    before = {"q": {"a": 1, "b": 2, "c": 0, "d": 1}}
    after = {"q": {"a": 0, "b": 1, "c": 1}}
    assert changed_documents(before, after) == ({"q": ["a", "d"]}, {"q": ["c"]})


def test_robustness_is_the_worst_instruction() -> None:
    ndcgs = {"q/1": 0.9, "q/2": 0.4, "r/1": 1.0}
    assert robustness_by_query(ndcgs, {"q": ["q/1", "q/2"], "r": ["r/1"]}) == {"q": 0.4, "r": 1.0}


def three(original: list[str], instructed: list[str], reversed_: list[str]) -> ThreeRuns:
    return ThreeRuns({"q": ranked(*original)}, {"q": ranked(*instructed)}, {"q": ranked(*reversed_)})


def with_rank(docid: str, rank: int) -> list[str]:
    others = [f"x{number:02}" for number in range(40)]
    return [*others[: rank - 1], docid, *others[rank - 1 :]]


@pytest.mark.parametrize(
    ("ranks", "negatives", "expected"),
    [
        ((3, 1, 5), 2, 1.0),  # original rank within the three known documents, first under the instruction
        ((4, 1, 5), 2, 1 - 3 / 20),  # beyond them
        ((4, 2, 5), 5, (1 - 2 / 20) / math.sqrt(2)),
        ((1, 1, 2), 0, 1.0),
        ((20, 4, 21), 0, (1 - 16 / 20) / 2),
        ((21, 1, 30), 0, 0.01),
        ((5, 9, 2), 3, -1.0),
        ((5, 9, 5), 3, (5 - 9) / 9),  # it fell under the instruction
        ((5, 5, 5), 3, 0.0),
        ((5, 9, 12), 3, (5 - 9) / 9),
        ((5, 2, 3), 3, (3 - 5) / 5),  # it rose under the reversed one too
    ],
)
def test_wise_by_hand(ranks: tuple[int, int, int], negatives: int, expected: float) -> None:
    runs = three(*(with_rank("gold", rank) for rank in ranks))
    found = wise_by_query(runs, {"q": ["gold"]}, {"q": [f"n{number}" for number in range(negatives)]})
    assert found["q"] == pytest.approx(expected)


def test_sicr_by_hand() -> None:
    runs = ThreeRuns(
        {"q": {"a": 0.5, "b": 0.6, "c": 0.9, "d": 0.1}},
        {"q": {"a": 0.8, "b": 0.7, "c": 0.9, "d": 0.2}},
        {"q": {"a": 0.1, "b": 0.2, "c": 0.3, "d": 0.9}},
    )
    # a rises 3 → 2 and falls to 4, c stays first with an equal score and falls; b's rank worsens; d rises
    # when it should fall.
    for gold, complies in (("a", 1), ("b", 0), ("c", 1), ("d", 0)):
        assert sicr_by_query(runs, {"q": [gold]}) == {"q": complies}, gold
    assert sicr_by_query(runs, {"q": ["a", "b", "c", "d"]}) == {"q": 0.5}
    # First already: it must stay first.
    second = ThreeRuns(runs.original, {"q": {**runs.instructed["q"], "c": 0.75}}, runs.reversed)
    assert sicr_by_query(second, {"q": ["c"]}) == {"q": 0}
    # Not found under the instruction, it does not comply.
    lost = ThreeRuns(runs.original, {"q": {"b": 1.0}}, runs.reversed)
    assert sicr_by_query(lost, {"q": ["a"]}) == {"q": 0}


@given(SCORES, SCORES, SCORES, st.sets(DOCIDS, min_size=1, max_size=3), st.sets(DOCIDS, max_size=3))
def test_infosearch_figures_are_bounded(
    original: dict[str, float],
    instructed: dict[str, float],
    reversed_: dict[str, float],
    positives: set[str],
    negatives: set[str],
) -> None:
    runs = ThreeRuns({"q": original}, {"q": instructed}, {"q": reversed_})
    assert -1 <= wise_by_query(runs, {"q": positives}, {"q": negatives})["q"] <= 1
    assert 0 <= sicr_by_query(runs, {"q": positives})["q"] <= 1
    # Nothing that moves, no compliance.
    still = ThreeRuns({"q": original}, {"q": original}, {"q": original})
    assert sicr_by_query(still, {"q": positives})["q"] == 0


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (["w", "e"], (1, 1, 1, 0.5, 1)),
        (["e", "w"], (0, 0.5, -1, -0.5, 0)),
        (["x", "w", "e"], (0, 0.5, 0, 0.5 - 1 / 3, 1)),
        (["w"], (1, 1, 1, 1, 1)),
        (["e"], (0, 0, -1, -1, 0)),
        ([*"abcdfghijk", "w", "e"], (0, 0, 0, 0, 0)),
        (["x"], (0, 0, 0, 0, 0)),
    ],
)
def test_exclusion_by_hand(order: list[str], expected: tuple[float, ...]) -> None:
    found = exclusion_by_query({"q": ranked(*order)}, {"q": Exclusion("w", "e")})
    names = ("recall_at_1", "mrr_at_10", "recall_at_1_gap", "mrr_at_10_gap", "right_rank")
    assert [found[name]["q"] for name in names] == pytest.approx(list(expected))


def test_first_reciprocal_rank_sees_the_first_ten() -> None:
    run = {"q": ranked(*(f"d{number:02}" for number in range(20)))}
    assert mrr_by_query(run, {"q": {"d09": 1, "d15": 1}})["q"] == pytest.approx(0.1)
    assert mrr_by_query(run, {"q": {"d10": 1}})["q"] == 0
    assert np.isclose(mrr_by_query(run, {"q": {"d02": 0, "d04": 2}})["q"], 0.2)
