"""Acceptance of reversals, and the passages around them."""

from __future__ import annotations

import math
from collections.abc import Callable

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.deciding import Thresholds, decide, refuse
from dualview.dataset_builder.judges.views import judged_passages, views_of
from dualview.dataset_builder.schema import Passage, ViewPair

OTHER = Passage("o", "", "a third passage")
HARD = tuple(Passage(f"h{n}", "", f"hard {n}") for n in range(3))


@pytest.fixture
def pair(view_pair: Callable[..., ViewPair]) -> ViewPair:
    return view_pair(other_instruction_negatives=(OTHER,), hard_negatives=HARD)


def test_both_views_ask_about_the_same_passages(pair: ViewPair) -> None:
    original, reversed_ = views_of(pair, 1)
    assert original.passages == reversed_.passages == (pair.positive, pair.reversed_positive, OTHER, HARD[0])
    assert original.instructed_query == f"{pair.query} {pair.instruction}"
    assert reversed_.instruction == pair.reversed_instruction
    assert judged_passages(pair, None)[3:] == HARD and judged_passages(pair, 0)[3:] == ()


def test_a_pair_whose_labels_swap_is_accepted_with_its_scores(pair: ViewPair) -> None:
    found = decide(pair, "j", (0.9, 0.1, 0.2), (0.1, 0.8, 0.3), Thresholds())
    assert found.accepted and found.reason == ""
    assert (found.p_original, found.p_reversed) == ((0.9, 0.1, 0.2), (0.1, 0.8, 0.3))
    assert found.hard_negatives == HARD


@pytest.mark.parametrize(
    ("p_original", "p_reversed", "reason"),
    [
        ((0.4, 0.1, 0.1), (0.1, 0.9, 0.1), "original_misses_positive"),
        ((0.9, 0.6, 0.1), (0.1, 0.9, 0.1), "original_too_broad"),
        ((0.9, 0.1, 0.6), (0.1, 0.9, 0.1), "original_too_broad"),
        ((0.9, 0.1, 0.1), (0.1, 0.4, 0.1), "reversal_misses_positive"),
        ((0.9, 0.1, 0.1), (0.6, 0.9, 0.1), "reversal_too_broad"),
        ((0.9, 0.1, 0.1), (0.1, 0.9, 0.5), "reversal_too_broad"),
    ],
)
def test_each_label_that_does_not_hold_is_a_reason(
    pair: ViewPair, p_original: tuple[float, ...], p_reversed: tuple[float, ...], reason: str
) -> None:
    found = decide(pair, "j", p_original, p_reversed, Thresholds())
    assert not found.accepted and found.reason == reason
    # The scores are kept, whatever comes of the pair.
    assert (found.p_original, found.p_reversed) == (p_original, p_reversed)


def test_all_faults_are_told(pair: ViewPair) -> None:
    found = decide(pair, "j", (0.2, 0.1, 0.1), (0.1, 0.2, 0.7), Thresholds())
    assert found.reason == "original_misses_positive"
    assert found.detail.count("p = 0.20") == 2 and "p = 0.70" in found.detail


def test_hard_negatives_that_are_relevant_after_all_are_left_out(pair: ViewPair) -> None:
    p_original, p_reversed = (0.9, 0.1, 0.1, 0.2, 0.8), (0.1, 0.9, 0.1, 0.3, 0.1)
    found = decide(pair, "j", p_original, p_reversed, Thresholds())
    assert found.accepted
    # The first was judged and holds, the second does not, the third was not judged.
    assert found.hard_negatives == (HARD[0], HARD[2])
    assert found.p_original == (0.9, 0.1, 0.1, 0.2) and found.p_reversed == (0.1, 0.9, 0.1, 0.3)


def test_between_the_thresholds_no_label_holds(pair: ViewPair) -> None:
    sure = Thresholds(relevant=0.7, irrelevant=0.3)
    assert decide(pair, "j", (0.7, 0.29, 0), (0, 0.7, 0), sure).accepted
    assert decide(pair, "j", (0.69, 0, 0), (0, 0.7, 0), sure).reason == "original_misses_positive"
    assert decide(pair, "j", (0.7, 0.3, 0), (0, 0.7, 0), sure).reason == "original_too_broad"


@pytest.mark.parametrize(("relevant", "irrelevant"), [(0.4, 0.5), (1.1, 0.5), (0.5, -0.1), (math.nan, 0.5)])
def test_thresholds_that_contradict_each_other_are_named(relevant: float, irrelevant: float) -> None:
    with pytest.raises(InputError, match=r"--judge-irrelevant .* and --judge-relevant"):
        Thresholds(relevant, irrelevant)


def test_no_number_is_no_judgement(pair: ViewPair) -> None:
    found = decide(pair, "j", (0.9, 0.1, math.nan), (0.1, 0.9, 0.1), Thresholds())
    assert (found.accepted, found.reason, found.judge) == (False, "not_judged", "j")
    assert refuse("j", "why").detail == "why"


PROBABILITIES = st.lists(st.floats(0, 1), min_size=6, max_size=6)


@settings(max_examples=300, suppress_health_check=[HealthCheck.function_scoped_fixture])
@given(p_original=PROBABILITIES, p_reversed=PROBABILITIES, limits=st.tuples(st.floats(0, 1), st.floats(0, 1)))
def test_what_is_accepted_holds_in_every_published_label(
    pair: ViewPair, p_original: list[float], p_reversed: list[float], limits: tuple[float, float]
) -> None:
    thresholds = Thresholds(max(limits), min(limits))
    found = decide(pair, "j", p_original, p_reversed, thresholds)
    assert found.accepted == (not found.reason)
    if found.accepted:
        for wanted, probabilities in enumerate((found.p_original, found.p_reversed)):
            assert probabilities[wanted] >= thresholds.relevant
            others = [p for place, p in enumerate(probabilities) if place != wanted]
            assert all(p < thresholds.irrelevant for p in others)
        assert found.hard_negatives is not None
        assert len(found.p_original) == 3 + len(found.hard_negatives)


@pytest.mark.parametrize(
    ("p_original", "p_reversed", "reason"),
    [
        ((0.41, 0.33, 0.30), (0.35, 0.44, 0.31), ""),
        ((0.41, 0.40, 0.30), (0.35, 0.44, 0.31), "original_not_told_apart"),
        ((0.41, 0.33, 0.30), (0.46, 0.44, 0.31), "reversal_not_told_apart"),
        ((1.0, 0.0, 0.0), (0.0, 1.0, 0.0), ""),
        ((1.0, 1.0, 0.0), (0.0, 1.0, 0.0), "original_not_told_apart"),
    ],
)
def test_with_a_margin_the_other_passages_of_the_set_are_the_measure(
    pair: ViewPair, p_original: tuple[float, ...], p_reversed: tuple[float, ...], reason: str
) -> None:
    found = decide(pair, "j", p_original, p_reversed, Thresholds(margin=0.2))
    assert (found.accepted, found.reason) == (not reason, reason)
    # A hard negative above the margin is no fault of the reversal.
    close = decide(pair, "j", (*p_original, 0.42), (*p_reversed, 0.1), Thresholds(margin=0.2))
    assert close.accepted == (not reason)
    if close.accepted and p_original[0] < 1:
        assert close.hard_negatives == HARD[1:]
