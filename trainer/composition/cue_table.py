"""Tables of the words by which a language excludes: ``cues/LANGUAGE.yaml``, or a file of one's own."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from functools import lru_cache
from pathlib import Path

import yaml

from dualview.cards.errors import InputError
from dualview.trainer.composition.phrase_trie import PhraseTrie

_FOLDER = Path(__file__).parent / "cues"
#: Lists of a table whose phrases are found while walking along a text; a later one wins.
MARKS = ("guard", "clear", "end", "near", "after", "weak", "exclude", "leave")
_WORDS = ("turn", "join", "ask", "lead", "tail", "seam", "back", "states", "relative", "wish")
_LISTS = (*MARKS, "undo", "open", *_WORDS)


@dataclass(frozen=True)
class CueTable:
    """The cues of one language, ready to be found in a text; ``cues/en.yaml`` says what each list is.

    :param marks: phrases of the lists in :data:`MARKS`, with the name of their list, and openers of
        ``around`` with the name ``around``.
    :param closers: what closes each opener of ``around``.
    :param halves: the openers that are cues of ``exclude`` where nothing closes them.
    """

    marks: PhraseTrie
    closers: Mapping[str, PhraseTrie]
    halves: frozenset[str]
    undo: PhraseTrie
    open: PhraseTrie
    turn: frozenset[str]
    join: frozenset[str]
    ask: frozenset[str]
    lead: frozenset[str]
    tail: frozenset[str]
    seam: frozenset[str]
    back: frozenset[str]
    states: frozenset[str]
    relative: frozenset[str]
    wish: frozenset[str]


def languages() -> tuple[str, ...]:
    """List the languages that have a table."""
    return tuple(sorted(path.stem for path in _FOLDER.glob("*.yaml")))


def load_cues(language: str | Path) -> CueTable:
    """Load the table of a language.

    :param language: its two letters, such as ``en``; or the path of a table of one's own.
    :raises InputError: if there is none, or the file is not such a table.
    """
    if isinstance(language, str) and language not in languages():
        raise InputError(
            f"language {language!r}: there is no table of cues; choose from {', '.join(languages())}, or "
            "give the path (pathlib.Path) of a table of your own"
        )
    return _read(language if isinstance(language, Path) else _FOLDER / f"{language}.yaml")


@lru_cache(maxsize=16)
def _read(path: Path) -> CueTable:
    try:
        # BaseLoader reads every word as it stands: elsewhere "no" and "on" are truth values.
        rows = yaml.load(path.read_text(encoding="utf-8"), Loader=yaml.BaseLoader)  # noqa: S506
    except (OSError, ValueError, yaml.YAMLError) as error:
        raise InputError(f"{path}: cannot be read as a table of cues ({type(error).__name__})") from error
    _check(path, rows)
    marks, closers = PhraseTrie(), {}
    for name in MARKS:
        for phrase in rows.get(name, ()):
            marks.add(phrase, name)
    for opener, *ends in rows.get("around", ()):
        marks.add(opener, f"around {opener}")
        closers[f"around {opener}"] = _trie(ends)
    halves = frozenset(opener for opener in closers if opener.removeprefix("around ") in rows["exclude"])
    words = {name: frozenset(word.casefold() for word in rows.get(name, ())) for name in _WORDS}
    return CueTable(marks, closers, halves, _trie(rows.get("undo", ())), _trie(rows.get("open", ())), **words)


def _check(path: Path, rows: object) -> None:
    """Check the form of a table.

    :raises InputError: naming what is wrong.
    """
    if not isinstance(rows, dict) or not rows.get("exclude"):
        raise InputError(f"{path}: is no table of cues; it needs at least the list 'exclude'")
    for name, phrases in rows.items():
        if name not in (*_LISTS, "around", "language"):
            raise InputError(f"{path}: no list is named {name!r}; there is {', '.join(_LISTS)}, around")
        if name == "language":
            continue
        good = isinstance(phrases, list) and all(
            (isinstance(phrase, list) and len(phrase) > 1 and all(isinstance(part, str) for part in phrase))
            if name == "around"
            else isinstance(phrase, str) and phrase.strip()
            for phrase in phrases
        )
        if not good:
            what = "lists: an opener and what closes it" if name == "around" else "phrases"
            raise InputError(f"{path}: {name!r} must be a list of {what}")


def _trie(phrases: list[str] | tuple[str, ...]) -> PhraseTrie:
    trie = PhraseTrie()
    for phrase in phrases:
        trie.add(phrase, phrase)
    return trie
