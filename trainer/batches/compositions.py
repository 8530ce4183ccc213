"""Queries with phrases in them, and the vectors that the base model's vectors compose for them.

A query such as "q, no t" names what it excludes. The base model knows q and t, but not what "no" does to
them: it is taught the vector that q less t has in its own space. No passage and no label is needed for that.
"""

from __future__ import annotations

import hashlib
import math
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from datasets import Dataset
from torch import Tensor
from torch.nn.functional import normalize

from dualview.cards.errors import InputError
from dualview.trainer.composition.vectors import compose_instructed, sum_phrases
from dualview.trainer.data.compositions import EXCLUSION, INCLUSION, KEPT, WRITTEN

# Share of the texts that must stay where they are among those of a batch: they are few, and would else be
# drawn almost never.
_KEPT_SHARE = 1 / 8


class Vectors(Protocol):
    """Vectors that are found by their text."""

    def of(self, texts: Sequence[str]) -> Tensor:
        """Look up vectors: (texts, dim)."""


@dataclass(frozen=True)
class CompositionRule:
    """How the base model's vectors of a query and of phrases make one.

    :param alpha: share of the excluded phrases' vector that is subtracted from the query's.
    :param beta: share of the wanted phrases' vector that is added to it; 0 leaves such queries out.
    :param orthogonal: subtract only the part of the vector that is orthogonal to the query's.
    """

    alpha: float = 1.0
    beta: float = 0.5
    orthogonal: bool = True


class Compositions:
    """Compositions to draw from.

    :param rows: a split of :func:`dualview.trainer.data.compositions.load_compositions`.
    :param rule: how their vectors are composed.
    :param most: number of compositions that are used; those with the smallest hashes are taken.
    :param written: share of those that are drawn that are instructions of the training rows, if there are any
        (:func:`dualview.trainer.data.written_compositions.written_compositions`).
    :raises InputError: if the rule leaves none of the rows.
    """

    def __init__(
        self, rows: Dataset, rule: CompositionRule, most: int | None = None, written: float = 0.0
    ) -> None:
        kinds = rows["kind"]
        wanted = (EXCLUSION, INCLUSION) if rule.beta else (EXCLUSION,)
        changed = [place for place, kind in enumerate(kinds) if kind in wanted]
        kept = [place for place, kind in enumerate(kinds) if kind == KEPT]
        instructions = [place for place, kind in enumerate(kinds) if kind == WRITTEN] if written else []
        if not rule.beta:
            instructions = [place for place in instructions if rows[place]["phrases"]]
        if not changed and not kept:
            raise InputError(
                "the compositions only ask for phrases, and compose_beta 0 leaves those out; raise it, or "
                "set compose_weight to 0"
            )
        if most is not None:
            texts = rows["text"]
            changed = _some(changed, texts, most)
            instructions = _some(instructions, texts, math.ceil(written * most))
        self.rule = rule
        self.rows = rows.select([*changed, *instructions, *kept])
        self._ends = len(changed), len(changed) + len(instructions)
        self._written = written

    def draw(self, count: int, batch: str) -> list[dict[str, Any]]:
        """Draw compositions: the same ones for the same batch, in a resumed run too.

        :param count: number of compositions; one of eight is a text that must stay where it is.
        :param batch: a text that identifies the batch.
        """
        drawing = random.Random(f"compositions\x1f{batch}")
        first, second = self._ends
        changed, instructions, kept = range(first), range(first, second), range(second, len(self.rows))
        held = min(len(kept), round(_KEPT_SHARE * count)) if changed else min(len(kept), count)
        typed = min(len(instructions), round(self._written * (count - held)))
        places = drawing.sample(changed, min(len(changed), count - held - typed))
        places += drawing.sample(instructions, typed) + drawing.sample(kept, held)
        return [self.rows[place] for place in places]

    def __len__(self) -> int:
        return len(self.rows)


def texts_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the texts whose vectors :func:`composed_vectors` looks up, each once."""
    found: dict[str, None] = {}
    for row in rows:
        excluded, wished = _parts(row)
        found.update(dict.fromkeys([_wanted(row), *excluded, *wished]))
    return list(found)


def composed_vectors(rows: Sequence[Mapping[str, Any]], vectors: Vectors, rule: CompositionRule) -> Tensor:
    """Compose the base model's vectors of rows: unit vectors (rows, dim).

    A text that must stay where it is gets its own vector.

    :param vectors: those of the texts of :func:`texts_of`, encoded as queries.
    """
    wanted = normalize(vectors.of([_wanted(row) for row in rows]), dim=1)
    excluded, wished = zip(*map(_parts, rows), strict=True)
    less, more = (_sums(phrases, vectors, wanted) for phrases in (excluded, wished))
    return compose_instructed(wanted, less, more, rule.alpha, rule.beta, rule.orthogonal)


def _parts(row: Mapping[str, Any]) -> tuple[Sequence[str], Sequence[str]]:
    """Return what a row excludes and what it wishes."""
    if row["kind"] == KEPT:
        return (), ()
    if row["kind"] == INCLUSION:
        return (), row["phrases"]
    return row["phrases"], [row["wish"]] if row.get("wish") else ()


def _sums(phrases: Sequence[Sequence[str]], vectors: Vectors, like: Tensor) -> Tensor:
    """Add up the vectors of each row's phrases: unit vectors, zeros for a row without any.

    :param like: the rows' own vectors (rows, dim).
    """
    parts = [(number, phrase) for number, of_row in enumerate(phrases) for phrase in of_row]
    if not parts:
        return torch.zeros_like(like)
    found = normalize(vectors.of([phrase for _, phrase in parts]), dim=1)
    return sum_phrases(found, torch.tensor([number for number, _ in parts]), len(phrases))


def _wanted(row: Mapping[str, Any]) -> str:
    """Return the text whose vector the composition starts from."""
    return str(row["text"] if row["kind"] == KEPT else row["query"])


def _some(places: list[int], texts: Sequence[str], most: int) -> list[int]:
    """Choose at most so many places, by the hashes of their texts."""
    if most >= len(places):
        return places
    return sorted(sorted(places, key=lambda place: _hash(texts[place]))[:most])


def _hash(text: str) -> bytes:
    return hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()
