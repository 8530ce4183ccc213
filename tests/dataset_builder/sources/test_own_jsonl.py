"""Candidate sets and attributed topics from files of one's own."""

from __future__ import annotations

import argparse
import copy
import json
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import AttributedTopic, CandidateSet, Passage
from dualview.dataset_builder.sources.own_jsonl import open_sources
from dualview.dataset_builder.sources.source_protocol import sha256_of_file
from dualview.dataset_builder.sources.text_settings import TextSettings, add_arguments

Lines = Callable[..., Any]


def read(path: Path, *flags: str) -> list[Any]:
    (source,) = open_sources(str(path), text_settings(*flags))
    return list(source)


def text_settings(*flags: str) -> TextSettings:
    parser = argparse.ArgumentParser()
    add_arguments(parser)
    return TextSettings.from_arguments(parser.parse_args(flags))


def fault(path: Path) -> str:
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and "\n" not in message and "; " in message  # place, fault; remedy
    return message


def test_a_candidate_set_keeps_all_that_its_line_says(set_line: Lines, write_jsonl: Lines) -> None:
    (found,) = read(write_jsonl([set_line(4, source="mine", license="mit", query_id="q9")]))
    assert isinstance(found, CandidateSet)
    assert (found.set_id, found.query_id, found.style, found.domain) == ("set-4", "q9", "negation", "cooking")
    assert (found.source, found.license) == ("mine", "mit")
    assert found.positive == Passage("set-4-0", "On the stove", "Soak them and simmer for an hour, bean 4.")
    assert [passage.docid for passage in found.instruction_negatives] == ["set-4-1", "set-4-2"]
    assert [passage.docid for passage in found.hard_negatives] == ["set-4-h0"]
    assert [(it.target, it.lever) for it in found.recorded] == [("set-4-1", "format"), ("set-4-2", "time")]
    assert found.paraphrase == "Neither tins nor pressure, please."


def test_what_may_be_left_out_may_be_left_out(set_line: Lines, write_jsonl: Lines) -> None:
    optional = ("style", "domain", "reversals", "paraphrase", "hard_negatives")
    line = set_line(**dict.fromkeys(optional))
    line["positive"] = {"text": "Alone, without a title.", "docid": "my-own"}
    (found,) = read(write_jsonl([line], "beans.jsonl"), "--license", "cc-by-4.0")
    assert (found.query_id, found.style, found.domain, found.recorded) == ("set-1", "", None, ())
    assert (found.source, found.license) == ("beans", "cc-by-4.0")
    assert found.positive == Passage("my-own", "", "Alone, without a title.")


def test_a_topic_is_the_lines_that_name_it(topic_lines: Lines, write_jsonl: Lines) -> None:
    first, second = read(write_jsonl([*topic_lines(1), *topic_lines(2)]))
    assert isinstance(first, AttributedTopic)
    assert (first.query_id, second.query_id, second.query) == ("topic-1", "topic-2", "kettle 2")
    assert [passage.docid for passage in first.passages] == ["topic-1-a", "topic-1-b", "topic-1-c"]
    assert first.attributes[1] == {"aspect": "history", "audience": "expert", "form": "list"}


def test_a_topic_with_ids_of_another_make_is_named_by_itself(topic_lines: Lines, write_jsonl: Lines) -> None:
    lines = topic_lines()
    for number, line in enumerate(lines):
        line["id"] = f"doc-{number}"
    (found,) = read(write_jsonl(lines))
    assert found.query_id == "kettle 1"


def test_an_attribute_may_have_several_values(topic_lines: Lines, write_jsonl: Lines) -> None:
    lines = topic_lines()
    lines[0]["attributes"]["audience"] = ["beginner", "expert"]
    (found,) = read(write_jsonl(lines))
    assert found.attributes[0]["audience"] == ("beginner", "expert")
    lines[0]["attributes"]["audience"] = ["beginner", 3]
    assert "attributes: the field 'audience[1]' is a number" in fault(write_jsonl(lines))


def changed(line: dict[str, Any], **fields: Any) -> dict[str, Any]:
    return {**copy.deepcopy(line), **fields}


@pytest.mark.parametrize("name", ["id", "query", "instruction", "positive"])
def test_a_missing_field_is_named(set_line: Lines, write_jsonl: Lines, name: str) -> None:
    line = set_line(2)
    del line[name]
    message = fault(write_jsonl([set_line(1), line]))
    assert "line 2: " in message and f"'{name}'" in message


@pytest.mark.parametrize(
    ("fields", "said"),
    [
        ({"query": 7}, "the field 'query' is a number"),
        ({"positive": "text"}, "the field 'positive' is a string; make it an object"),
        ({"instruction_negatives": []}, "the set has one passage"),
        ({"instruction_negatives": {"text": "x"}}, "is an object; make it a list"),
        ({"instruction_negatives": ["x"]}, "instruction_negatives[0]' is a string"),
        ({"reversals": [{"target": 2, "instruction": "Only tins."}]}, "target 2 is none of the 2"),
        ({"reversals": [{"target": "0", "instruction": "Only tins."}]}, "'target' is a string"),
        ({"reversals": [{"target": 0}]}, "reversals[0]: lacks the field 'instruction'"),
        ({"paraphrase": ["x"]}, "'paraphrase' is a list"),
        ({"query": "half \ud83d"}, "surrogate"),
        ({"query": "nul \0"}, "NUL"),
    ],
)
def test_a_wrong_field_is_named(set_line: Lines, tmp_path: Path, fields: dict[str, Any], said: str) -> None:

    path = tmp_path / "own.jsonl"
    path.write_text(json.dumps(set_line(1)) + "\n" + json.dumps(set_line(2, **fields)), encoding="utf-8")
    message = fault(path)
    assert "line 2" in message and said in message


def test_equal_passages_cannot_have_opposite_labels(set_line: Lines, write_jsonl: Lines) -> None:
    line = set_line()
    line["instruction_negatives"][1]["text"] = "  soak them and SIMMER for an hour, bean 1. "
    assert "'set-1-0' and 'set-1-2' have the same text" in fault(write_jsonl([line]))
    line = set_line()
    line["hard_negatives"][0]["text"] = line["instruction_negatives"][0]["text"]
    assert "'set-1-1' and 'set-1-h0' have the same text" in fault(write_jsonl([line]))
    line = set_line()
    for passage in line["instruction_negatives"]:
        passage["docid"] = "same"
    assert "two passages have the id 'same'" in fault(write_jsonl([line]))


def test_an_id_given_twice_is_found_at_the_end(set_line: Lines, write_jsonl: Lines) -> None:
    message = fault(write_jsonl([set_line(1), set_line(2), set_line(3), changed(set_line(4), id="set-2")]))
    assert "own.jsonl, line 4: has the id of " in message and "own.jsonl, line 2 again" in message
    # An id is its letters.
    assert len(read(write_jsonl([set_line(1), changed(set_line(2), id="SET-1")]))) == 2


def test_the_lines_of_a_topic_stand_together(topic_lines: Lines, write_jsonl: Lines) -> None:
    first, second = topic_lines(1), topic_lines(2)
    message = fault(
        write_jsonl([*first[:2], *second, *first[2:], {**first[2], "id": "topic-1-d", "text": "x"}])
    )
    assert "line 6: has the id of" in message and "line 1 again" in message


@pytest.mark.parametrize(
    ("place", "fields", "said"),
    [
        (1, {"query": "another"}, "line 2: asks another query"),
        (0, {"attributes": {}}, "line 1, attributes: is empty"),
        (2, {"attributes": {"aspect": 3}}, "line 3, attributes: the field 'aspect' is a number"),
        (2, {"text": "Passage a on the COST of kettle 1."}, "have the same text"),
        (2, {"id": "topic-1-a"}, "two passages have the id"),
    ],
)
def test_what_is_wrong_with_a_topic_is_said(
    topic_lines: Lines, write_jsonl: Lines, place: int, fields: dict[str, Any], said: str
) -> None:
    lines = topic_lines()
    lines[place] |= fields
    assert said in fault(write_jsonl(lines))


def test_a_topic_needs_two_passages(topic_lines: Lines, write_jsonl: Lines) -> None:
    assert "line 4: the topic has one passage" in fault(write_jsonl([*topic_lines(1), topic_lines(2)[0]]))


def test_a_file_has_one_shape(set_line: Lines, topic_lines: Lines, write_jsonl: Lines) -> None:
    assert "line 2: mixes" in fault(write_jsonl([set_line(), *topic_lines()]))
    assert "line 4: mixes" in fault(write_jsonl([*topic_lines(), set_line()]))
    views = {"id": "v", "texts": [], "views": []}
    assert "line 2: mixes candidate sets and sets with written views" in fault(
        write_jsonl([set_line(), views])
    )
    assert "line 1: has none of" in fault(write_jsonl([{"id": "x", "text": "y"}]))


def test_a_source_can_be_read_again_and_says_what_it_read(set_line: Lines, write_jsonl: Lines) -> None:
    path = write_jsonl([set_line(1), set_line(2)], "beans.jsonl")
    (source,) = open_sources(str(path), text_settings("--origin", "My cookbook.", "--language", "en"))
    assert list(source) == list(source)
    facts = source.describe()
    assert (facts.name, facts.license, facts.languages) == ("beans", "unknown", ("en",))
    assert facts.origin == "My cookbook." and facts.files == (("beans.jsonl", sha256_of_file(path)),)
