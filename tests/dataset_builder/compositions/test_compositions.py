"""The config ``compositions``: rows without passages, whose phrases and wordings are in one split alone."""

from __future__ import annotations

import re
from collections import Counter
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasets import Dataset, load_dataset

from dualview.dataset_builder.compositions.drawing import ROWS_OF_TOPIC, draw_rows
from dualview.dataset_builder.compositions.topics import Topic, TopicSample
from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import CandidateSet, Passage
from dualview.dataset_builder.writers.contrasts.wording_table import load_wordings
from tests.dataset_builder.building import build

Make = Callable[..., Any]


@pytest.fixture(scope="module")
def rows(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Dataset]:
    folder = tmp_path_factory.mktemp("compositions")
    out = folder / "dataset"
    assert build("--source", "seeds:attributed", "--out", out, "--compositions", "3000") == 0
    return dict(load_dataset(str(out), "compositions", cache_dir=str(folder / "cache")))


def test_each_split_has_its_share_of_all_kinds(rows: dict[str, Dataset]) -> None:
    assert 2_900 <= len(rows["train"]) <= 3_000
    assert 0.25 < len(rows["test"]) / len(rows["train"]) < 0.5
    for split in rows.values():
        kinds = Counter(split["kind"])
        assert set(kinds) == {"exclusion", "inclusion", "kept"}
        assert kinds["exclusion"] > kinds["inclusion"] > kinds["kept"]
        assert {len(phrases) for phrases in split["phrases"]} == {0, 1, 2, 3}


def test_no_phrase_and_no_wording_of_a_held_out_split_is_trained_on(rows: dict[str, Dataset]) -> None:
    def of(split: str, column: str) -> set[str]:
        return {
            text.casefold()
            for row in rows[split]
            for text in (row[column] if column == "phrases" else [row[column]])
            if text
        }

    for column in ("phrases", "cue", "query"):
        assert of("train", column)
        assert of("train", column).isdisjoint(of("validation", column) | of("test", column))
        assert of("validation", column).isdisjoint(of("test", column))


def test_a_row_holds_query_and_phrases_in_its_wording(rows: dict[str, Dataset]) -> None:
    for row in rows["test"]:
        if row["kind"] == "kept":
            assert (row["query"], row["phrases"], row["cue"]) == ("", [], "")
            continue
        assert row["query"] in row["text"] and all(phrase in row["text"] for phrase in row["phrases"])
        assert row["cue"] in load_wordings("en").cues[row["kind"]]["test"] and row["language"] == "en"
        around = map(re.escape, re.split(r"\{.\}", row["cue"]))
        assert re.fullmatch(".*".join(around), row["text"], re.DOTALL)


def test_zero_rows_leave_the_config_out(set_line: Make, write_jsonl: Make, tmp_path: Path) -> None:
    source = write_jsonl([set_line(number) for number in range(8)])
    assert build("--source", source, "--out", tmp_path / "out", "--compositions", "0") == 0
    assert not (tmp_path / "out" / "data" / "compositions").exists()


def test_a_small_source_gives_no_more_rows_than_it_has_wordings_for() -> None:
    topics = [Topic(n, f"query {n}", "en", (f"One{n}", f"two {n}"), ()) for n in range(3)]
    drawn = list(draw_rows(topics, "train", 20_000, seed=1))
    assert 60 < len(drawn) <= 3 * ROWS_OF_TOPIC
    assert drawn == list(draw_rows(topics, "train", 20_000, seed=1))
    assert drawn != list(draw_rows(topics, "train", 20_000, seed=2))
    assert len({row["text"] for row in drawn}) == len(drawn)
    assert list(draw_rows([], "train", 20_000, seed=1)) == []


def test_the_sample_of_topics_stays_small_and_does_not_depend_on_the_order() -> None:
    def item(number: int) -> CandidateSet:
        passages = [Passage(f"{number}-{n}", "", f"It is in Town{number}x{n} of the sea.") for n in range(2)]
        return CandidateSet(
            f"s{number}", f"q{number}", f"query {number}", "No.", passages[0], (passages[1],), source="own"
        )

    items = [item(number) for number in range(60)]
    corpus = Corpus({})
    assert list(corpus.learn(iter(items))) == items
    samples = []
    for order in (items, items[::-1]):
        sample = TopicSample(corpus, most=7, seed=3)
        for one in order:
            sample.add("train", one)
        samples.append(sample.topics("train"))
        assert sample.seen["train"] == 60
    assert len(samples[0]) == 7 and samples[0] == samples[1]


@pytest.mark.parametrize(
    ("text", "language"),
    [
        ("Это рассказ про дождливую осень в Москве или про море.", "ru"),
        ("Der Bau einer Mauer ist nicht mit dem eines Hauses zu vergleichen, und das ist auch gut so.", "de"),
        ("short words", "en"),
        ("一些中文的文字在这里没有空格", "und"),
    ],
)
def test_the_language_of_a_source_that_states_none_is_guessed(
    candidate_set: Make, text: str, language: str
) -> None:
    corpus = Corpus({"stated": "de"})
    item = candidate_set(positive=Passage("p", "", text * 3), query=text, source="own")
    list(corpus.learn([item, candidate_set(source="stated")]))
    assert (corpus.language("own"), corpus.language("stated")) == (language, "de")
