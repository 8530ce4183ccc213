"""Conditions that passages meet, break, or leave open: values, numbers, and evidence in a text."""

from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.facets.attribute_entries import read_attribute
from dualview.dataset_builder.writers.facets.conditions import UNSURE, HasValue
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.evidence import Evidence
from dualview.dataset_builder.writers.facets.numbers import COMPARISONS, InRange, NumberAttribute, number_of
from dualview.dataset_builder.writers.facets.phrasing import accepts

TEMPLATES = {
    "equal": ["={value}"],
    "below": ["<{value}"],
    "above": [">{value}"],
    "between": ["{low}..{high}"],
    "decade": ["in {value}"],
}
#: Near each other, where bounds meet, and far apart.
YEARS = st.one_of(st.integers(1945, 1952), st.integers(0, 3000))


def test_a_value_is_met_broken_or_left_open() -> None:
    condition = HasValue(
        "aspect", "cost", ("the price",), frozenset({"upkeep"}), {"form": frozenset({"figures"})}
    )
    assert condition.holds({"aspect": "cost"}) is True
    assert condition.holds({"aspect": ("use", "cost")}) is True
    assert condition.holds({"aspect": "use"}) is False
    assert condition.holds({"aspect": "use", "form": "prose"}) is False
    assert condition.holds({"aspect": "upkeep"}) is None
    assert condition.holds({"aspect": ("use", "upkeep")}) is None
    assert condition.holds({"aspect": "use", "form": "figures"}) is None
    assert condition.holds({"form": "prose"}) is None
    assert condition.holds({"aspect": (), "aspect" + UNSURE: ("cost",)}) is None
    assert condition.holds({"aspect": (), "aspect" + UNSURE: ("use",)}) is False


@pytest.mark.parametrize(
    ("kind", "wanted", "unwanted", "expected"),
    [
        ("inclusion", True, True, True),
        ("inclusion", False, None, False),
        ("inclusion", None, False, None),
        ("exclusion", False, False, True),
        ("exclusion", True, True, False),
        ("exclusion", True, None, None),
        ("both", True, False, True),
        ("both", True, True, False),
        ("both", False, None, False),
        ("both", None, True, False),
        ("both", None, False, None),
        ("both", True, None, None),
    ],
)
def test_an_instruction_accepts_what_its_kind_says(
    kind: str, wanted: bool | None, unwanted: bool | None, expected: bool | None
) -> None:
    assert accepts(kind, wanted, unwanted) is expected


def numbers(**templates: list[str]) -> NumberAttribute:
    found = read_attribute("year", {"reads": "that", "numbers": templates or TEMPLATES}, "table")
    assert isinstance(found, NumberAttribute)
    return found


def says(wording: str, number: int) -> bool | None:
    """Read a wording of ``TEMPLATES`` for a number again; None on the ends of a range."""
    if wording[0] == "=":
        return number == int(wording[1:])
    if wording[0] == "<":
        return number < int(wording[1:])
    if wording[0] == ">":
        return number > int(wording[1:])
    if wording.startswith("in "):
        return number // 10 == int(wording[3:-1]) // 10
    low, high = map(int, wording.split(".."))
    return None if number in (low, high) else low < number < high


@given(YEARS, YEARS, YEARS, st.sets(st.sampled_from(sorted(TEMPLATES)), min_size=1))
def test_numbers_are_told_apart_by_what_is_true_of_one(
    ours: int, theirs: int, third: int, comparisons: set[str]
) -> None:
    attribute = numbers(**{name: TEMPLATES[name] for name in sorted(comparisons)})
    for seed in range(15):
        found = attribute.distinguish({"year": str(ours)}, {"year": str(theirs)}, Draw(str(seed)))
        if ours == theirs or found is None:
            assert found is None and (ours == theirs or "equal" not in comparisons)
            continue
        for condition, inside, outside in ((found[0], ours, theirs), (found[1], theirs, ours)):
            (wording,) = condition.wordings
            assert says(wording, inside) is condition.holds({"year": str(inside)}) is True
            assert says(wording, outside) is condition.holds({"year": str(outside)}) is False
            for other in (third, inside - 1, inside + 1, outside - 1, outside + 1):
                assert condition.holds({"year": str(other)}) is says(wording, other)


def test_all_comparisons_are_drawn() -> None:
    drawn = {
        condition.wordings[0].rstrip("0123456789s")
        for seed in range(100)
        for condition in numbers().distinguish({"year": "1950"}, {"year": "1963"}, Draw(str(seed))) or ()
    }
    assert {"=", "<", ">", "in "} < drawn and any(".." in wording for wording in drawn)
    assert set(COMPARISONS) == set(TEMPLATES)


@pytest.mark.parametrize("value", [(), ("1950", "1960"), "about 1950", ""])
def test_what_is_no_single_number_is_left_open(value: Any) -> None:
    assert number_of({"year": value}, "year") is None
    assert InRange("year", 1900, None, ("x",)).holds({"year": value}) is None
    assert numbers().distinguish({"year": value}, {"year": "1960"}, Draw("a")) is None


def test_a_text_must_show_what_its_record_says() -> None:
    evidence = Evidence({"Noir": ("noir", "hard-boiled")})
    texts = ["a film noir with jean gabin", "hard-boiled, and a comedy", "comedyland"]
    recorded = [("Noir", "Jean Gabin"), ("Comedy",), ("Comedy", "Noir")]
    assert evidence.judge(texts, recorded) == [
        (("Noir", "Jean Gabin"), ()),
        (("Comedy",), ("Noir",)),
        ((), ("Noir", "Comedy")),
    ]


def fault(entry: Any) -> str:
    with pytest.raises(InputError) as caught:
        read_attribute("tag", entry, "own.yaml, attribute 'tag'")
    message = str(caught.value)
    assert message.startswith("own.yaml, attribute 'tag'") and "\n" not in message
    return message


@pytest.mark.parametrize(
    ("entry", "said"),
    [
        ("about", "is not a mapping"),
        ({"reads": "about"}, "has no wordings"),
        (
            {"reads": "aloud", "values": {"a": ["b"]}},
            "'reads' is 'aloud'; make it one of about, for, as, that",
        ),
        ({"values": {"a": ["b"]}}, "'reads' is 'None'"),
        ({"reads": "about", "value": {"a": ["b"]}}, "unknown key 'value'"),
        ({"reads": "about", "values": {"a": "b"}}, "value 'a': is not a list of wordings"),
        ({"reads": "about", "values": {"a": []}}, "value 'a': is not a list of wordings"),
        ({"reads": "about", "values": ["a"]}, "'values' is not a mapping"),
        ({"reads": "about", "templates": [3]}, "templates: is not a list of wordings"),
        ({"reads": "about", "values": {"a": ["b"]}, "pairs": -1}, "'pairs' is '-1'"),
        ({"reads": "about", "values": {"a": ["b"]}, "pairs": True}, "'pairs' is 'True'"),
        ({"reads": "about", "values": {"a": ["b"]}, "overlaps": ["a"]}, "'overlaps' is not a list of lists"),
        ({"reads": "about", "values": {"a": ["b"]}, "doubtful": {"a": ["c"]}}, "'doubtful' has another form"),
        ({"reads": "that", "numbers": []}, "'numbers' is not a mapping"),
        ({"reads": "that", "numbers": {"near": ["{value}"]}}, "numbers: unknown key 'near'"),
        ({"reads": "that", "numbers": {"between": ["{low} on"]}}, "for between lacks {high}"),
    ],
)
def test_a_wrong_entry_is_one_clear_line(entry: Any, said: str) -> None:
    assert said in fault(entry)


def test_a_value_without_wording_names_itself_and_the_remedy() -> None:
    attribute = read_attribute("tag", {"reads": "about", "values": {"a": ["b"]}}, "own.yaml, attribute 'tag'")
    found = attribute.distinguish({"tag": "a"}, {"tag": "c"}, Draw("x"))
    assert found is not None and found[0].wordings == ("b",)
    with pytest.raises(InputError, match=r"value 'c'; list it under 'values', or add 'templates'"):
        _ = found[1].wordings


def test_no_instruction_turns_on_an_ignored_value() -> None:
    entry = {"reads": "about", "templates": ["{value}"], "ignore": ["short"]}
    attribute = read_attribute("tag", entry, "own.yaml")
    assert attribute.distinguish({"tag": ("short",)}, {"tag": ("long",)}, Draw("x")) is None
    found = attribute.distinguish({"tag": ("short", "old")}, {"tag": ("long",)}, Draw("x"))
    assert found is not None and [condition.wordings for condition in found] == [("old",), ("long",)]
