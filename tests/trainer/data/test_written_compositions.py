"""Instructions of the training rows as compositions, and what they exclude exchanged between them."""

from __future__ import annotations

from typing import Any

from hypothesis import given
from hypothesis import strategies as st

from dualview.trainer.composition.rule import split_exclusions
from dualview.trainer.data.written_compositions import written_compositions

LANGUAGES = ("xx", "en", "de")
PASTA = {
    "query": "pasta",
    "instructions": ["Leave out cheese.", "Only with cheese.", "for a picnic, no cream"],
}
BIKES = {"query": "bicycles", "instructions": ["nothing on electric motors", "neither steel nor iron"]}


def found_in(rows: list[dict[str, Any]], languages: tuple[str, ...] = LANGUAGES) -> dict[str, dict[str, Any]]:
    return {row["text"]: row for row in written_compositions(rows, "{query} | {instruction}", languages)}


def test_instructions_that_exclude_are_found_with_what_they_exclude() -> None:
    found = found_in([PASTA, {"query": "Nudeln", "instructions": ["ohne Sahne"]}])
    assert found["pasta | Leave out cheese."] == {
        "query": "pasta",
        "phrases": ["cheese"],
        "kind": "written",
        "text": "pasta | Leave out cheese.",
        "wish": "",
    }
    assert not found["Nudeln | ohne Sahne"]["phrases"], "the table of the first language decides"
    assert len(found) == 4
    assert not found_in([PASTA], ("xx",))


def test_a_wish_is_a_phrase_of_its_own_beside_what_is_excluded() -> None:
    found = found_in([PASTA])
    assert found["pasta | Only with cheese."] == {
        "query": "pasta | Only with cheese.",
        "phrases": [],
        "kind": "written",
        "text": "pasta | Only with cheese.",
        "wish": "Only with cheese.",
    }
    both = found["pasta | for a picnic, no cream"]
    assert (both["query"], both["phrases"], both["wish"]) == (
        "pasta | for a picnic",
        ["cream"],
        "for a picnic",
    )


def test_what_one_excludes_is_worded_as_another_does_with_its_own_query() -> None:
    found = found_in([{"query": "pasta", "instructions": ["Leave out cheese."]}, BIKES])
    exchanged = found["bicycles | Leave out electric motors."]
    assert (exchanged["query"], exchanged["phrases"]) == ("bicycles", ["electric motors"])
    # Two phrases are worded as two, and what says more than its exclusion lends its words to nothing.
    assert not [text for text in found if "out steel" in text]
    assert not [text for text in found_in([PASTA, BIKES]) if text.startswith("bicycles | for a picnic")]


def test_the_same_rows_give_the_same_compositions() -> None:
    assert list(found_in([PASTA, BIKES])) == list(found_in([PASTA, BIKES]))


@given(st.lists(st.sampled_from(["no {}", "nothing on {}", "{} left out", "only {}"]), min_size=1), st.data())
def test_the_rule_finds_what_every_composition_excludes(frames: list[str], data: st.DataObject) -> None:
    phrases = st.text(alphabet="ab .,;{}'\n\u00df\U0001f600", max_size=12)
    rows = [
        {"query": f"query {place}", "instructions": [frame.replace("{}", data.draw(phrases))]}
        for place, frame in enumerate(frames)
    ]
    for text, row in found_in(rows).items():
        if not row["phrases"]:
            continue
        query, _, instruction = text.partition(" | ")
        split = split_exclusions(instruction, query=query)
        assert list(split.excluded) == row["phrases"]
        assert row["query"] == (f"{query} | {row['wish']}" if row["wish"] else query)
