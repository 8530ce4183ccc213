"""Bytes of a file as text: its encoding is found out where it is not UTF-8."""

from __future__ import annotations

import codecs
from dataclasses import dataclass

from charset_normalizer import from_bytes

_MARKS = (
    # The marks of UTF-32 start with those of UTF-16.
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
    (codecs.BOM_UTF8, "utf-8-sig"),
)
UTF8 = "utf-8"
# Guessing takes long, and the encoding shows in the beginning.
_GUESSED_BYTES = 64 * 2**10
_MOST_CHAOS = 0.2
# Characters that no text has but those between its lines, and the escapes of terminals.
_CONTROL = frozenset(range(32)) - frozenset(b"\t\n\f\r\v\x1b\x1c\x1d\x1e\x1f\x08")


@dataclass(frozen=True)
class Decoded:
    """A text and the encoding in which it was."""

    text: str
    encoding: str


def decode(data: bytes) -> Decoded | None:
    """The text of a file; None where the bytes are no text in any encoding that can be recognised."""
    for mark, encoding in _MARKS:
        if data.startswith(mark):
            return _decode_as(data, encoding)
    if b"\0" in data:
        return None
    if found := _decode_as(data, UTF8):
        return found
    if sum(byte in _CONTROL for byte in data[:1024]) > 1:
        return None
    # Cut after a line: half a character would hide the encoding.
    sample = data[:_GUESSED_BYTES]
    guessed = from_bytes(sample[: sample.rfind(b"\n") + 1] or sample).best()
    if guessed is None or guessed.chaos > _MOST_CHAOS:
        return None
    return _decode_as(data, guessed.encoding)


def _decode_as(data: bytes, encoding: str) -> Decoded | None:
    try:
        text = data.decode(encoding)
        text.encode("utf-8")
    except UnicodeError:
        return None
    if "\0" in text:
        return None
    name = UTF8 if encoding == "utf-8-sig" else encoding
    return Decoded(text.replace("\r\n", "\n").replace("\r", "\n"), name)
