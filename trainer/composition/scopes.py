"""Scopes of exclusions: from a cue to the end of its clause, found in one walk along the words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from dualview.trainer.composition.cue_table import CueTable
from dualview.trainer.composition.words import Word

_STOPS = frozenset(".;:!?()[]{}\n\u2026\u2013\u2014\u3002\uff1b\uff1a\uff01\uff1f\uff08\uff09-")
#: Punctuation that ends a sentence.
SENTENCE_ENDS = frozenset(".!?\n\u3002\uff01\uff1f")
COMMAS = frozenset(",\uff0c\u3001")
# Words between the two halves of a cue such as "leave ... out", at most.
_REACH = 12


@dataclass(frozen=True)
class Scope:
    """An exclusion as places of words: its cue, its phrase, and all that is taken out of the text."""

    cue: tuple[int, int]
    phrase: tuple[int, int]
    whole: tuple[int, int]


@dataclass
class _Open:
    """An exclusion whose end is not found yet."""

    start: int
    phrase: int
    weak: bool
    front: bool
    asked: bool


class ScopeFinder:
    """Finds the scopes of one text.

    :param words: of the text.
    :param table: the cues of its language.
    :param follows: whether a query comes before the text, so that no cue opens the whole.
    """

    def __init__(self, words: Sequence[Word], table: CueTable, follows: bool) -> None:
        self._words, self._table, self._follows = words, table, follows
        self._scopes: list[Scope] = []
        self._open: _Open | None = None
        self._begin_clause(0)
        # Only words that ask for something ("show me") so far in the sentence.
        self._asking, self._asked = True, False

    def find(self) -> list[Scope]:
        """Find all scopes, in the order of the text; none overlaps another."""
        at = 0
        while at < len(self._words):
            at = self._step(at)
        self._close(len(self._words))
        return self._scopes

    def _begin_clause(self, at: int) -> None:
        self._clause = self._part = at
        self._guarded = self._held = False

    def _step(self, at: int) -> int:
        key = self._words[at].key
        if key in _STOPS:
            self._close(at)
            self._begin_clause(at + 1)
            self._asking, self._asked = True, False
            return at + 1
        if key in COMMAS or key in self._table.join:
            return self._join(at)
        found = self._table.marks.longest(self._words, at)
        if found is None:
            self._say(at)
            return at + 1
        length, kind = found
        if kind in ("exclude", "weak"):
            self._cue(at, length, kind)
        elif kind in ("after", "near"):
            self._close_behind(at, length, self._clause if kind == "after" else self._part)
        elif kind == "end":
            self._close(at)
            self._begin_clause(at + length)
        elif kind in ("guard", "clear"):
            self._guarded = kind == "guard"
        elif kind in self._table.closers:
            if closed := self._around(at, length, kind):
                return closed
            if kind in self._table.halves:
                self._cue(at, length, "exclude")
        self._say(at)
        return at + length

    def _say(self, at: int) -> None:
        """Note that a word is there: only asking words keep what follows at the front."""
        self._asking = self._asking and self._words[at].key in self._table.ask
        self._asked = self._asked or self._asking

    def _join(self, at: int) -> int:
        """Pass a comma or a word like "or"; behind a comma a new clause may open."""
        if self._words[at].key not in COMMAS:
            return at + 1
        if self._table.open.longest(self._words, at + 1):
            self._close(at)
            self._begin_clause(at + 1)
        else:
            self._part = at + 1
            # "We have a baby, no loud toys" goes over to what is wanted; "we have no car, no bike" does not,
            # nor does "we have a car, and no bike".
            listed = at + 1 < len(self._words) and self._words[at + 1].key in self._table.join
            self._guarded = self._guarded and (self._held or listed)
        return at + 1

    def _cue(self, at: int, length: int, kind: str) -> None:
        if self._open is not None and self._undone(at):
            # "Skip what comes without a lid" excludes just that; "nothing without a lid" excludes nothing.
            if self._open.weak:
                self._open = None
                self._held = self._guarded = True
            return
        if kind == "weak" and self._guarded:
            self._held = True
            return
        self._close(at)
        front = not self._follows and self._asking
        asked = self._asked or self._words[at].key in self._table.ask
        self._open = _Open(at, at + length, kind == "weak", front, asked)

    def _undone(self, at: int) -> bool:
        """Say if a cue within the scope of another turns it round: "nothing without a lid"."""
        before = self._words[at - 1].key
        if before in COMMAS or before in self._table.join:
            return False
        return self._table.undo.longest(self._words, at) is not None

    def _around(self, at: int, length: int, kind: str) -> int:
        """Close a cue in two halves; return the place behind it, or 0 if its second half is missing."""
        for end in range(at + length + 1, min(at + length + _REACH, len(self._words))):
            if self._words[end].key in _STOPS:
                break
            if found := self._table.closers[kind].longest(self._words, end):
                self._close(at)
                self._add((at, at + length), (at + length, end), (at, end + found[0]))
                self._part = end + found[0]
                self._asking = False
                return end + found[0]
        return 0

    def _close_behind(self, at: int, length: int, start: int) -> None:
        """Exclude what stands before a cue, from the beginning of its clause."""
        if self._scopes:
            start = max(start, self._scopes[-1].whole[1])
        if self._open is None and at > start:
            self._add((at, at + length), (start, at), (start, at + length))
            self._part = at + length

    def _close(self, at: int) -> None:
        if self._open is None:
            return
        opened, self._open = self._open, None
        end = at
        if opened.front and not (at < len(self._words) and self._words[at].key in ":\uff1a"):
            end = self._front_end(opened, at)
        if end > opened.phrase or not opened.weak:
            self._add((opened.start, opened.phrase), (opened.phrase, end), (opened.start, end))

    def _front_end(self, opened: _Open, at: int) -> int:
        """End an exclusion before the query: at the first comma that does not go on with a list."""
        listed, comma = False, 0
        for place in range(opened.phrase, at):
            key = self._words[place].key
            if key in COMMAS:
                if listed:
                    return place
                comma = comma or place
            listed = listed or key in self._table.join
        if comma and not listed:
            return comma
        if opened.asked:
            turns = [p for p in range(opened.phrase + 1, at - 1) if self._words[p].key in self._table.turn]
            if turns:
                return turns[-1]
        return comma or at

    def _add(self, cue: tuple[int, int], phrase: tuple[int, int], whole: tuple[int, int]) -> None:
        self._scopes.append(Scope(cue, phrase, whole))
