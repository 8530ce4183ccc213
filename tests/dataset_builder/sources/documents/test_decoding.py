"""Bytes as text: encodings that are recognised, and bytes that are no text."""

from __future__ import annotations

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.dataset_builder.sources.documents.decoding import decode

GERMAN = "Für die Größe der Straße gilt: möglichst schön und natürlich überall müde Füße.\n" * 3
RUSSIAN = "Сегодня мы будем готовить хлеб на закваске и расскажем, сколько это стоит.\n" * 5
JAPANESE = "今日はパンの作り方を学びます。値段も説明します。\n" * 5


@pytest.mark.parametrize(
    ("text", "encoding"),
    [
        (GERMAN, "utf-8"),
        (GERMAN, "utf-8-sig"),
        (GERMAN, "utf-16"),
        (GERMAN, "utf-32"),
        (GERMAN, "latin-1"),
        (RUSSIAN, "cp1251"),
        (JAPANESE, "shift_jis"),
    ],
)
def test_encodings_are_recognised(text: str, encoding: str) -> None:
    found = decode(text.encode(encoding))
    assert found is not None and found.text == text
    assert (found.encoding == "utf-8") == encoding.startswith("utf-8")


def test_line_ends_become_one_kind() -> None:
    found = decode(b"a\r\nb\rc\n")
    assert found is not None and found.text == "a\nb\nc\n"


@pytest.mark.parametrize(
    "data",
    [
        b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR",
        bytes(range(1, 256)) * 20,
        "half \ud800".encode("utf-16", "surrogatepass"),
    ],
)
def test_binaries_are_no_text(data: bytes) -> None:
    assert decode(data) is None


@given(st.binary(max_size=300))
def test_any_bytes_are_text_that_a_file_can_hold_or_none(data: bytes) -> None:
    found = decode(data)
    assert found is None or ("\0" not in found.text and found.text.encode("utf-8") is not None)
