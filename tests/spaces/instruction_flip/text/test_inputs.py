"""Typed and uploaded text: limits, error messages, and arbitrary input."""

from __future__ import annotations

import gzip
import json
import zipfile
from pathlib import Path

import pytest
from flip.text.decode import decode
from flip.text.inputs import (
    MAX_PASSAGE_CHARS,
    MAX_PASSAGES,
    MAX_TOTAL_CHARS,
    clean,
    make_example,
    make_passages,
    one_line,
    split_passages,
)
from flip.text.upload import MAX_FILE_BYTES, join_passages, parse_passages
from flip.types import FlipError
from hypothesis import example, given
from hypothesis import strategies as st

WILD = st.text(st.characters(), max_size=200)


@given(WILD)
@example("\x00a\u202eb\r\nc\ud800")
def test_cleaned_text_holds_no_control_characters_and_can_be_sent(text: str) -> None:
    cleaned = clean(text)
    cleaned.encode("utf-8")
    assert not any((ord(char) < 32 and char not in "\n\t") or 127 <= ord(char) < 160 for char in cleaned)
    assert clean(cleaned) == cleaned


@given(st.lists(WILD, max_size=5), WILD, WILD, WILD)
def test_any_text_makes_an_example_or_one_plain_line(
    texts: list[str], query: str, first: str, second: str
) -> None:
    try:
        made = make_example(query, first, second, texts)
    except FlipError as error:
        assert "\n" not in str(error)
        assert str(error).endswith(".")
    else:
        assert len(made.passages) == len(texts)
        assert all(passage.joined.strip() for passage in made.passages)


def test_paragraphs_are_passages_and_a_short_first_line_is_the_title() -> None:
    texts = split_passages("One\nfirst body\n \nSecond body only\n\n\n" + "x" * 130 + "\nlong first line")
    passages = make_passages(texts)
    assert [(passage.title, passage.text[:12]) for passage in passages] == [
        ("One", "first body"),
        ("", "Second body "),
        ("", "x" * 12),
    ]
    assert [passage.docid for passage in passages] == ["p001", "p002", "p003"]


@pytest.mark.parametrize(
    ("texts", "message"),
    [
        ([], "There are no passages"),
        (["a"], "only one passage"),
        (["a"] * (MAX_PASSAGES + 1), "There are 201 passages; the limit is 200"),
        (["a", "  "], "Passage 2 is empty"),
        (["a", "x" * (MAX_PASSAGE_CHARS + 1)], "Passage 2 has 20,001 characters; the limit is 20,000"),
        (["x" * MAX_TOTAL_CHARS, "a"], "1,000,001 characters; the limit is 1,000,000"),
    ],
)
def test_limits_of_passages(texts: list[str], message: str) -> None:
    with pytest.raises(FlipError, match=message):
        make_passages(texts)


def test_two_hundred_passages_are_allowed() -> None:
    assert len(make_passages(["a"] * MAX_PASSAGES)) == 200


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        ((None, "a", "b", ["x", "y"]), "The query is empty"),
        (("q" * 1001, "a", "b", ["x", "y"]), "The query has 1,001 characters; the limit is 1,000"),
        (("q", " ", "b", ["x", "y"]), "Instruction A is empty"),
        (("q", "a", "b" * 9_000_000, ["x", "y"]), "Instruction B has 9,000,000 characters"),
        (("q", "a  b", "a b", ["x", "y"]), "Both instructions are the same"),
        (("q", "a", "b", ["x", "y"], 3, 1), "passage number for A must be a whole number from 1 to 2"),
        (("q", "a", "b", ["x", "y"], 1.5, 1), "must be a whole number"),
        (("q", "a", "b", ["x", "y"], 1, 1), "Both instructions want the same passage"),
    ],
)
def test_what_is_wrong_is_said(arguments: tuple, message: str) -> None:
    with pytest.raises(FlipError, match=message):
        make_example(*arguments)


def test_one_label_alone_judges_nothing() -> None:
    assert not make_example("q", "a", "b", ["x", "y"], 1, 0).labelled
    assert make_example("q", "a", "b", ["x", "y"], 1, 2).labelled


def test_a_query_is_one_line() -> None:
    assert one_line(" two\n  lines\t", "It", 20) == "two lines"


def save(folder: Path, name: str, content: str | bytes) -> Path:
    path = folder / name
    path.write_bytes(content.encode() if isinstance(content, str) else content)
    return path


def read_passages(path: Path) -> list[str]:
    return parse_passages(path.read_bytes(), path.name)


@pytest.mark.parametrize(
    ("name", "content", "passages"),
    [
        ("a.txt", "One\nbody\n\ntwo", ["One\nbody", "two"]),
        ("a.TXT", "\ufeffone\r\n\r\ntwo", ["one", "two"]),
        ("a.jsonl", '"one"\n\n{"title": "T", "text": "b"}\n{"passage": "p"}', ["one", "T\nb", "p"]),
        ("a.csv", "title,text\nT,b\n,only text\n", ["T\nb", "only text"]),
        ("a.csv", 'Text;Nr\n"a; b";1\n"multi\nline";2\n', ["a; b", "multi\nline"]),
        ("a.csv", "one\ntwo\n", ["one", "two"]),
        ("a.csv", 'text,nr\r\n"a, b",1,,\r\n\r\nc\r\n', ["a, b", "c"]),
        ("a.csv", "\ufefftitle,text\nT,b\n".encode("utf-8"), ["T\nb"]),
        ("a.csv", "title;text\r\nT;ü\r\n".encode("utf-16"), ["T\nü"]),
        ("a.jsonl", '\ufeff"one"\r\n"two"'.encode("utf-16-be"), ["one", "two"]),
        ("a.txt", "\ufeffone\n\ntwo".encode("utf-32-le"), ["one", "two"]),
        ("a.txt", "one\r\rtwo", ["one", "two"]),
    ],
)
def test_files_are_read(tmp_path: Path, name: str, content: str, passages: list[str]) -> None:
    assert read_passages(save(tmp_path, name, content)) == passages


@pytest.mark.parametrize(
    ("name", "content", "message"),
    [
        ("a.pdf", "x", "unknown file type"),
        ("a.txt", "", "contains no passages"),
        ("a.txt", b"\xff\xfe\x00a\x00", "is damaged UTF-16 text"),
        ("a.txt", "text".encode("utf-16-le"), "is not UTF-8 text"),
        ("a.txt", b"ok\nna\xefve", "line 2: not UTF-8"),
        ("a.txt", b"null\x00byte", "is not UTF-8 text"),
        ("a.jsonl", '"one"\n{', "line 2: not JSON"),
        ("a.jsonl", "[" * 100_000, "line 1: not JSON"),
        ("a.jsonl", "9" * 10_000, "line 1: not JSON"),
        ("a.jsonl", '{"body": 3}', "line 1: needs a string"),
        ("a.jsonl", '\n\n{"text": null}', "line 3: needs a string"),
        ("a.jsonl", '{"text": "a", "title": 3}', "line 1: needs a string"),
        ("a.jsonl", '{"text": "a", "text": "b"}', "line 1: names a field twice"),
        (
            "a.csv",
            "title,text\nOpening,We open at nine, and close at five.\n",
            "line 2: has 3 cells, but .* names 2",
        ),
        ("a.csv", "text\nWe open at nine, and close at five.\n", "line 2: has 2 cells, but .* names 1"),
        ("a.csv", 'text\n"two\nlines"\n\na,b\n', "line 5: has 2 cells"),
        ("a.csv", "title,text\nT\n", "line 2: has no text"),
        ("a.csv", "text,title,text\na,b,c\n", "the column 'text' twice"),
        ("a.csv", "a,b\n1,2\n", "needs a column 'text'"),
        ("a.csv", '"' + "x" * 200_000 + '"\n', "not CSV"),
        ("a.txt", "p\n\n" * 201, "more than 200 passages"),
        ("a.jsonl", '"p"\n' * 10_000, "more than 200 passages"),
        ("a.csv", "p\n" * 10_000, "more than 200 passages"),
        ("a.txt", "x" * (MAX_TOTAL_CHARS + 1), "1,000,001 characters"),
        ("a.txt", b"x" * (MAX_FILE_BYTES + 1), "5,000,001 bytes; the limit is 5,000,000"),
        ("a.txt", gzip.compress(b"0" * 10_000_000, mtime=0), "is an archive"),
    ],
)
def test_bad_files_are_told_in_one_line(
    tmp_path: Path, name: str, content: str | bytes, message: str
) -> None:
    with pytest.raises(FlipError, match=message) as caught:
        read_passages(save(tmp_path, name, content))
    assert "\n" not in str(caught.value)
    assert str(tmp_path) not in str(caught.value)


def test_marks_at_the_start_of_pasted_text_are_no_part_of_it() -> None:
    assert split_passages("\ufeffone\n\n\ufefftwo") == ["one", "two"]
    assert one_line("\ufeffquery", "It", 20) == "query"


@given(st.text(st.characters(codec="utf-8", exclude_characters="\0\ufeff\r"), max_size=50))
@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "utf-16", "utf-32"])
def test_text_is_the_same_in_every_encoding_and_with_every_line_end(encoding: str, text: str) -> None:
    for end in ("\n", "\r\n", "\r"):
        data = text.replace("\n", end).encode(encoding)
        if not data.startswith((b"BZh", b"Rar!", b"PK")):
            assert decode(data, "a.txt") == text


def test_a_zip_bomb_is_not_unpacked(tmp_path: Path) -> None:
    path = tmp_path / "bomb.csv"
    with zipfile.ZipFile(path, "w", zipfile.ZIP_DEFLATED) as archive:
        archive.writestr("text.csv", b"0" * 20_000_000)
    with pytest.raises(FlipError, match="is an archive"):
        read_passages(path)


@given(st.binary(max_size=300), st.sampled_from([".txt", ".jsonl", ".csv"]))
def test_any_file_gives_passages_or_one_plain_line(
    tmp_path_factory: pytest.TempPathFactory, content: bytes, suffix: str
) -> None:
    path = save(tmp_path_factory.getbasetemp(), f"wild{suffix}", content)
    try:
        passages = read_passages(path)
    except FlipError as error:
        assert "\n" not in str(error)
    else:
        assert passages


@given(st.lists(st.text(st.characters(codec="utf-8"), min_size=1, max_size=50), min_size=2, max_size=5))
def test_what_a_file_fills_in_comes_out_as_so_many_passages(texts: list[str]) -> None:
    texts = [text for text in map(clean, texts) if text]
    assert len(split_passages(join_passages(texts))) == len(texts)


def test_jsonl_of_two_shapes_survives_the_form(tmp_path: Path) -> None:
    rows = [{"title": "T", "text": "a\n\nb"}, "c"]
    path = save(tmp_path, "a.jsonl", "\n".join(json.dumps(row) for row in rows))
    passages = make_passages(split_passages(join_passages(read_passages(path))))
    assert [(passage.title, passage.text) for passage in passages] == [("T", "a\nb"), ("", "c")]
