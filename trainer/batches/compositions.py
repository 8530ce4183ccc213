"""Queries with phrases in them, and the vectors that the base model's vectors compose for them.

A query such as "q, no t" names what it excludes. The base model knows q and t, but not what "no" does to
them: it is taught the vector that q less t has in its own space. No passage and no label is needed for that.
"""

from __future__ import annotations

import hashlib
import random
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Protocol

import torch
from datasets import Dataset
from torch import Tensor
from torch.nn.functional import normalize

from dualview.cards.errors import InputError
from dualview.trainer.composition.vectors import compose_vectors, sum_phrases
from dualview.trainer.data.compositions import EXCLUSION, INCLUSION, KEPT

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
    :raises InputError: if the rule leaves none of the rows.
    """

    def __init__(self, rows: Dataset, rule: CompositionRule, most: int | None = None) -> None:
        kinds = rows["kind"]
        wanted = (EXCLUSION, INCLUSION) if rule.beta else (EXCLUSION,)
        changed = [place for place, kind in enumerate(kinds) if kind in wanted]
        kept = [place for place, kind in enumerate(kinds) if kind == KEPT]
        if not changed and not kept:
            raise InputError(
                "the compositions only ask for phrases, and compose_beta 0 leaves those out; raise it, or "
                "set compose_weight to 0"
            )
        if most is not None:
            changed = _some(changed, rows["text"], most)
        self.rule = rule
        self.rows = rows.select([*changed, *kept])
        self._changed = len(changed)

    def draw(self, count: int, batch: str) -> list[dict[str, Any]]:
        """Draw compositions: the same ones for the same batch, in a resumed run too.

        :param count: number of compositions; one of eight is a text that must stay where it is.
        :param batch: a text that identifies the batch.
        """
        drawing = random.Random(f"compositions\x1f{batch}")
        changed, kept = range(self._changed), range(self._changed, len(self.rows))
        held = min(len(kept), round(_KEPT_SHARE * count)) if changed else min(len(kept), count)
        places = drawing.sample(changed, min(len(changed), count - held)) + drawing.sample(kept, held)
        return [self.rows[place] for place in places]

    def __len__(self) -> int:
        return len(self.rows)


def texts_of(rows: Iterable[Mapping[str, Any]]) -> list[str]:
    """List the texts whose vectors :func:`composed_vectors` looks up, each once."""
    found: dict[str, None] = {}
    for row in rows:
        found.update(dict.fromkeys([_wanted(row), *(row["phrases"] or ())]))
    return list(found)


def composed_vectors(rows: Sequence[Mapping[str, Any]], vectors: Vectors, rule: CompositionRule) -> Tensor:
    """Compose the base model's vectors of rows: unit vectors (rows, dim).

    A text that must stay where it is gets its own vector.

    :param vectors: those of the texts of :func:`texts_of`, encoded as queries.
    """
    wanted = normalize(vectors.of([_wanted(row) for row in rows]), dim=1)
    changed = [place for place, row in enumerate(rows) if row["kind"] != KEPT]
    if not changed:
        return wanted
    parts = [(number, phrase) for number, place in enumerate(changed) for phrase in rows[place]["phrases"]]
    phrases = normalize(vectors.of([phrase for _, phrase in parts]), dim=1)
    sums = sum_phrases(phrases, torch.tensor([number for number, _ in parts]), len(changed))
    queries = wanted[changed]
    excludes = torch.tensor([rows[place]["kind"] != INCLUSION for place in changed])
    less = compose_vectors(queries, sums, rule.alpha, rule.orthogonal)
    more = compose_vectors(queries, sums, -rule.beta)
    return wanted.index_copy(0, torch.tensor(changed), torch.where(excludes[:, None], less, more))


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
