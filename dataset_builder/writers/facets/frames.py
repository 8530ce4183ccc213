"""The sentences into which wordings are put: ``frames.yaml``, compiled once."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Mapping
from dataclasses import dataclass
from functools import cache
from importlib.resources import files
from math import prod

import yaml

from dualview.dataset_builder.writers.facets.draws import Draw

INCLUSION, EXCLUSION, BOTH = KINDS = ("inclusion", "exclusion", "both")
READINGS = ("about", "for", "as", "that")

_SLOTS = ("{x}", "{y}", "{X}", "{Y}")
_VARYING = re.compile(r"\[([^\]]*)\]|<([^>]*)>|(\{[xyXY]\})")
_WORD = re.compile(r"<([^>]*)>")


@dataclass(frozen=True)
class Noun:
    """Noun for the passages, in the singular with its article and in the plural."""

    one: str = "a text"
    many: str = "texts"


@dataclass(frozen=True)
class Frame:
    """A sentence with places for wordings, and for words of its own that may vary.

    :ivar parts: fixed text, texts of which one is taken, or the place of a slot in ``_SLOTS``.
    """

    style: str
    parts: tuple[str | tuple[str, ...] | int, ...]

    def write(self, draw: Draw, x: str, y: str) -> str:
        """Write the sentence that asks for ``x`` and not for ``y``."""
        words = []
        for part in self.parts:
            if isinstance(part, str):
                words.append(part)
            elif isinstance(part, tuple):
                words.append(draw.pick(part))
            else:
                wording = y if part % 2 else x
                words.append(wording if part < 2 else capital(wording))
        return capital("".join(words))

    def count(self) -> int:
        """Number of forms that its own words allow, without the wordings."""
        return prod(len(part) for part in self.parts if isinstance(part, tuple))


@dataclass(frozen=True)
class Frames:
    """The frames of one reading and one kind, by style."""

    by_style: tuple[tuple[Frame, ...], ...]

    def draw(self, draw: Draw, other_than: str | None = None) -> Frame:
        """A frame of any style, or of any style but one; every style is as likely as the next."""
        styles = self.by_style
        if other_than is not None:
            styles = tuple(frames for frames in styles if frames[0].style != other_than)
        return draw.pick(draw.pick(styles))

    def __iter__(self) -> Iterator[Frame]:
        """All frames."""
        for frames in self.by_style:
            yield from frames


@cache
def load_frames(reading: str, kind: str, noun: Noun) -> Frames:
    """The frames that ask in one kind for a value of this reading.

    :param reading: one of ``READINGS``.
    :param kind: one of ``KINDS``.
    :param noun: for the slots ``{one}`` and ``{many}``.
    """
    table = _read_table()
    words = {name: tuple(options) for name, options in table["words"].items()}
    return Frames(
        tuple(
            tuple(_compile(style, text, words, noun) for text in texts)
            for style, texts in table[reading][kind].items()
        )
    )


def capital(text: str) -> str:
    """The text with its first letter large; the rest as it is."""
    return text[:1].upper() + text[1:]


@cache
def _read_table() -> Mapping[str, dict[str, dict[str, list[str]]]]:
    table: Mapping[str, dict[str, dict[str, list[str]]]] = yaml.safe_load(
        (files(__package__) / "frames.yaml").read_text(encoding="utf-8")
    )
    return table


def _compile(style: str, text: str, words: Mapping[str, tuple[str, ...]], noun: Noun) -> Frame:
    text = text.replace("{one}", noun.one).replace("{many}", noun.many)
    parts: list[str | tuple[str, ...] | int] = []
    end = 0
    for found in _VARYING.finditer(text):
        if found.start() > end:
            parts.append(text[end : found.start()])
        options, word, slot = found.groups()
        if slot:
            parts.append(_SLOTS.index(slot))
        else:
            parts.append(words[word] if options is None else _expand(options.split("|"), words))
        end = found.end()
    parts.append(text[end:])
    return Frame(style, tuple(part for part in parts if part != ""))


def _expand(options: Iterable[str], words: Mapping[str, tuple[str, ...]]) -> tuple[str, ...]:
    """The options, each with a word of the table in it once for everything that the word may be."""
    expanded: list[str] = []
    for option in options:
        found = _WORD.search(option)
        if found is None:
            expanded.append(option)
        else:
            before, after = option[: found.start()], option[found.end() :]
            expanded.extend(_expand((before + word + after for word in words[found[1]]), words))
    return tuple(expanded)
