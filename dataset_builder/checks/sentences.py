"""Counts and divides sentences without stumbling over abbreviations, initials, decimals and addresses."""

from __future__ import annotations

import re
from collections.abc import Iterator

from dualview.dataset_builder.checks.words import ABBREVIATIONS, BEFORE_NUMBERS

# Closing quotation marks and brackets, straight and curly.
_CLOSING = "\"'\u201d\u2019\u00bb)\\]\u300d\u300f\uff09"
_END = re.compile(rf"(?P<stop>[.!?\u2026]+)[{_CLOSING}]*(?=\s|$)")
# Chinese, Japanese, Hindi, Arabic and Urdu; the first two put no space after a sentence.
_OTHER_END = re.compile(rf"[\u3002\uff01\uff1f\uff61\u0964\u061f\u06d4]+[{_CLOSING}]*")
_LAST_WORD = re.compile(r"[^\s(\[\"'\u201c\u2018\u00ab]*$")
_INITIALS = re.compile(r"(?:\w\.)*\w")


def count_sentences(text: str) -> int:
    """Number of sentences of a text; each line is at least one. Doubtful stops do not count."""
    return sum(_count_in_line(line) for line in text.splitlines() if any(map(str.isalnum, line)))


def _count_in_line(line: str) -> int:
    if not line.isascii():
        line = _OTHER_END.sub(lambda match: "! " if match.end() < len(line) else "!", line)
    ends = [match for match in _END.finditer(line) if _ends_sentence(line, match)]
    if not ends:
        return 1
    rest = line[ends[-1].end() :]
    return len(ends) + any(map(str.isalnum, rest))


def _ends_sentence(line: str, match: re.Match[str]) -> bool:
    rest = line[match.end() :].lstrip()
    if not rest:
        return True
    first = next((character for character in rest if character.isalnum()), "")
    if first.islower():
        return False
    if match["stop"] != ".":
        return True
    found = _LAST_WORD.search(line[: match.start()])
    word = found[0].lower() if found else ""
    if word.isdigit() and len(word) < 3 and not line[: match.start()].rstrip("0123456789").strip():
        return False  # the number of a list item
    if word in BEFORE_NUMBERS and first.isdigit():
        return False
    return word not in ABBREVIATIONS and not _INITIALS.fullmatch(word)


def split_sentences(text: str) -> list[str]:
    """The sentences of a text, each without white space around it; a line's end also ends a sentence."""
    found = (part.strip() for line in text.splitlines() for part in _parts(line))
    return [sentence for sentence in found if sentence]


def _parts(line: str) -> Iterator[str]:
    ends = [match.end() for match in _END.finditer(line) if _ends_sentence(line, match)]
    ends += [match.end() for match in _OTHER_END.finditer(line)]
    begin = 0
    for end in [*sorted(ends), len(line)]:
        yield line[begin:end]
        begin = end
