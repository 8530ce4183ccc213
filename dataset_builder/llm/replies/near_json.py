r"""Reads objects that are nearly JSON, as models write them.

Repaired: a comma before a closing bracket, missing braces at the end, curly quotes around names and values,
and escapes that JSON does not know, such as ``\'``. A string, a list or a number without an end is not
repaired: it was cut off.
"""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

# Repairs look at this many characters from the start of an object, which bounds their time.
_LONGEST = 20_000
_STARTS = 3
_QUOTES = '"\u201c\u201d\u201e\u201f'
_CLOSING = {"{": "}", "[": "]"}
# Follows a string whose end is a curly quote, and hardly ever such a quote within a text.
_AFTER_A_STRING = re.compile(rf"\s*(?:[}}\]]|,\s*[{_QUOTES}]|:\s*[{_QUOTES}\[{{\d])")
_DECODER = json.JSONDecoder(strict=False)


def with_names(value: Mapping[str, Any], wanted: Sequence[str]) -> dict[str, Any]:
    """The object with its fields under the wanted names, where only case, spaces or hyphens differ."""
    found = dict(value)
    if all(name in found for name in wanted):
        return found
    written = {_plain(name): name for name in reversed(list(value))}
    for name in wanted:
        if name not in found and _plain(name) in written:
            found[name] = value[written[_plain(name)]]
    return found


def repaired_objects(text: str, name: str) -> Iterator[dict[str, Any]]:
    """The objects in a text that hold a field after repair, the last one first.

    :param name: of the field, in whatever case.
    """
    words = r"[\s_-]?".join(map(re.escape, re.split(r"[\s_-]", name)))
    names = [match.start() for match in re.finditer(rf"[{_QUOTES}']\s*{words}\s*[{_QUOTES}']", text, re.I)]
    if not names:
        return
    end = names[-1]
    for _ in range(_STARTS):
        end = text.rfind("{", 0, end)
        if end < 0:
            return
        for curly in (False, True):
            try:
                value, _length = _DECODER.raw_decode(_repair(text[end : end + _LONGEST], curly))
            except (ValueError, RecursionError):
                continue
            if isinstance(value, dict):
                yield value


def _repair(text: str, curly: bool) -> str:
    """The text as JSON, as far as the object at its start goes.

    :param curly: curly quotes end a string, not only straight ones.
    """
    out: list[str] = []
    open_brackets: list[str] = []
    place = 0
    while place < len(text):
        sign = text[place]
        place += 1
        if sign in _QUOTES:
            string, place = _string(text, place, curly)
            out.append(string)
        elif sign in "}]":
            _drop_comma(out)
            out.append(sign)
            if open_brackets:
                open_brackets.pop()
            if not open_brackets:
                return "".join(out)
        else:
            if sign in _CLOSING:
                open_brackets.append(_CLOSING[sign])
            out.append(sign)
    _drop_comma(out)
    # A list or a number at the end may have lost a part of itself.
    whole = "".join(out).rstrip().endswith(('"', "}", "]"))
    if not whole or "]" in open_brackets:
        raise ValueError("cut off within a value")
    return "".join(out + open_brackets)


def _string(text: str, place: int, curly: bool) -> tuple[str, int]:
    """A string from behind its first quote, in JSON's spelling, and where it ends.

    :raises ValueError: if it has no end.
    """
    out = ['"']
    while place < len(text):
        sign = text[place]
        place += 1
        if sign == "\\" and place < len(text):
            out.append(f"\\{text[place]}" if text[place] in '"\\/bfnrtu' else text[place])
            place += 1
        elif sign == '"' or (curly and sign in _QUOTES and _AFTER_A_STRING.match(text, place)):
            out.append('"')
            return "".join(out), place
        else:
            out.append(sign)
    raise ValueError("a string without an end")


def _drop_comma(out: list[str]) -> None:
    place = len(out) - 1
    while place >= 0 and out[place].isspace():
        place -= 1
    if place >= 0 and out[place] == ",":
        del out[place]


def _plain(name: str) -> str:
    return re.sub(r"[\s_-]", "", name).casefold()
