"""Reading JSON lines: what is right comes through whole, what is wrong is one clear line."""

from __future__ import annotations

import gzip
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from dualview.cards import text_files
from dualview.cards.errors import InputError
from dualview.dataset_builder import json_rows
from dualview.dataset_builder.json_rows import Row, read_rows

one_file_for_all = settings(
    max_examples=60, suppress_health_check=[HealthCheck.function_scoped_fixture], deadline=None
)


def read(path: Path) -> list[tuple[int, dict[str, object]]]:
    return [(number, dict(row.fields)) for number, row in read_rows(path)]


def written(folder: Path, content: bytes, name: str = "own.jsonl") -> Path:
    path = folder / name
    path.write_bytes(content)
    return path


def test_blank_lines_are_passed_over_and_counted(tmp_path: Path) -> None:
    assert read(written(tmp_path, b'\n{"a": 1}\r\n  \n{"b": "\xc3\xa9"}')) == [(2, {"a": 1}), (4, {"b": "é"})]


def test_a_byte_order_mark_is_no_text(tmp_path: Path) -> None:
    assert read(written(tmp_path, b'\xef\xbb\xbf{"a": 1}\n')) == [(1, {"a": 1})]


@pytest.mark.parametrize("encoding", ["utf-16", "utf-32"])
def test_other_encodings_are_known_by_their_mark(tmp_path: Path, encoding: str) -> None:
    assert read(written(tmp_path, '\n{"a": "é"}\r\n'.encode(encoding))) == [(2, {"a": "é"})]


@pytest.mark.parametrize("name", ["own.jsonl.gz", "own.jsonl"])
def test_a_compressed_file_is_known_by_its_content(tmp_path: Path, name: str) -> None:
    assert read(written(tmp_path, gzip.compress(b'{"a": 1}\n'), name)) == [(1, {"a": 1})]
    assert read(written(tmp_path, b'{"a": 1}\n', name)) == [(1, {"a": 1})]


def test_a_compressed_file_has_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(text_files, "MAX_UNPACKED", 2**20)
    monkeypatch.setattr(text_files, "MAX_RATIO", 1)
    with pytest.raises(InputError, match="unpacks to more than 1 MiB"):
        read(written(tmp_path, gzip.compress(b'{"a": 1}\n' * 2**18)))


@pytest.mark.parametrize(
    ("content", "fault"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b'{"a": 1}\n{"a": \n', "line 2: is not JSON"),
        (b'{"a": 1} {"b": 2}\n', "line 1: is not JSON"),
        (b"[1, 2]\n", "line 1: is no JSON object"),
        (b'"text"\n', "line 1: is no JSON object"),
        (b"null\n", "line 1: is no JSON object"),
        (b'{"a": "\xe9"}\n', "line 1: is not UTF-8 text"),
        ('{"a": 1}\n'.encode("utf-16-le"), "line 1: is not UTF-8 text; save the file as UTF-8"),
        (b'{"a": "\0"}\n', "line 1: is not UTF-8 text; save the file as UTF-8"),
        (b'{"a": 1, "a": 2}\n', "line 1: has the key 'a' twice; keep one of them"),
        (b'{"a": {"b": 1, "b": 2}}\n', "line 1: has the key 'b' twice"),
        (b"[" * 100_000 + b"\n", "line 1: is nested too deeply"),
        (b'{"a": ' + b"9" * 5000 + b"}\n", "too long a number"),
    ],
)
def test_what_is_wrong_with_a_file_is_said_with_its_place(tmp_path: Path, content: bytes, fault: str) -> None:
    path = written(tmp_path, content)
    with pytest.raises(InputError) as caught:
        read(path)
    message = str(caught.value)
    assert message.startswith(str(path)) and fault in message and "\n" not in message


def test_a_line_of_ten_megabytes_is_refused(tmp_path: Path) -> None:
    path = written(tmp_path, b'{"a": 1}\n{"text": "' + b"x" * 10_000_000 + b'"}\n')
    with pytest.raises(InputError, match="line 2: is longer than 8,388,608 characters"):
        read(path)


def test_of_an_endless_line_no_more_is_read_than_shows_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(json_rows, "MAX_LINE", 9)
    assert read(written(tmp_path, b'{"a": 1}\n')) == [(1, {"a": 1})]
    with pytest.raises(InputError, match="line 1: is longer"):
        read(written(tmp_path, b'{"a": 12}\n'))


def test_a_missing_file_a_folder_and_a_cut_off_archive(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        read(tmp_path / "none.jsonl")
    with pytest.raises(InputError, match="it is a folder"):
        read(tmp_path)
    whole = gzip.compress(b'{"a": 1}\n' * 1000)
    with pytest.raises(InputError, match="is not a whole gzip file"):
        read(written(tmp_path, whole[:-20], "cut.jsonl.gz"))


@pytest.mark.parametrize(
    ("value", "fault"),
    [
        (None, "lacks the field 'text'"),
        (3, "is a number; make it a string"),
        (True, "is true or false"),
        ([], "is a list"),
        ({}, "is an object"),
        ("  \n", "is empty"),
        ("a\0b", "NUL character"),
        ("\ud800", "half of a surrogate pair"),
    ],
)
def test_a_text_must_be_one(value: object, fault: str) -> None:
    with pytest.raises(InputError) as caught:
        Row("own.jsonl, line 7", {"text": value}).text("text")
    assert str(caught.value).startswith("own.jsonl, line 7: ") and fault in str(caught.value)


def test_nested_fields_are_named_by_their_place() -> None:
    row = Row("own.jsonl, line 7", {"list": [{"text": "yes"}, {"text": 1}], "flag": True, "count": 2})
    first, second = row.rows("list")
    assert first.text("text") == "yes"
    with pytest.raises(InputError, match=r"line 7, list\[1\]: the field 'text' is a number"):
        second.text("text")
    with pytest.raises(InputError, match="'flag' is true or false; make it a list"):
        row.rows("flag")
    with pytest.raises(InputError, match="'flag' is true or false; make it a whole number"):
        row.integer("flag")
    assert row.integer("count") == 2 and row.rows("absent") == []
    with pytest.raises(InputError, match="lacks the field 'absent'"):
        row.nested("absent")


@one_file_for_all
@given(st.binary(max_size=200))
def test_any_bytes_give_objects_or_one_line_of_error(tmp_path: Path, content: bytes) -> None:
    path = written(tmp_path, content)
    try:
        rows = read(path)
    except InputError as error:
        assert str(error).startswith(str(path)) and "\n" not in str(error)
    else:
        assert rows and all(isinstance(fields, dict) for _, fields in rows)


json_values = st.recursive(
    st.none() | st.booleans() | st.integers(-(2**60), 2**60) | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(), inner, max_size=3),
    max_leaves=8,
)


@one_file_for_all
@given(st.lists(st.dictionaries(st.text(), json_values, max_size=4), min_size=1, max_size=5))
def test_what_json_writes_is_read_back(tmp_path: Path, objects: list[dict[str, object]]) -> None:
    content = "".join(json.dumps(value) + "\n" for value in objects)
    assert read(written(tmp_path, content.encode())) == list(enumerate(objects, start=1))
