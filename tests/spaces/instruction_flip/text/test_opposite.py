"""Rule-based opposite of an instruction: correct if a rule matches, none otherwise."""

from __future__ import annotations

import re
import time

import pytest
from flip.text.opposite import suggest_opposite
from hypothesis import given
from hypothesis import strategies as st


@pytest.mark.parametrize(
    ("instruction", "opposite"),
    [
        # Limits and dates
        ("no more than 30 minutes", "more than 30 minutes"),
        ("At least 5 kg.", "Less than 5 kg."),
        ("At least three causes must be named.", "Fewer than three causes must be named."),
        ("under 20 euros", "at least 20 euros"),
        ("Over 100 pages", "At most 100 pages"),
        ("published before 2010", "published since 2010"),
        ("published after 2015", "published before 2015"),
        ("from 2010 onwards", "before 2010"),
        # Audiences
        ("for complete beginners", "for experts"),
        ("Written for researchers.", "Written for beginners."),
        ("suitable for ten-year-olds", "suitable for adults"),
        ("For adults only.", "For children only."),
        ("explained in plain language", "explained in technical language"),
        # Exclusions
        ("Recipes without eggs, please.", "Recipes with eggs, please."),
        ("without mentioning money", "mentioning money"),
        ("but leave out paediatric cases", "but show only paediatric cases"),
        ("Skip anything about cars.", "Show only texts about cars."),
        ("Do not include opinions.", "Only include opinions."),
        ("Documents that don\u2019t mention surgery", "Documents that mention surgery"),
        ("The text does not have pictures", "The text has pictures"),
        ("not about cars", "only about cars"),
        ("Nothing on children.", "Only texts on children."),
        ("everything except trains", "only trains"),
        ("Vaccines must not be mentioned.", "Vaccines must be mentioned."),
        ("Personal stories are out, and so are polls.", "Only personal stories are wanted."),
        ("Anything on rust can be left aside.", "Only texts on rust will do."),
        ("No recipes.", "Only recipes."),
        # Inclusions
        ("Only studies from Japan.", "Anything but studies from Japan."),
        ("I only want reviewed work", "I want anything but reviewed work"),
        ("Reviewed papers only.", "Anything but reviewed papers."),
        ("Confine yourself to Britain", "Leave out Britain"),
        ("It must include a worked example.", "It must not include a worked example."),
        # Properties
        ("Show the benefits.", "Show the risks."),
        ("recent papers", "older papers"),
    ],
)
def test_constraints_are_turned_around(instruction: str, opposite: str) -> None:
    found = suggest_opposite(instruction)
    assert found is not None
    assert found.instruction == opposite
    assert found.turned.lower() in instruction.replace("\u2019", "'").lower()


@pytest.mark.parametrize(
    "instruction",
    ["", "The weather was nice.", "Explain why the sky is blue", "Not only facts but opinions", "ohne Zucker",
     "over the counter", "as a matter of fact, no matter what", "in 2010", "I am no electrician"],
)  # fmt: skip
def test_where_no_rule_fits_nothing_is_suggested(instruction: str) -> None:
    assert suggest_opposite(instruction) is None


def test_a_plain_constraint_goes_before_a_vague_way_of_speaking() -> None:
    found = suggest_opposite("It should be short, without figures.")
    assert found is not None
    assert found.turned == "without"


def test_only_the_first_constraint_is_turned_around() -> None:
    found = suggest_opposite("Leave out chemicals, and leave out instruments.")
    assert found is not None
    assert found.instruction == "Show only chemicals, and leave out instruments."


WORDS = st.sampled_from(
    re.findall(
        r"\S+",
        "no not only without before after at least most 5 2010 for experts children anything on is are off "
        "topic , . ; should must be leave out do does mention either but except under",
    )
)


@given(st.one_of(st.text(max_size=300), st.lists(WORDS, max_size=40).map(" ".join)))
def test_a_suggestion_differs_from_what_it_turns_around(instruction: str) -> None:
    found = suggest_opposite(instruction)
    if found is not None:
        assert found.instruction.strip()
        assert found.instruction.lower() != " ".join(instruction.split()).lower()


@pytest.mark.parametrize(
    "word", ["no ", "only ", "is ", "a", "without ", "for a ", "leave out those ", ". ", "x, "]
)
def test_no_text_takes_long(word: str) -> None:
    started = time.process_time()
    suggest_opposite((word * 5000)[:5000])
    assert time.process_time() - started < 1


@pytest.mark.parametrize(
    ("instruction", "opposite"),
    [
        ("its history, not its price", "its price, not its history"),
        ("Its history and not its price, please.", "Its price and not its history, please."),
        (
            "Tell me about its history, not about its price.",
            "Tell me about its price, not about its history.",
        ),
        ("a text on the village, but not the town", "a text on the town, but not the village"),
        ("for adults rather than for children", "for children rather than for adults"),
        ("History instead of price", "Price instead of history"),
        ("PRICE, NOT HISTORY", "HISTORY, NOT PRICE"),
        ("not its price but its history", "not its history but its price"),
    ],
)
def test_both_sides_of_a_contrast_change_places(instruction: str, opposite: str) -> None:
    found = suggest_opposite(instruction)
    assert found is not None and found.instruction == opposite
    back = suggest_opposite(opposite)
    assert back is not None and back.instruction == instruction


@pytest.mark.parametrize(
    "instruction",
    [
        # Sides that are not surely parallel
        "Show me history, not price",
        "recent papers, not older ones",
        "before 2010, not after",
        "The point is the ecological impact, not spending.",
        # What "only" would exclude is wanted by another part
        "Its history, nothing on its price.",
        "vegan, no nuts",
        "leave out its price and tell me about its history",
        # More than one constraint
        "without sugar and without salt",
        "more than 5 but less than 10",
        "So no frameworks and no containers should come up.",
        "Give a remedy for a database. Mere guesses are not enough.",
        "Do not include daily volumes, nor anything on drinking during sport.",
        # A circumstance, or words that stand for another sentence
        "I have no measuring tools at all.",
        "I teach pupils without a laboratory and need a method for one lesson.",
        "I use a spray every spring, so nothing about those, please.",
        "A country other than France",
    ],
)
def test_where_a_rule_could_be_wrong_nothing_is_suggested(instruction: str) -> None:
    assert suggest_opposite(instruction) is None


def test_real_instructions_that_contrast_are_swapped_or_left_alone() -> None:
    import json

    from flip_visiting import ROOT

    files = sorted((ROOT / "dataset_builder" / "seeds").glob("*.jsonl"))
    texts = [
        json.loads(line)["instruction"] for file in files for line in file.read_text("utf-8").splitlines()
    ]
    found = {text: suggest_opposite(text) for text in texts}
    # The seeds are written to be hard: most state more than one constraint.
    assert sum(opposite is not None for opposite in found.values()) > 50
    for text, opposite in found.items():
        if opposite is not None and re.search(", not |rather than|instead of", text):
            assert re.search(", not |rather than|instead of", opposite.instruction), text
