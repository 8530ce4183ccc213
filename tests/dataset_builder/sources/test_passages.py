"""The source ``passages``: passages without queries, grouped by what they are about."""

from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
from datasets import load_dataset

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import AnswerSet
from dualview.dataset_builder.sources.passages import open_sources
from dualview.dataset_builder.sources.text_settings import TextSettings
from tests.dataset_builder.building import build

Make = Callable[..., Any]


def lines(groups: int = 12, size: int = 3) -> list[dict[str, Any]]:
    def name(group: int, letter: str) -> str:
        return f"{letter.upper()}{chr(97 + group % 26)}{chr(97 + group // 26)}{letter}ia"

    return [
        {
            "id": f"{group}-{number}",
            "title": f"Harbour of Town{group}",
            "text": f"The port was drawn by {name(group, x)}, and {name(group, x)}, they say, knew its inn.",
        }
        for group in range(groups)
        for number, x in enumerate("kmqrsvxyz"[:size])
    ]


def read(path: Path, language: str | None = "en") -> list[AnswerSet]:
    (source,) = open_sources(str(path), TextSettings(license="cc0-1.0", language=language))
    return list(source)


def test_passages_about_the_same_answer_a_query_about_it(write_jsonl: Make) -> None:
    found = read(write_jsonl(lines()))
    assert len(found) == 12
    for item in found:
        (group,) = {passage.docid.split("-")[0] for passage in item.answers}
        assert len(item.answers) == 3 and f"Town{group}" in item.query
        assert (item.source, item.license) == ("own", "cc0-1.0")
    assert len({item.set_id for item in found}) == 12


def test_a_second_reading_gives_the_same(write_jsonl: Make) -> None:
    path = write_jsonl(lines())
    (source,) = open_sources(str(path), TextSettings(license="cc0-1.0", language="en"))
    assert list(source) == list(source) == read(path)


def test_a_passage_is_in_one_group_and_large_groups_are_cut(write_jsonl: Make) -> None:
    found = read(write_jsonl(lines(groups=2, size=9)))
    docids = [passage.docid for item in found for passage in item.answers]
    assert len(docids) == len(set(docids)) == 18
    assert max(len(item.answers) for item in found) == 6


def test_equal_passages_count_once_and_ids_may_be_missing(write_jsonl: Make) -> None:
    rows = [{"text": row["text"], "title": row["title"]} for row in lines(groups=4)]
    found = read(write_jsonl([*rows, *rows]))
    assert sum(len(item.answers) for item in found) == 12
    assert found[0].answers[0].docid.startswith("own-")


@pytest.mark.parametrize(
    ("rows", "message"),
    [
        ([{"text": "Only one passage of Genoa."}], "no two passages are about the same"),
        ([{"title": "No text"}], "line 1"),
        ([{"text": f"The inn of Town{n} is old."} for n in range(4)], "no two passages are about the same"),
    ],
)
def test_what_cannot_be_used_is_one_line(write_jsonl: Make, rows: list[dict[str, Any]], message: str) -> None:
    with pytest.raises(InputError, match=message):
        read(write_jsonl(rows))


def test_the_file_must_be_there() -> None:
    for argument, message in (("", "names no file"), ("none.jsonl", "no such file")):
        with pytest.raises(InputError, match=message):
            open_sources(argument, TextSettings())


def test_builds_a_dataset_with_its_proof(write_jsonl: Make, tmp_path: Path, capsys: Any) -> None:
    out = tmp_path / "out"
    assert build("--source", f"passages:{write_jsonl(lines(40))}", "--out", out) == 0
    assert "taken to be in the language 'en'" in capsys.readouterr().err
    rows = [row for split in load_dataset(str(out), cache_dir=str(tmp_path / "c")).values() for row in split]
    assert rows and {row["writer"]["kind"] for row in rows} == {"contrasts"}
    for row in rows:
        assert row["checks"]["kind"] == "mentions" and row["checks"]["judge"] is None
        for mention in row["checks"]["mentions"]:
            assert row["positive"]["text"].count(mention["phrase"]) == mention["positive"]
    assert "names what one passage mentions" in (out / "README.md").read_text(encoding="utf-8")
