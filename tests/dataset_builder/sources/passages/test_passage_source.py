"""The source ``passages``: its items, its counts, and what it cannot use."""

from __future__ import annotations

import importlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pandas
import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.schema import AnswerSet, AttributedTopic
from dualview.dataset_builder.sources.open_sources import SourceSettings, open_sources
from dualview.dataset_builder.sources.passages.columns import ColumnSettings
from dualview.dataset_builder.sources.passages.open_passages import PassageSettings
from dualview.dataset_builder.sources.text_settings import TextSettings

Make = Callable[..., Any]
GUIDE = """\
---
platform: {platform}
---
# {name}

Read this first, before you buy {name} at all.

## Price

A plain one is 25 euros at the shop by the station for {name}.

## Cleaning the lid

Wipe it by hand and let it dry in the open air: {name}.

## 3. Cleaning

Put it into hot water with your {name} for the whole night.
"""


def opened(name: str, language: str | None = "en", **columns: Any) -> Any:
    settings = SourceSettings(
        TextSettings(license="cc0-1.0", language=language),
        passages=PassageSettings(ColumnSettings(**columns)),
    )
    (source,) = open_sources([name], settings)
    return source


def towns(groups: int = 6, size: int = 3, **fields: Any) -> list[dict[str, Any]]:
    return [
        {
            "title": f"Harbour of Town{group}",
            "text": f"The port is by Anna Berger{group}{name}, and Anna Berger{group}{name} knew its inn.",
            "era": ("old", "new")[number % 2],
            **fields,
        }
        for group in range(groups)
        for number, name in enumerate("kmqrsvxyz"[:size])
    ]


@pytest.fixture
def guides(tmp_path: Path) -> Path:
    for name in ("Rice cookers", "Kettles", "Toasters"):
        path = tmp_path / "guides" / f"{name.lower()}.md"
        path.parent.mkdir(exist_ok=True)
        path.write_text(GUIDE.replace("{name}", name).replace("{platform}", name[:1]))
    return tmp_path / "guides"


def test_sections_of_a_document_are_a_topic_with_their_headings(guides: Path, capsys: Any) -> None:
    source = opened(f"passages:{guides}")
    items = list(source)
    assert [type(item) for item in items] == [AttributedTopic] * 3
    topic = next(item for item in items if "Kettles" in item.query)
    assert [passage.docid for passage in topic.passages] == [f"kettles.md#{number}" for number in (2, 3, 4)]
    assert [passage.title for passage in topic.passages] == [
        "Kettles: Price",
        "Kettles: Cleaning the lid",
        "Kettles: 3. Cleaning",
    ]
    # "Cleaning" shares a word with "Cleaning the lid": it is set against neither.
    assert topic.attributes == ({"heading": ("Price",)}, {"heading": ("Cleaning the lid",)}, {})
    assert topic.also == ("contrasts",) and list(source) == items
    said = capsys.readouterr().err
    assert "guides: 3 files gave 12 passages." in said
    assert "guides: 9 passages under headings, in 3 topics." in said


def test_in_another_language_headings_are_not_put_into_words(guides: Path, capsys: Any) -> None:
    assert {type(item) for item in opened(f"passages:{guides}", language="fi")} == {AnswerSet}
    assert "in English only" in capsys.readouterr().err


def test_passages_that_share_a_name_and_differ_in_an_attribute_are_a_topic(
    write_jsonl: Make, capsys: Any
) -> None:
    items = list(opened(f"passages:{write_jsonl(towns())}"))
    assert {type(item) for item in items} == {AttributedTopic} and len(items) == 6
    assert {value for item in items for one in item.attributes for value in one["era"]} == {"old", "new"}
    assert "own: attributes: era (2 values)." in capsys.readouterr().err
    plain = list(opened(f"passages:{write_jsonl(towns())}", attributes=()))
    assert {type(item) for item in plain} == {AnswerSet}


def test_tables_of_other_kinds_give_the_same_items(write_jsonl: Make, tmp_path: Path) -> None:
    expected = list(opened(f"passages:{write_jsonl(towns())}"))
    frame = pandas.DataFrame(towns())
    frame.to_csv(tmp_path / "own.csv", index=False)
    frame.to_parquet(tmp_path / "own.parquet")
    for name in ("own.csv", "own.parquet"):
        assert list(opened(f"passages:{tmp_path / name}")) == expected


def test_what_is_left_out_is_counted(write_jsonl: Make, capsys: Any) -> None:
    rows = [*towns(), *towns(), {"text": ""}, {"text": "Nothing in common with the others."}]
    list(opened(f"passages:{write_jsonl(rows)}"))
    said = capsys.readouterr().err
    assert "own: 37 rows gave 19 passages." in said
    assert "left out 18: passages with the text of another one" in said
    assert "left out 1: rows without text" in said
    assert "left out 1: passages that share no heading, name or expression with another one" in said


def test_equal_titles_do_no_harm(write_jsonl: Make) -> None:
    rows = [{"title": "Report", "text": f"The town of Place{n // 2}x had {n} mayors."} for n in range(3000)]
    items = list(opened(f"passages:{write_jsonl(rows)}"))
    assert all(len(item.answers) <= 8 for item in items)


@pytest.mark.parametrize(
    ("rows", "said"),
    [
        ([{"text": "Only one."}], "own: holds one passage, so no two passages are about the same"),
        (
            [{"text": "The same."}] * 9,
            "holds one passage, .* \\(left out: passages with the text of another one \\(8",
        ),
        ([{"text": " "}] * 3, "own: holds no passage \\(left out: rows without text \\(3"),
        (
            [{"text": "Ab.", "id": 1}, {"text": "Cd.", "id": 1}],
            "line 2: has the id '1' of another passage again",
        ),
        ([{"body": "x", "n": 1}, {"body": "y"}], "no two passages are about the same"),
    ],
)
def test_too_little_is_one_line(write_jsonl: Make, rows: list[dict[str, Any]], said: str) -> None:
    with pytest.raises(InputError, match=said):
        list(opened(f"passages:{write_jsonl(rows)}"))


def test_a_folder_of_binaries_is_one_line(tmp_path: Path) -> None:
    folder = tmp_path / "photos"
    folder.mkdir()
    for number in range(3):
        (folder / f"{number}.txt").write_bytes(b"\x89PNG\0\0")
    (folder / "x.jpg").write_bytes(b"\xff\xd8")
    with pytest.raises(
        InputError, match=r"photos: holds no passage \(left out: files that are no text"
    ) as caught:
        list(opened(f"passages:{folder}"))
    assert "files of another type, '.jpg' (1)" in str(caught.value)


@pytest.mark.parametrize(
    ("name", "said"),
    [
        ("passages:", "names no file"),
        ("passages:none", "no such file or folder"),
        ("passages:none.csv", "no such file or folder"),
        (
            "passages:docs/none",
            "docs/none: is no file or folder here, and as a data set: docs/none: cannot be read",
        ),
        ("passages:notes.xlsx", "is of no kind that can be read"),
        (".", "is a folder; write passages:."),
        ("table.csv", "write passages:table.csv"),
    ],
)
def test_a_wrong_source_says_what_to_write(name: str, said: str, tmp_path: Path, monkeypatch: Any) -> None:
    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr("huggingface_hub.constants.ENDPOINT", "http://127.0.0.1:9")
    (tmp_path / "notes.xlsx").write_bytes(b"PK")
    (tmp_path / "table.csv").write_text("text\na\n")
    with pytest.raises(InputError, match=said):
        opened(name)


def test_columns_are_no_options_of_documents(guides: Path) -> None:
    with pytest.raises(InputError, match="--text body: names a column"):
        opened(f"passages:{guides}", text="body")


@pytest.mark.parametrize("place", ["passages.store._TABLES", "shared_phrases._TABLES"])
def test_a_full_folder_of_temporary_files_is_named(write_jsonl: Make, monkeypatch: Any, place: str) -> None:
    module, name = f"dualview.dataset_builder.sources.{place}".rsplit(".", 1)
    tables = getattr(importlib.import_module(module), name)
    monkeypatch.setattr(f"{module}.{name}", f"{tables} PRAGMA max_page_count = 12;")
    with pytest.raises(InputError, match=r"no room for its passages.*full.*set TMPDIR to a larger one"):
        list(opened(f"passages:{write_jsonl(towns(200))}"))
