"""Any SentenceTransformer with a rule before it: what a query excludes is subtracted from its vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from dualview.cards.errors import InputError
from dualview.cards.text import shorten
from dualview.trainer.composition.instructed import split_instruction
from dualview.trainer.composition.rule import SplitText
from dualview.trainer.composition.vectors import DEFAULT_ALPHA, compose_instructed, sum_phrases
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.ranker import Request
from dualview.trainer.evaluation.rankers.text_encoder import Encoded, TextEncoder
from dualview.trainer.evaluation.settings import COMPOSED
from dualview.trainer.query_template import DEFAULT_TEMPLATE

_EXAMPLES = 3
# Characters of an example: texts of a corpus may be long.
_SHOWN = 300


class ComposedRanker(DenseRanker):
    """Ranks by ``wanted - alpha * excluded + emphasis * wish``.

    The rule reads a request's instruction, or the query where there is none. Requests in which it finds no
    exclusion are encoded as they are, but for their wish.

    :param alpha: how much of what is excluded is subtracted.
    :param emphasis: how much is added of what the instruction says beside what it excludes.
    """

    def __init__(
        self,
        encoder: TextEncoder,
        template: str = DEFAULT_TEMPLATE,
        alpha: float = DEFAULT_ALPHA,
        emphasis: float = 0.0,
    ) -> None:
        super().__init__(encoder, template)
        self._alpha = alpha
        self._emphasis = emphasis
        self._queries = 0
        self._examples: dict[str, SplitText] = {}
        self._split = 0

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request.

        See :class:`dualview.trainer.evaluation.rankers.ranker.Ranker`.
        """
        self._queries, self._split, self._examples = 0, 0, {}
        return super().rank(requests, documents)

    def notes(self) -> tuple[str, ...]:
        """Say in how many of the last requests' texts the rule found something, with examples."""
        if not self._queries:
            return ()
        found = "; ".join(shorten(f"{text!r}: {split}", _SHOWN) for text, split in self._examples.items())
        emphasis = f", emphasis {self._emphasis:g}" if self._emphasis else ""
        return (
            f"the rule found an exclusion in {self._split:,} of {self._queries:,} texts "
            f"(alpha {self._alpha:g}{emphasis}){found and ', such as '}{found}",
        )

    def _encode_requests(self, requests: Sequence[Request]) -> Encoded:
        """Encode what each distinct text wants, subtract what it excludes, and add its wish."""
        distinct: dict[tuple[str, str], int] = {}
        rows = [distinct.setdefault((one.query, one.instruction), len(distinct)) for one in requests]
        splits = [
            split_instruction(query, instruction, template=self._template) for query, instruction in distinct
        ]
        self._note(list(distinct), [split.text for split in splits])
        wanted = self._encoder.encode_queries([split.text.wanted for split in splits])
        vectors = wanted.take(slice(None))
        emphasised = self._emphasis > 0
        changed = [
            place for place, one in enumerate(splits) if one.text.excluded or (emphasised and one.wish)
        ]
        if changed:
            lengths = np.linalg.norm(vectors[changed], axis=1, keepdims=True)
            units = torch.from_numpy(vectors[changed] / np.maximum(lengths, 1e-12))
            excluded = self._sums([splits[place].text.excluded for place in changed], units)
            wishes = [[splits[place].wish] if emphasised and splits[place].wish else [] for place in changed]
            wished = self._sums(wishes, units)
            composed = compose_instructed(units, excluded, wished, self._alpha, self._emphasis)
            # Models that compare by the dot product keep the length of what is wanted.
            vectors[changed] = composed.numpy() * lengths
        return Encoded(vectors, np.array(rows, dtype=np.int64))

    def _sums(self, phrases: Sequence[Sequence[str]], units: torch.Tensor) -> torch.Tensor:
        """Add up the vectors of each row's phrases: unit vectors, zeros where there is none.

        :param units: the rows' own vectors (rows, dim).
        """
        owners = [number for number, of_row in enumerate(phrases) for _ in of_row]
        if not owners:
            return torch.zeros_like(units)
        found = self._encoder.encode_queries([text for of_row in phrases for text in of_row])
        return sum_phrases(torch.from_numpy(found.take(slice(None))), torch.tensor(owners), len(phrases))

    def _note(self, texts: Sequence[tuple[str, str]], splits: Sequence[SplitText]) -> None:
        pairs = zip(texts, splits, strict=True)
        found = [(" ".join(text).strip(), split) for text, split in pairs if split.cues]
        self._queries, self._split = len(texts), len(found)
        step = max(1, len(found) // _EXAMPLES)
        self._examples = dict(found[::step][:_EXAMPLES])


def parse_composed(name: str) -> tuple[str, float, float] | None:
    """Read the name ``composed:MODEL``, ``composed@ALPHA:MODEL`` or ``composed@ALPHA+EMPHASIS:MODEL``.

    :return: the model's name, alpha and emphasis; None if it is no such name.
    :raises InputError: if one of them is no number from 0 to 4, or the model's name is missing.
    """
    kind, colon, model = name.partition(":")
    word, at, numbers = kind.partition("@")
    if word != COMPOSED or not colon:
        return None
    alpha, _, emphasis = numbers.partition("+")
    try:
        shares = float(alpha) if at else DEFAULT_ALPHA, float(emphasis or 0)
    except ValueError:
        shares = -1.0, -1.0
    if not all(0 <= share <= 4 for share in shares) or not model:
        raise InputError(
            f"model {name}: write composed:MODEL, composed@ALPHA:MODEL or composed@ALPHA+EMPHASIS:MODEL, "
            "with numbers from 0 to 4"
        )
    return model, *shares
