"""No evaluation text may enter training: found by normalised text, and by runs of thirteen words."""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from collections.abc import Iterable, Iterator, Mapping, Sequence
from typing import Any

WORDS_A_RUN = 13
_WORD = re.compile(r"\w+")
_PASSAGES = ("positive", "reversed_positive")
_PASSAGE_LISTS = ("other_instruction_negatives", "hard_negatives")


def words_of(text: str) -> list[str]:
    """The words of a text, without differences of case, punctuation and Unicode forms."""
    return _WORD.findall(unicodedata.normalize("NFKC", text).casefold())


class EvaluationTexts:
    """What training rows are held against: whole texts, and each run of thirteen words in them.

    Hashes are kept, not texts: 64 bits of some millions collide with a chance below one in a million, and
    a collision only drops a training row.
    """

    def __init__(self) -> None:
        self._texts: set[int] = set()
        self._runs: set[int] = set()

    def add(self, text: str) -> None:
        """Note a text that is evaluated on."""
        words = words_of(text)
        self._texts.add(hash(tuple(words)))
        self._runs.update(_runs(words))

    def reason(self, text: str) -> str:
        """Say why a training text must not stay: ``same text``, ``shared run``, or nothing."""
        words = words_of(text)
        if hash(tuple(words)) in self._texts:
            return "same text"
        return "shared run" if any(run in self._runs for run in _runs(words)) else ""


def drop_contaminated(
    rows: Iterable[Mapping[str, Any]], evaluated: EvaluationTexts
) -> tuple[list[Mapping[str, Any]], Counter[str]]:
    """Leave out the rows of which the query or a passage is evaluated on.

    :param rows: rows of the config ``dual_view``.
    :return: the others, and how many were dropped for each reason.
    """
    kept, dropped = [], Counter[str]()
    known: dict[str, str] = {}
    for row in rows:
        reason = ""
        for text in texts_of(row):
            if text not in known:
                known[text] = evaluated.reason(text)
            reason = reason or known[text]
        if reason:
            dropped[reason] += 1
        else:
            kept.append(row)
    return kept, dropped


def texts_of(row: Mapping[str, Any]) -> Iterator[str]:
    """The query and the passages of a ``dual_view`` row; instructions are generic, and shared by design."""
    yield row["query"]
    for name in _PASSAGES:
        yield row[name]["text"]
    for name in _PASSAGE_LISTS:
        for passage in row[name]:
            yield passage["text"]


def _runs(words: Sequence[str]) -> Iterator[int]:
    for start in range(len(words) - WORDS_A_RUN + 1):
        yield hash(tuple(words[start : start + WORDS_A_RUN]))
