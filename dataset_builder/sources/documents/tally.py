"""Counts what a source has read and what it had to leave out."""

from __future__ import annotations

from collections import Counter

from dualview.cards.text import shorten

_SHOWN = 3
_SHOWN_CHARACTERS = 300


class Tally:
    """Counts by reason, with the first places of each.

    :ivar read: what was read, such as ``files`` or ``rows``.
    """

    def __init__(self) -> None:
        self.read: Counter[str] = Counter()
        self._left_out: Counter[str] = Counter()
        self._notes: Counter[str] = Counter()
        self._places: dict[str, list[str]] = {}

    def leave_out(self, reason: str, place: str = "") -> None:
        """Count something that was not used."""
        self._count(self._left_out, reason, place)

    def note(self, what: str, place: str = "") -> None:
        """Count something that was used and is worth a word."""
        self._count(self._notes, what, place)

    @property
    def left_out(self) -> dict[str, int]:
        """Number of things left out for each reason, the most frequent first."""
        return dict(sorted(self._left_out.items(), key=lambda entry: (-entry[1], entry[0])))

    def lines(self) -> list[str]:
        """One line for each reason and note."""
        lines = [f"left out {self._shown(self._left_out, reason)}" for reason in self.left_out]
        return lines + [self._shown(self._notes, what) for what in sorted(self._notes)]

    def _count(self, counts: Counter[str], reason: str, place: str) -> None:
        counts[reason] += 1
        places = self._places.setdefault(reason, [])
        if place and len(places) < _SHOWN:
            places.append(place)

    def _shown(self, counts: Counter[str], reason: str) -> str:
        places = self._places[reason]
        more = ", …" if places and counts[reason] > len(places) else ""
        return f"{counts[reason]:,}: {reason}" + (
            f" ({shorten(', '.join(places), _SHOWN_CHARACTERS)}{more})" if places else ""
        )
