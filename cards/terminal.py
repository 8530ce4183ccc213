"""Text from outside, made safe to print: ids, file names, YAML keys and the words of servers.

Such text may hold line breaks, which forge a line of the program, and escape sequences, which control the
terminal. Every line that a command prints goes through :func:`printable`.
"""

from __future__ import annotations

import sys
import unicodedata

# Control characters, invisible format characters (such as direction overrides), lone surrogates, and the two
# separators that end a line.
_ESCAPED = frozenset({"Cc", "Cf", "Cs", "Zl", "Zp"})
# Persian, Indic scripts and emoji need the two joiners, which are format characters.
_JOINERS = frozenset("\u200c\u200d")


def printable(text: object) -> str:
    r"""Return a value as one line of text that cannot control a terminal.

    A character that could, such as a line break or the start of an escape sequence, is written as a Python
    string literal shows it: ``\n``, ``\x1b``. All other text stays as it is.
    """
    return "".join(_escaped(character) if _acts(character) else character for character in str(text))


def write_line(text: object) -> None:
    """Write one line to standard error; progress and hints go there, apart from data."""
    sys.stderr.write(f"{printable(text)}\n")
    sys.stderr.flush()


def _acts(character: str) -> bool:
    return unicodedata.category(character) in _ESCAPED and character not in _JOINERS


def _escaped(character: str) -> str:
    return character.encode("unicode_escape", "surrogatepass").decode("ascii")
