"""Finds quotations of a passage in an instruction: they would give the passage away without understanding."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence
from functools import lru_cache

#: So many consecutive words of a passage are a quotation.
COPIED_WORDS = 5
# Chinese, Japanese and Thai put no space between words, which have about two characters each.
_UNSPACED = r"[\u0e00-\u0e7f\u3040-\u30ff\u3400-\u4dbf\u4e00-\u9fff]"
_TOKEN = re.compile(rf"{_UNSPACED}|(?:(?!{_UNSPACED})\w)+(?:['\u2019](?:(?!{_UNSPACED})\w)+)*")
_IS_UNSPACED = re.compile(_UNSPACED)


def find_copied_run(text: str, passages: Sequence[str], query: str) -> str | None:
    """Find the first run of words that is in a passage too, or None.

    Words of the query may be repeated: they give nothing away.
    """
    length = COPIED_WORDS * (2 if _IS_UNSPACED.search(text) else 1)
    wanted = dict.fromkeys(_runs(_words(text), length))
    if not wanted:
        return None
    asked = _runs_of(query, length)
    for passage in passages:
        if not _may_hold(passage, wanted):
            continue
        copied = wanted.keys() & _runs_of(passage, length) - asked
        if copied:
            return " ".join(next(run for run in wanted if run in copied))
    return None


def _may_hold(passage: str, runs: Iterable[tuple[str, ...]]) -> bool:
    """Tell whether all words of a run are somewhere in a passage: cheaper than a search for the run."""
    text = _folded(passage)
    for run in runs:
        for word in run:
            if word not in text:
                break
        else:
            return True
    return False


@lru_cache(maxsize=256)  # a passage comes again with each pair of its set
def _runs_of(text: str, length: int) -> frozenset[tuple[str, ...]]:
    return frozenset(_runs(_words(text), length))


def _runs(words: Sequence[str], length: int) -> Iterator[tuple[str, ...]]:
    return (tuple(words[start : start + length]) for start in range(len(words) - length + 1))


def _words(text: str) -> list[str]:
    return _TOKEN.findall(_folded(text))


def _folded(text: str) -> str:
    return text.casefold().replace("\u2019", "'")
