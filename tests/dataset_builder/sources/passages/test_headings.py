"""Headings that an instruction can turn on, and attributes that can tell passages apart."""

from __future__ import annotations

import pytest

from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.sources.passages.attribute_choice import AttributeChoice
from dualview.dataset_builder.sources.passages.headings import clean_heading, distinct_headings
from dualview.dataset_builder.sources.passages.record import Record


@pytest.mark.parametrize(
    ("heading", "cleaned"),
    [
        ("Price", "price"),
        ("2.1 Cleaning the lid", "cleaning the lid"),
        ("Chapter 3: Windows", "Windows"),
        ("**Opening hours**", "opening hours"),
        ("Overview", ""),
        ("See also:", ""),
        ("Siehe auch", ""),
        ("In your index", ""),
        ("How much does it cost?", ""),
        ("Step 4", ""),
        ("2.", ""),
        ("Why a heading should never be as long as this", ""),
        ("a.b = c", ""),
        ("1.2.3) Price", "price"),
        ("IV. Price", "price"),
        ("1" * 50 + "x", "1" * 50 + "x"),  # must not take exponential time
    ],
)
def test_headings_that_say_nothing_are_empty(heading: str, cleaned: str) -> None:
    text = "The price of cleaning, and its opening, on Windows."
    assert clean_heading(heading, text) == cleaned


def test_headings_that_share_a_word_are_not_set_against_each_other() -> None:
    headings = ["installation", "Windows", "installing on Linux", "price", "price"]
    assert distinct_headings(headings) == {"installation", "Windows", "price"}


def learned(named: tuple[str, ...] | None = None) -> AttributeChoice:
    choice = AttributeChoice(named)
    for number in range(12):
        attributes = {
            "platform": (("Android", "iPhone", "Windows")[number % 3],),
            "tags": ("a", "b") if number % 2 else ("b", "c"),
            "year": (str(2020 + number % 4),),
            "author": (f"Author {number}",),
            "draft": (("true", "false")[number % 2],),
            "url": (f"https://example.org/{number % 3}",),
            "checked": (f"2024-01-0{number % 3 + 1}",),
            "kind": ("guide",),
            "teaser": (f"a short text of more words {number % 2}",),
        }
        for part in range(3):
            passage = Passage(f"{number}#{part}", "", "text")
            choice.learn(Record("", passage, document=f"{number}.md", attributes=attributes))
    return choice


def test_attributes_are_chosen_by_their_values() -> None:
    choice = learned()
    assert choice.chosen() == ["platform", "tags", "year"]
    assert choice.lines() == [
        "attributes: platform (3 values), tags (3 values), year (4 values)",
        "not used: author (hardly a value comes twice), draft (is true or false), url (holds addresses), "
        "checked (holds dates), kind (has one value), teaser (holds long texts)",
    ]
    assert choice.counts["platform"].values["Android"] == 4


def test_named_attributes_are_taken_as_they_are() -> None:
    choice = learned(("author", "colour"))
    assert choice.chosen() == ["author"] and choice.missing() == ["colour"]


def test_lines_about_attributes_stay_short_whatever_they_are_called() -> None:
    choice = AttributeChoice()
    for number in range(4):
        attributes = {f"{'name ' * 50}{place}": (str(number % 2),) for place in range(100)}
        choice.learn(Record("", Passage(f"{number}", "", "text"), attributes=attributes))
    assert len(choice.chosen()) == 100
    assert [len(line) < 1_100 and "\n" not in line for line in choice.lines()] == [True]
