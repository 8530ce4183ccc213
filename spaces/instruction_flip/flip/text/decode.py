"""Text of the bytes of a file: byte-order marks, line ends, and files that are no text."""

from __future__ import annotations

import codecs

from flip.types import FlipError

#: Longer marks first, as that of UTF-16 begins that of UTF-32.
_MARKS = (
    (codecs.BOM_UTF32_LE, "utf-32"),
    (codecs.BOM_UTF32_BE, "utf-32"),
    (codecs.BOM_UTF16_LE, "utf-16"),
    (codecs.BOM_UTF16_BE, "utf-16"),
)
_ARCHIVES = (
    b"PK\x03\x04",
    b"PK\x05\x06",
    b"\x1f\x8b",
    b"BZh",
    b"\xfd7zXZ",
    b"7z\xbc\xaf",
    b"Rar!",
    b"\x28\xb5\x2f\xfd",
)


def decode(data: bytes, name: str) -> str:
    """Decode UTF-8, or UTF-16 and UTF-32 with a byte-order mark; lines end in a line feed, without a mark.

    :param name: the file's name in error messages.
    :raises FlipError: if it is an archive, or not such text.
    """
    if data.startswith(_ARCHIVES):
        raise FlipError(f"{name} is an archive. Unpack it and upload the text file.")
    encoding = next((found for mark, found in _MARKS if data.startswith(mark)), "utf-8")
    try:
        text = data.decode(encoding)
    except UnicodeDecodeError as error:
        if encoding != "utf-8":
            raise FlipError(f"{name} is damaged {encoding.upper()} text. Save it as UTF-8 text.") from error
        line = data[: error.start].count(b"\n") + 1
        raise FlipError(f"{name}, line {line}: not UTF-8. Save the file as UTF-8 text.") from error
    if "\0" in text:
        raise FlipError(f"{name} is not UTF-8 text. Save it as UTF-8 text and upload it again.")
    return text.lstrip("\ufeff").replace("\r\n", "\n").replace("\r", "\n")
