r"""Removes secrets from text that comes from a server, in every spelling that a server may give them.

A server may repeat an API key in an error message, in a reply or in any other field: as it is, with JSON
escapes (``\/``, ``\u0073``), URL-encoded, as HTML references, in base64 or in hexadecimal digits. Callers
redact first and shorten afterwards, so that no part of a key is left at the cut.
"""

from __future__ import annotations

import base64
import functools
import re

PLACEHOLDER = "[API key]"
# Shorter keys, such as "EMPTY" for a local server, are words that a text may hold by chance.
_SHORTEST = 7
# A longer key is recognised by its first or its last characters, so that one that was cut is found too.
_PART = 16
# The rest of a key after its first characters, in any of the encodings.
_REST = r"[\w\-.~+/=%\\]*"
# Escapes within escapes, at most.
_DEPTH = 4
_ESCAPE = re.compile(
    r"(?:\\u\{?0{0,6}|\\x|%|&#x0{0,6})([0-9a-f]{2})(?:\}|;)?|&#0{0,6}(\d{2,3});", re.IGNORECASE
)


def redact(text: str, secret: str) -> str:
    """Replace a secret and its encoded forms.

    A text that still holds the secret afterwards, in a mixture of encodings, is replaced as a whole.

    :param secret: an API key or a password; one of fewer than 7 characters is not looked for.
    """
    if len(secret) < _SHORTEST or not _is_in(text, secret):
        return text
    shown = _pattern(secret).sub(PLACEHOLDER, text)
    return PLACEHOLDER if _is_in(shown, secret) else shown


def _is_in(text: str, secret: str) -> bool:
    """Look for a secret in the decoded text: fast, since almost no text holds one."""
    for _ in range(_DEPTH):
        decoded = _ESCAPE.sub(_decode, text)
        if decoded == text:
            break
        text = decoded
    text = text.replace("\\", "").lower()
    plain, encoded = _needles(secret)
    if any(needle in text for needle in plain):
        return True
    text = _one_alphabet(text)
    return any(needle in text for needle in encoded)


@functools.lru_cache(maxsize=8)
def _needles(secret: str) -> tuple[list[str], list[str]]:
    """The parts of a secret to look for as they are, and in base64; both in lower case."""
    parts = {secret[:_PART], secret[-_PART:]}
    plain = [part.lower() for part in parts] + [part.encode().hex() for part in parts]
    return plain, [_one_alphabet(part.lower()) for part in _in_base64(secret[:_PART])]


def _one_alphabet(text: str) -> str:
    return text.replace("-", "+").replace("_", "/")


def _decode(match: re.Match[str]) -> str:
    decimal = match[2]
    number = int(decimal) if decimal else int(match[1], 16)
    return chr(number) if number < 128 else match[0]


@functools.lru_cache(maxsize=8)
def _pattern(secret: str) -> re.Pattern[str]:
    head, tail = secret[:_PART], secret[-_PART:]
    found = [_spellings(head) + _REST, _spellings(head.encode().hex()) + r"[0-9a-f]*"]
    if len(secret) > _PART:
        found += [_spellings(tail), _spellings(tail.encode().hex())]
    found += [_spellings(part) + _REST for part in _in_base64(head)]
    return re.compile("|".join(f"(?:{form})" for form in found), re.IGNORECASE)


def _spellings(text: str) -> str:
    """A pattern for a text whose characters may each be escaped as JSON, Python, URLs or HTML do it."""
    return "".join(map(_spelling, text))


def _spelling(character: str) -> str:
    number = ord(character)
    # Repetitions have limits: the time grows with the length of the text alone, whatever it holds.
    forms = [
        rf"\\{{0,8}}{re.escape(character)}",
        rf"\\{{1,8}}u\{{?0{{0,6}}{number:x}\}}?",
        rf"\\{{1,8}}x{number:02x}",
        rf"%(?:25){{0,3}}{number:02x}",
        rf"&#(?:x0{{0,6}}{number:x}|0{{0,6}}{number});",
    ]
    # The URL-safe alphabet of base64.
    if other := {"+": "-", "/": "_"}.get(character):
        forms.append(re.escape(other))
    return f"(?:{'|'.join(forms)})"


def _in_base64(text: str) -> list[str]:
    """The characters of a text in base64 that do not depend on what surrounds it, for each alignment."""
    data = text.encode()
    parts = []
    for before in range(3):
        encoded = base64.b64encode(b"\0" * before + data).decode()
        # The first and the last character may carry bits of a neighbour.
        parts.append(encoded[(0, 2, 3)[before] : (before + len(data)) * 8 // 6])
    return parts
