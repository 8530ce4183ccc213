"""The rule that splits a text into what it wants and what it excludes."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from pathlib import Path

from dualview.trainer.composition.cue_table import CueTable, load_cues
from dualview.trainer.composition.scopes import COMMAS, SENTENCE_ENDS, Scope, ScopeFinder
from dualview.trainer.composition.statements import is_stated, stating_verbs
from dualview.trainer.composition.words import Word, read_words


@dataclass(frozen=True)
class SplitText:
    """A text split at its exclusions.

    :param wanted: the text without them; the whole text where nothing is found.
    :param excluded: the phrases that are excluded, in the order of the text.
    :param cues: the words by which they were found, one an exclusion (which may list several phrases).
    """

    wanted: str
    excluded: tuple[str, ...] = ()
    cues: tuple[str, ...] = ()

    def __str__(self) -> str:
        """Say what was found."""
        if not self.excluded:
            return f"{self.wanted!r}, nothing excluded"
        return f"{self.wanted!r} without {', '.join(map(repr, self.excluded))} (cues: {', '.join(self.cues)})"


def split_exclusions(text: str, language: str | Path = "en", *, query: str = "") -> SplitText:
    """Split a query or an instruction into what it wants and what it excludes.

    A table of cues decides (``trainer/composition/cues``): words before, after or around what is excluded,
    whose scope ends with the clause. Double negation, "not only" and the like are left alone, as are a query
    that states something ("Mice without the gene are healthy.") and a text of which nothing would remain.
    The time grows with the length of the text alone.

    Example::

        >>> from dualview.trainer.composition.rule import split_exclusions
        >>> found = split_exclusions("a week in Crete, no museums or churches")
        >>> found.wanted, found.excluded
        ('a week in Crete', ('museums', 'churches'))
        >>> split_exclusions("no-knead bread, not only for beginners").excluded
        ()
        >>> split_exclusions("nothing over 20 euros", query="chess set").wanted
        'chess set'

    :param language: two letters with a table (``en``, ``de``, ``zh``), or the path of a table of one's own.
    :param query: a bare query that the text, an instruction, belongs to. It is kept as it is, and commas
        behind a cue at the beginning of the text go on with a list.
    :return: what was found; ``wanted`` begins with the query.
    :raises dualview.cards.errors.InputError: if the language has no table.
    """
    table = load_cues(language)
    words = read_words(text)
    verbs = () if query.strip() else stating_verbs(words, table)
    excluded: list[str] = []
    cues: list[str] = []
    kept: list[tuple[int, int]] = []
    start = 0
    for scope in ScopeFinder(words, table, follows=bool(query.strip())).find():
        if is_stated(scope, verbs):
            continue
        first, last = scope.whole
        phrases = list(_items(words, scope.phrase, table))
        if not phrases and all(word.key in table.back | table.lead for word in words[slice(*scope.phrase)]):
            first, phrases = _said_before(words, start, first, table)
        if not phrases:
            continue
        excluded += [text[words[a].start : words[b - 1].end] for a, b in phrases]
        cues.append(_cue(text, words, scope))
        kept.append((start, first))
        start = last
    if not excluded:
        return _whole(text, query)
    parts = [_rest(text, words, part, table) for part in (*kept, (start, len(words)))]
    wanted = " ".join(part for part in (query.strip(), *parts) if part)
    return SplitText(wanted, tuple(dict.fromkeys(excluded)), tuple(cues)) if wanted else _whole(text, query)


def _whole(text: str, query: str) -> SplitText:
    return SplitText(f"{query.strip()} {text.strip()}".strip() if query.strip() else text)


def _said_before(
    words: Sequence[Word], start: int, end: int, table: CueTable
) -> tuple[int, list[tuple[int, int]]]:
    """Find what "so leave that out" points back to: the sentence in front of it, or the one before.

    :return: where what is excluded begins, and its place, if there is any.
    """
    last = end
    while last > start and not _names(words[last - 1], table.seam):
        last -= 1
    first = last
    while first > start and words[first - 1].key not in SENTENCE_ENDS:
        first -= 1
    named = any(_names(word, table.lead) for word in words[first:last])
    return (first, [(first, last)]) if named else (end, [])


def _items(words: Sequence[Word], phrase: tuple[int, int], table: CueTable) -> Iterator[tuple[int, int]]:
    """Split a phrase at its commas and its "or", without words that name nothing."""
    start, end = phrase
    for place in range(start, end + 1):
        if place < end and words[place].key not in COMMAS and words[place].key not in table.join:
            continue
        first, last = start, place
        while first < last and not _names(words[first], table.lead):
            first += 1
        while last > first and not _names(words[last - 1], table.tail):
            last -= 1
        if any(_names(word, table.lead) for word in words[first:last]):
            yield first, last
        start = place + 1


def _names(word: Word, empty: frozenset[str]) -> bool:
    return word.is_word and word.key not in empty


def _cue(text: str, words: Sequence[Word], scope: Scope) -> str:
    cue = text[words[scope.cue[0]].start : words[scope.cue[1] - 1].end]
    if scope.phrase[1] < scope.whole[1] and scope.phrase[0] == scope.cue[1]:
        return f"{cue} ... {text[words[scope.phrase[1]].start : words[scope.whole[1] - 1].end]}"
    return cue


def _rest(text: str, words: Sequence[Word], part: tuple[int, int], table: CueTable) -> str:
    """Take a part of the text without the words that only led over to an exclusion beside it."""
    first, last = part
    if last < len(words):
        while last > first and not _names(words[last - 1], table.seam):
            last -= 1
    if first > 0:
        while first < last and not _names(words[first], table.seam):
            first += 1
    if all(not _names(word, table.seam | table.ask | table.back) for word in words[first:last]):
        return ""
    end = words[last].start if last < len(words) else len(text)
    return text[words[first].start : end].strip(" ,;:-(\n\uff0c\u3002")
