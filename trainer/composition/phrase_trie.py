"""Phrases of words, found by walking along a text."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from dualview.trainer.composition.words import Word, read_words

# No word of a text is empty, so this key is free.
_END = ""


class PhraseTrie:
    """Phrases with a value each; finds the longest one at a place in as many steps as it has words."""

    def __init__(self) -> None:
        self._root: dict[str, Any] = {}

    def add(self, phrase: str, value: str) -> None:
        """Add a phrase; a later value replaces an earlier one."""
        node = self._root
        for word in read_words(phrase):
            node = node.setdefault(word.key, {})
        node[_END] = value

    def longest(self, words: Sequence[Word], at: int) -> tuple[int, str] | None:
        """Find the longest phrase that begins at a word.

        :return: the number of its words and its value; None if there is none.
        """
        node, found = self._root, None
        for place in range(at, len(words)):
            node = node.get(words[place].key)  # type: ignore[assignment]
            if node is None:
                break
            if _END in node:
                found = (place + 1 - at, node[_END])
        return found
