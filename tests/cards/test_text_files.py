"""Text files as people bring them: the same content in any encoding, and one line for every fault."""

from __future__ import annotations

import codecs
import gzip
from pathlib import Path

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards import text_files
from dualview.cards.errors import InputError
from dualview.cards.text_files import (
    find_file,
    read_cells,
    read_json,
    read_lines,
    read_objects,
    read_table,
    read_text,
)

LINES = "q1\td1\t1\n\n  \nq2\tdé\u2028\u4e2d\t0\n"
READ = [(1, "q1\td1\t1"), (4, "q2\tdé\u2028\u4e2d\t0")]
FORMS = {
    "utf-8": LINES.encode(),
    "mark": codecs.BOM_UTF8 + LINES.encode(),
    "two marks": 2 * codecs.BOM_UTF8 + LINES.encode(),
    "crlf": LINES.replace("\n", "\r\n").encode(),
    "cr": LINES.replace("\n", "\r").encode(),
    "utf-16": LINES.encode("utf-16"),
    "utf-16-be": codecs.BOM_UTF16_BE + LINES.replace("\n", "\r\n").encode("utf-16-be"),
    "utf-32": LINES.encode("utf-32"),
    "no last line end": LINES.encode().rstrip(b"\n"),
    "gzip": gzip.compress(LINES.encode()),
    "gzip of utf-16": gzip.compress(LINES.encode("utf-16")),
    "several gzip members": gzip.compress(LINES[:4].encode()) + gzip.compress(LINES[4:].encode()),
}


@pytest.mark.parametrize("form", FORMS)
@pytest.mark.parametrize("name", ["run.txt", "run.txt.gz"])
def test_the_same_lines_in_any_form_and_under_any_name(tmp_path: Path, form: str, name: str) -> None:
    path = tmp_path / name
    path.write_bytes(FORMS[form])
    assert list(read_lines(path)) == READ
    assert list(read_cells(path)) == [(number, line.split("\t")) for number, line in READ]
    assert read_text(path).rstrip("\n") == LINES.rstrip("\n")


@given(st.text(st.characters(exclude_characters="\0\r\n\ufeff", exclude_categories=["Cs"]), min_size=1))
def test_any_line_is_read_as_it_was_written(tmp_path_factory: pytest.TempPathFactory, line: str) -> None:
    path = tmp_path_factory.mktemp("any") / "file"
    for encoding in ("utf-8", "utf-8-sig", "utf-16"):
        path.write_bytes(f"{line}\nlast".encode(encoding))
        assert list(read_lines(path)) == ([(1, line)] if line.strip() else []) + [(2, "last")]


def test_a_mark_in_the_middle_of_a_joined_file_is_dropped(tmp_path: Path) -> None:
    path = tmp_path / "joined"
    path.write_bytes(codecs.BOM_UTF8 + b"a\n" + codecs.BOM_UTF8 + b"b\n")
    assert list(read_lines(path)) == [(1, "a"), (2, "b")]


@pytest.mark.parametrize(
    ("content", "message"),
    [
        (b"a\nb\xff\n", "line 2: is not UTF-8 text; save the file as UTF-8"),
        (b"a\n\n" + b"x" * 40_000 + b"\ncaf\xe9\n", "line 4: is not UTF-8"),
        ("a\nb\n".encode("utf-16-le"), "line 1: is not UTF-8"),
        (codecs.BOM_UTF16_LE + "ab\n".encode("utf-16-le") + b"\x00\xd8\n\x00", "line 2: is not UTF-8"),
        (codecs.BOM_UTF16_LE + b"a\x00b", "ends inside a character"),
        (gzip.compress(b"a\n" * 99, mtime=0)[:-9], "is not a whole gzip file"),
        (gzip.compress(b"a\n", mtime=0)[:12] + b"\xff" * 9, "is not a whole gzip file"),
        (b"a\0b\n", "line 1: is not UTF-8"),
    ],
)
def test_what_is_no_text_is_named_by_its_line(tmp_path: Path, content: bytes, message: str) -> None:
    path = tmp_path / "file"
    path.write_bytes(content)
    for read in (lambda: list(read_lines(path)), lambda: read_text(path)):
        with pytest.raises(InputError) as caught:
            read()
        said = str(caught.value)
        assert message in said and str(path) in said and "\n" not in said


def test_what_cannot_be_opened_is_named(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="no such file"):
        list(read_lines(tmp_path / "none"))
    with pytest.raises(InputError, match="it is a folder"):
        read_text(tmp_path)


def test_a_gzip_file_is_unpacked_up_to_a_limit(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    path = tmp_path / "bomb.gz"
    path.write_bytes(gzip.compress(b"0\n" * 500_000))
    assert sum(1 for _ in read_lines(path)) == 500_000
    monkeypatch.setattr(text_files, "MAX_UNPACKED", 2**19)
    monkeypatch.setattr(text_files, "MAX_RATIO", 10)
    with pytest.raises(InputError, match="unpacks to more than 0 MiB; if it really is that large"):
        list(read_lines(path))
    with pytest.raises(InputError, match="unpacks to more"):
        read_text(path)


def test_a_line_has_a_limit(tmp_path: Path) -> None:
    path = tmp_path / "long"
    path.write_text("ab\nabcdef\n")
    assert list(read_lines(path, max_line=7)) == [(1, "ab"), (2, "abcdef")]
    with pytest.raises(InputError, match="line 2: is longer than 5 characters"):
        list(read_lines(path, max_line=5))


def test_tables_with_quotes_and_their_lines(tmp_path: Path) -> None:
    path = tmp_path / "table.csv"
    path.write_bytes(codecs.BOM_UTF8 + b'id,text\r\n1,"two\r\nlines, one cell"\r\n2,x\r\n')
    assert list(read_table(path)) == [
        (3, {"id": "1", "text": "two\r\nlines, one cell"}),
        (4, {"id": "2", "text": "x"}),
    ]
    path.write_text(f"id\n{'x' * 200_000}\n")
    with pytest.raises(InputError, match="line 2: is no row of a table"):
        list(read_table(path))


def test_json_lines_and_their_faults(tmp_path: Path) -> None:
    path = tmp_path / "rows.jsonl"
    path.write_bytes(codecs.BOM_UTF8 + b'\n{"a": 1}\n\n{"b": [2]}\n')
    assert list(read_objects(path)) == [(2, {"a": 1}), (4, {"b": [2]})]
    for content, message in (
        (b'{"a": 1}\n[1]', "line 2: is no JSON object"),
        (b'\n{"a"', "line 2: is not JSON (Expecting ':' delimiter at column 5)"),
        (b'{"a": 1, "b": {"c": 1, "c": 2}}', "line 1: has the key 'c' twice"),
        (b"[" * 100_000, "line 1: is nested too deeply"),
        (b'{"a": ' + b"9" * 10_000 + b"}", "line 1: is nested too deeply or holds too long a number"),
    ):
        path.write_bytes(content)
        with pytest.raises(InputError) as caught:
            list(read_objects(path))
        assert message in str(caught.value)


def test_a_file_of_one_json_value(tmp_path: Path) -> None:
    path = tmp_path / "value.json"
    path.write_bytes('["é"]'.encode("utf-16"))
    assert read_json(path) == ["é"]
    path.write_text("{")
    with pytest.raises(InputError, match=r"value\.json: is not JSON"):
        read_json(path)


def test_files_are_found_under_their_name_or_gzipped(tmp_path: Path) -> None:
    (tmp_path / "b.tsv.gz").touch()
    assert find_file(tmp_path, "a.tsv", "b.tsv") == tmp_path / "b.tsv.gz"
    (tmp_path / "b.tsv").touch()
    assert find_file(tmp_path, "b.tsv") == tmp_path / "b.tsv"
    assert find_file(tmp_path, "c.tsv") is None
