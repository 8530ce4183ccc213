"""Styles: the forms in which a model is asked to write, drawn for each question from shares.

A style says how long an instruction is and who speaks; its *turn* says whether it excludes. Both are drawn
from the hash of what is asked about, so a second build asks the same, whatever the order of the items.
"""

from __future__ import annotations

import argparse
import functools
import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from importlib.resources import files
from typing import Any

import yaml

from dualview.dataset_builder.checks.words import EXCLUDING, FUNCTION_WORDS

_TABLES: Mapping[str, Mapping[str, Mapping[str, Any]]] = yaml.safe_load(
    files("dualview.dataset_builder").joinpath("prompts", "styles.yaml").read_text(encoding="utf-8")
)
_STYLES, _TURNS = _TABLES["styles"], _TABLES["turns"]
#: The value of ``--style`` that takes the shares of the table.
MIX = "mix"
#: The value that leaves the form to the model.
FREE = "free"
#: The style that tells a situation, which has no turn.
PERSONA = "persona"
_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)?")


@dataclass(frozen=True)
class Style:
    """A form to write in.

    :param form: what the prompt says about it.
    :param most_words: more words are too long for it.
    :param kind: of the instruction, one of :data:`~dualview.dataset_builder.schema.KINDS`.
    :param turn: what the prompt says about the kind; empty where it says nothing.
    """

    name: str
    form: str
    most_words: int
    kind: str
    turn: str = ""


def read_shares(given: str) -> dict[str, float]:
    """The shares of styles that ``--style`` gives, which add up to 1; none for ``free``.

    :param given: ``mix``, ``free``, a style, or ``typed=3,persona=1``.
    :raises argparse.ArgumentTypeError: if a style is unknown or a share is no positive number.
    """
    if given == FREE:
        return {}
    if given == MIX:
        return {name: float(style["share"]) for name, style in _STYLES.items()}
    weights: dict[str, float] = {}
    for part in given.split(","):
        name, equals, number = part.strip().partition("=")
        try:
            weights[name] = float(number) if equals else 1.0
        except ValueError:
            weights[name] = 0.0
        if name not in _STYLES or not 0 < weights[name] < 1e9:
            known = ", ".join((MIX, FREE, *_STYLES))
            raise argparse.ArgumentTypeError(
                f"'{part}' is not one of {known}, nor shares of styles such as typed=3,persona=1"
            )
    total = sum(weights.values())
    return {name: weight / total for name, weight in weights.items()}


def draw_style(shares: Mapping[str, float], subject: str) -> Style | None:
    """The style of a question; None where the form is left to the model.

    :param subject: what the question is about.
    """
    if not shares:
        return None
    name = _draw(shares, f"style {subject}")
    table = _STYLES[name]
    form, most = str(table["form"]), int(table["most_words"])
    if name == PERSONA:
        return Style(name, form, most, "other")
    turn = _draw({turn: float(entry["share"]) for turn, entry in _TURNS.items()}, f"turn {subject}")
    return Style(name, form, most, turn, str(_TURNS[turn]["say"]))


def kind_of(text: str, style: Style | None) -> str:
    """The kind of an instruction that was asked for in a style; empty where its words do not bear it out.

    Words that exclude are known for English only.
    """
    if style is None or not FUNCTION_WORDS["en"] & (words := set(_TOKEN.findall(text.casefold()))):
        return "" if style is None or style.kind != "other" else style.kind
    if style.kind == "other":
        return style.kind
    excludes = bool(words & EXCLUDING) or any(word.endswith(("n't", "n\u2019t")) for word in words)
    return style.kind if excludes == (style.kind != "inclusion") else ""


@functools.cache
def turn_shares() -> dict[str, float]:
    """The shares of the turns, for the recipe."""
    return {turn: float(entry["share"]) for turn, entry in _TURNS.items()}


def _draw(shares: Mapping[str, float], subject: str) -> str:
    digest = hashlib.sha256(subject.encode("utf-8", "surrogatepass")).digest()
    place = int.from_bytes(digest[:8], "big") / 2**64
    for name, share in shares.items():
        place -= share
        if place < 0:
            return name
    return list(shares)[-1]
