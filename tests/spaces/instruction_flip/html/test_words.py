"""Descriptions of the results in words."""

from __future__ import annotations

from dataclasses import replace

import pytest
from flip.html.words import (
    MINUS,
    chosen_because,
    computed,
    figure,
    headline,
    origin,
    passage_name,
    under_headline,
    verdict,
    what_happened,
)
from flip.results.opening import Opening
from flip.types import NEUTRAL, Passage
from flip_making import make_comparison, make_example, make_result


def test_both_wanted_passages_are_told() -> None:
    example = make_example()
    result = make_result(example, (0, 1, 2), (1, 2, 0))
    assert what_happened(example, result, 0, 1) == "“title 0” went from 1 to 3, “title 1” went from 2 to 1."
    assert what_happened(example, result, 1, 0) == "“title 1” went from 1 to 2, “title 0” went from 3 to 1."


def test_what_stays_is_said_to_stay() -> None:
    example = make_example()
    result = make_result(example, (0, 1, 2), (0, 2, 1))
    assert what_happened(example, result, 0, 1) == "“title 0” stayed at 1, “title 1” went from 2 to 3."
    still = make_result(example, (0, 1, 2), (0, 1, 2))
    assert what_happened(example, still, 0, 1) == "Nothing moved: all 3 passages kept their ranks."


def test_before_a_flip_the_standing_is_told() -> None:
    example = make_example()
    result = make_result(example, (1, 0, 2), (1, 0, 2))
    assert what_happened(example, result, None, 0) == "A asks for “title 0”: it is at rank 2 of 3."
    assert what_happened(example, result, 1, 1) == "B asks for “title 1”: it is at rank 1 of 3."
    open_ended = make_example(wanted=(None, None))
    assert what_happened(open_ended, result, None, 0) == "Under A, “title 1” is at rank 1."


def test_without_labels_the_two_largest_moves_are_told() -> None:
    example = make_example(4, wanted=(None, None))
    result = make_result(example, (0, 1, 2, 3), (3, 0, 1, 2))
    assert what_happened(example, result, 0, 1) == "“title 3” went from 4 to 1, “title 0” went from 1 to 2."


def test_of_many_passages_new_ones_among_the_first_are_counted_and_deep_moves_are_not_told() -> None:
    example = make_example(30, wanted=(None, None))
    before = list(range(30))
    after = [29, *range(29)]
    after[20:] = reversed(after[20:])
    result = make_result(example, before, after)
    told = what_happened(example, result, 0, 1)
    assert told == "“title 29” went from 30 to 1, “title 0” went from 1 to 2. New in the top 10: 1."


@pytest.mark.parametrize(
    ("right", "said"),
    [
        ((True, True), "Follows both"),
        ((True, False), "Follows only A"),
        ((False, False), "Follows neither"),
        ((True, True, True), "Follows all 3"),
        ((True, False, True), "Follows only A and C of 3"),
        ((False, False, False), "Follows none of 3"),
        (None, None),
    ],
)
def test_verdicts(right: tuple[bool, ...] | None, said: str | None) -> None:
    example = make_example()
    assert verdict(replace(make_result(example, (0, 1, 2), (1, 0, 2)), right=right)) == said


@pytest.mark.parametrize(
    ("value", "text"), [(0.5, "+50.0"), (-1 / 3, f"{MINUS}33.3"), (0.0, "0.0"), (-0.0001, "0.0")]
)
def test_figures_carry_their_sign(value: float, text: str) -> None:
    assert figure(value) == text


def test_long_names_are_cut_at_a_word() -> None:
    assert passage_name(Passage("d", "", "word " * 50)) == "“" + "word " * 13 + "word…”"
    assert passage_name(Passage("d", "A title", "text")) == "“A title”"


def test_the_rule_of_the_opening_is_stated() -> None:
    comparison = make_comparison(make_example(), [(0, 1, 2), (0, 1, 2)], [(0, 1, 2), (1, 0, 2)])
    assert "3 of 12 examples look like this" in chosen_because(Opening(comparison, 3, 12))
    assert "The first of 12 examples: in none does" in chosen_because(Opening(comparison, 0, 12))


def test_the_headline_says_what_is_on_top_and_what_was_wanted() -> None:
    example = make_example()
    base = make_result(example, (0, 1, 2), (0, 2, 1))
    assert headline(example, base, None, 0) == "On top: “title 0”"
    assert headline(example, base, 0, 1) == "Still “title 0”"
    assert under_headline(example, base, 0, 1) == "B wants “title 1”, at rank 3."
    trained = make_result(example, (0, 1, 2), (1, 0, 2))
    assert headline(example, trained, 0, 1) == "Now “title 1”"
    assert under_headline(example, trained, 0, 1) == "B wants this one."
    assert headline(example, trained, 1, NEUTRAL) == "Now “title 0”"
    assert under_headline(example, trained, 1, NEUTRAL) == "That is the order for the search alone."


def test_it_is_said_what_was_recorded_and_what_is_missing() -> None:
    comparison = make_comparison(make_example(), [(0, 1, 2)] * 2, [(0, 1, 2)] * 2)
    assert computed(comparison) == "Ranked just now by the models on this server."
    recorded = replace(comparison, is_recorded=True)
    assert computed(recorded).startswith("Recorded: ranked earlier by table and table.")
    assert computed(recorded, "The Hub cannot be reached.").endswith(" The Hub cannot be reached.")


def test_the_source_is_stated() -> None:
    comparison = make_comparison(make_example(), [(0, 1, 2)] * 2, [(0, 1, 2)] * 2)
    assert origin(comparison, "shipped") == "Example set-1, shipped."
    own = make_comparison(make_example(kind="own"), [(0, 1, 2)] * 2, [(0, 1, 2)] * 2)
    assert "not stored" in origin(own, "shipped")
    search = make_comparison(make_example(kind="search"), [(0, 1, 2)] * 2, [(0, 1, 2)] * 2)
    assert origin(search, "shipped") == "All 3 passages of the examples, shipped."
