"""Attributed corpora: how rows become topics, and the shipped tables on their corpora."""

from __future__ import annotations

import gzip
import json
from collections.abc import Callable
from itertools import islice
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.schema import ViewPair
from dualview.dataset_builder.writers.facets.conditions import UNSURE
from dualview.dataset_builder.writers.facets.corpora import read_corpus_table
from tests.dataset_builder.writers.facets.own_corpus import (
    TABLE,
    make_writer,
    open_corpus,
    row,
    with_,
    write_rows,
    write_table,
)


def first_lines(shared_data: Path, name: str) -> list[str]:
    with gzip.open(shared_data / name / f"{name}.jsonl.gz", "rt", encoding="utf-8") as file:
        return [line.rstrip("\n") for line in islice(file, 1500)]


def test_rows_that_agree_become_a_topic_wherever_they_stand(read: Callable[..., Any]) -> None:
    rows = [row(1), row(2, dish="Bread"), row(3, dish=" soup "), row(4, dish="bread"), row(5, year=1961)]
    soup, bread = sorted(read(rows), key=lambda topic: topic.query, reverse=True)
    assert (soup.query, bread.query) == ("soup of the 1950s", "bread of the 1950s")
    assert {passage.docid for passage in soup.passages} == {"recipes-1", "recipes-3"}
    assert {passage.title for passage in bread.passages} == {"Soup 2", "Soup 4"}
    assert (soup.source, soup.license) == ("recipes", "cc0-1.0")
    assert {attributes["year"] for attributes in soup.attributes} == {("1951",), ("1953",)}
    assert soup.query_id == "recipes:soup/1950s:0"


def test_a_large_group_is_cut_and_no_passage_comes_twice(read: Callable[..., Any]) -> None:
    topics = read(row(number % 10, body=f"Text {number}.") for number in range(9))
    assert sorted(len(topic.passages) for topic in topics) == [4, 4]
    docids = [passage.docid for topic in topics for passage in topic.passages]
    assert len(set(docids)) == len(docids) == 8
    assert len({topic.query_id for topic in topics}) == 2


def test_equal_texts_and_what_has_no_group_are_passed_over(read: Callable[..., Any]) -> None:
    rows = [
        row(1),
        row(2),
        row(3, body="boil WATER  and wait, as on day 1."),
        row(4, dish=None),
        row(5, year=[]),
    ]
    (topic,) = read(rows)
    assert {passage.title for passage in topic.passages} in ({"Soup 1", "Soup 2"}, {"Soup 2", "Soup 3"})


def test_case_does_not_part_a_group(read: Callable[..., Any]) -> None:
    topics = {"group_by": [{"field": "dish"}], "query": ["how to make {dish}"]}
    (topic,) = read([row(1, dish="Pea soup"), row(2, dish="pea Soup")], with_(topics=topics))
    assert topic.query in ("how to make Pea soup", "how to make pea Soup")


def test_texts_can_be_left_out(read: Callable[..., Any]) -> None:
    (topic,) = read([row(1), row(2), row(3)], with_(leave_out=["on day 2"]))
    assert {passage.docid for passage in topic.passages} == {"recipes-1", "recipes-3"}


def test_a_compressed_file_and_ids_of_its_own(read: Callable[..., Any]) -> None:
    table = with_(passage={"text": "body", "id": "name"})
    (topic,) = read([row(1), row(2)], table, name="own.jsonl.gz")
    assert {passage.docid for passage in topic.passages} == {"Soup 1", "Soup 2"}
    assert {passage.title for passage in topic.passages} == {""}


def test_only_what_a_text_shows_is_sure(read: Callable[..., Any]) -> None:
    attributes = {"needs": {"reads": "that", "templates": ["with {value}"], "shown_in_text": True}}
    rows = [
        row(1, needs=["salt", "oil"], body="Salt and water."),
        row(2, needs=["oil"], body="Oil, with a pinch of salt."),
        row(3, needs=[], body="Nothing but water."),
    ]
    (topic,) = read(rows, with_(attributes=attributes))
    of = {passage.title: values for passage, values in zip(topic.passages, topic.attributes, strict=True)}
    assert of["Soup 1"] == {"needs": ("salt",), "needs" + UNSURE: ("oil",)}
    assert of["Soup 2"] == {"needs": ("oil",), "needs" + UNSURE: ("salt",)}
    assert of["Soup 3"] == {}


def test_the_whole_road_of_an_own_corpus(tmp_path: Path) -> None:
    rows = [row(number, dish=f"Dish {number // 4}", year=1950 + number % 9) for number in range(80)]
    data, table = write_rows(tmp_path / "own.jsonl", rows), write_table(tmp_path, TABLE)
    out = tmp_path / "out"
    assert main(["build", "--source", f"attributed:{data}", "--facets", str(table), "--out", str(out)]) == 0
    built = load_dataset(str(out))
    pairs = [pair for split in built.values() for pair in split]
    assert len(pairs) > 100 and {pair["lever"] for pair in pairs} == {"year", "needs"}
    assert {pair["license"] for pair in pairs} == {"cc0-1.0"}
    recipe = json.loads((out / "recipe.json").read_text())
    assert recipe["arguments"]["facets"] == "own.yaml" and str(tmp_path) not in json.dumps(recipe)
    (writer,) = [found for found in recipe["writers"] if found["kind"] == "facets"]
    assert len(writer["tables"]["recipes"]) == 64
    for pair in pairs:
        if pair["lever"] == "needs":
            said = f"{pair['instruction']} {pair['reversed_instruction']}"
            assert "herb" in said and "salt" not in said


def test_numbers_that_are_written_as_fractions_and_hostile_text_come_through(
    read: Callable[..., Any],
) -> None:
    rows = [row(1, year=1951.0, needs="a\u0000b\n c"), row(2, needs=[1, 2.5, "\ud800"])]
    (topic,) = read(rows)
    found = {attributes["needs"] for attributes in topic.attributes}
    assert found == {("a b c",), ("1", "2.5", "?")}
    assert ("1951",) in {attributes["year"] for attributes in topic.attributes}


@pytest.mark.parametrize(
    ("name", "levers"), [("medquad", {"aspect"}), ("movies", {"time", "entity", "aspect"})]
)
def test_the_shipped_tables_fit_their_corpora(
    shared_data: Path, tmp_path: Path, name: str, levers: set[str]
) -> None:
    """On the first lines of the corpora, where they are."""
    data = write_rows(tmp_path / "part.jsonl", first_lines(shared_data, name))
    source = open_corpus(data, name)
    writer = make_writer(name)
    topics = list(source)
    pairs = [pair for topic in topics for pair in writer.write(topic) if isinstance(pair, ViewPair)]
    assert {pair.lever for pair in pairs} == levers and len(pairs) > 500
    for topic in topics:
        assert 2 <= len(topic.passages) <= 8 and "{" not in topic.query


def test_a_named_actor_is_read_in_one_film_and_not_in_the_other(shared_data: Path, tmp_path: Path) -> None:
    lines = first_lines(shared_data, "movies")
    cast = {f"movies-{number}": json.loads(line)["cast"] for number, line in enumerate(lines, start=1)}
    source = open_corpus(write_rows(tmp_path / "part.jsonl", lines), "movies")
    writer = make_writer("movies", "year=0", "genres=0")
    checked = 0
    for topic in source:
        for pair in writer.write(topic):
            if isinstance(pair, ViewPair) and pair.style.endswith("inclusion"):
                checked += 1
                shown = f"{pair.positive.title}\n{pair.positive.text}"
                named = [name for name in cast[pair.positive.docid] if name in pair.instruction]
                assert any(name.casefold() in shown.casefold() for name in named), pair
                assert all(name not in pair.reversed_positive.text for name in named), pair
    assert checked > 50


def test_a_table_can_be_given_as_data() -> None:
    table = read_corpus_table(TABLE, "here")
    assert table.languages == () and table.docid is None and list(table.attributes) == ["year", "needs"]
