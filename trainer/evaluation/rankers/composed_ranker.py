"""Any SentenceTransformer with a rule before it: what a query excludes is subtracted from its vector."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np
import torch

from dualview.cards.errors import InputError
from dualview.cards.text import shorten
from dualview.trainer.composition.rule import SplitText, split_exclusions
from dualview.trainer.composition.vectors import DEFAULT_ALPHA, compose_vectors, sum_phrases
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.ranker import Request
from dualview.trainer.evaluation.rankers.text_encoder import Encoded, TextEncoder
from dualview.trainer.evaluation.settings import COMPOSED
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction

_EXAMPLES = 3
# Characters of an example: texts of a corpus may be long.
_SHOWN = 300


class ComposedRanker(DenseRanker):
    """Ranks by ``wanted - alpha * excluded``, where the rule finds an exclusion.

    The rule reads a request's instruction, or the query where there is none. Requests in which it finds
    nothing are encoded as they are.

    :param alpha: how much of what is excluded is subtracted.
    """

    def __init__(
        self, encoder: TextEncoder, template: str = DEFAULT_TEMPLATE, alpha: float = DEFAULT_ALPHA
    ) -> None:
        super().__init__(encoder, template)
        self._alpha = alpha
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
        return (
            f"the rule found an exclusion in {self._split:,} of {self._queries:,} texts "
            f"(alpha {self._alpha:g}){found and ', such as '}{found}",
        )

    def _encode_requests(self, requests: Sequence[Request]) -> Encoded:
        """Encode what each distinct text wants, and subtract what it excludes."""
        distinct: dict[tuple[str, str], int] = {}
        rows = [distinct.setdefault((one.query, one.instruction), len(distinct)) for one in requests]
        splits = [self._split_text(query, instruction) for query, instruction in distinct]
        self._note(list(distinct), splits)
        wanted = self._encoder.encode_queries([split.wanted for split in splits])
        vectors = wanted.take(slice(None))
        at = [place for place, split in enumerate(splits) if split.excluded]
        if at:
            phrases = self._encoder.encode_queries([text for place in at for text in splits[place].excluded])
            owners = [number for number, place in enumerate(at) for _ in splits[place].excluded]
            excluded = sum_phrases(torch.from_numpy(phrases.take(slice(None))), torch.tensor(owners), len(at))
            lengths = np.linalg.norm(vectors[at], axis=1, keepdims=True)
            units = torch.from_numpy(vectors[at] / np.maximum(lengths, 1e-12))
            # Models that compare by the dot product keep the length of what is wanted.
            vectors[at] = compose_vectors(units, excluded, self._alpha).numpy() * lengths
        return Encoded(vectors, np.array(rows, dtype=np.int64))

    def _split_text(self, query: str, instruction: str) -> SplitText:
        if not instruction:
            return split_exclusions(query)
        found = split_exclusions(instruction, query=query)
        rest = found.wanted.removeprefix(query.strip()).strip() if found.excluded else instruction
        wanted = join_instruction(query, rest, self._template) if rest else query
        return SplitText(wanted, found.excluded, found.cues)

    def _note(self, texts: Sequence[tuple[str, str]], splits: Sequence[SplitText]) -> None:
        pairs = zip(texts, splits, strict=True)
        found = [(" ".join(text).strip(), split) for text, split in pairs if split.cues]
        self._queries, self._split = len(texts), len(found)
        step = max(1, len(found) // _EXAMPLES)
        self._examples = dict(found[::step][:_EXAMPLES])


def parse_composed(name: str) -> tuple[str, float] | None:
    """Read the name ``composed:MODEL`` or ``composed@ALPHA:MODEL``.

    :return: the model's name and alpha; None if it is no such name.
    :raises InputError: if alpha is no number from 0 to 4, or the model's name is missing.
    """
    kind, colon, model = name.partition(":")
    word, at, number = kind.partition("@")
    if word != COMPOSED or not colon:
        return None
    try:
        alpha = float(number) if at else DEFAULT_ALPHA
    except ValueError:
        alpha = -1.0
    if not 0 <= alpha <= 4 or not model:
        raise InputError(f"model {name}: write composed:MODEL or composed@ALPHA:MODEL, alpha from 0 to 4")
    return model, alpha
