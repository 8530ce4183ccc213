"""Words and punctuation of a text, with their places in it."""

from __future__ import annotations

import re
from dataclasses import dataclass

# Scripts that put no space between words: each of their characters is a word of its own.
_UNSPACED = "\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff"
_LETTER = rf"[^\W{_UNSPACED}]"
# One way to read each character, so that no text takes more than linear time.
_WORD = re.compile(
    rf"[{_UNSPACED}]|{_LETTER}+(?:(?:[.'\u2019+/-]|(?<=\d)[,:](?=\d)){_LETTER}+)*|\n|[^\w\s]",
)


@dataclass(frozen=True, slots=True)
class Word:
    """A word, a mark of punctuation or a line break.

    :param key: the word as tables hold it: case-folded, with straight apostrophes.
    :param start: where it begins in the text; ``end`` is where it has ended.
    """

    key: str
    start: int
    end: int

    @property
    def is_word(self) -> bool:
        """Whether it is a word rather than punctuation."""
        return self.key[0].isalnum() or self.key[0] == "_"


def read_words(text: str) -> list[Word]:
    """Split a text into words and punctuation."""
    return [
        Word(match.group().replace("\u2019", "'").casefold(), match.start(), match.end())
        for match in _WORD.finditer(text)
    ]
