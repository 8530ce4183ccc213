"""One vector, for any index, of an instructed query: less what it excludes, more of what it wishes."""

from __future__ import annotations

from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.composition.instructed import split_instruction
from dualview.trainer.composition.vectors import DEFAULT_ALPHA, compose_instructed, sum_phrases
from dualview.trainer.query_template import DEFAULT_TEMPLATE


def compose(
    query: str,
    instruction: str,
    *,
    model: SentenceTransformer,
    alpha: float = DEFAULT_ALPHA,
    emphasis: float = 0.3,
    language: str | Path = "en",
    template: str = DEFAULT_TEMPLATE,
) -> np.ndarray:
    """Encode a query with an instruction: ``enc(query wish) - alpha * enc(excluded) + emphasis * enc(wish)``.

    An encoder gives an instruction little weight beside its query, and reads "without" as "with". No training
    and no change to the index are needed: search it with the vector by cosine or dot product. More emphasis
    keeps more of the wish and can lose the query's topic: ``docs/excluding.md`` has a table.

    Example::

        >>> from dualview.trainer.composition.compose import compose
        >>> compose("chess set", "under 20 euros, nothing made of plastic", model=model).shape
        (384,)

    :param query: what is searched for.
    :param instruction: what is asked for beside it, in free words.
    :param model: encodes the texts; its query side where it has two.
    :param alpha: how much of what is excluded is subtracted.
    :param emphasis: how much of the wish's own vector is added; 0 leaves it at the joined text.
    :param language: of the table by which the rule finds what is excluded
        (:func:`dualview.trainer.composition.rule.split_exclusions`).
    :param template: joins query and wish, as in the model's training.
    :return: (dim,), float32, of unit length.
    :raises InputError: for an empty query, or a negative alpha or emphasis.
    """
    if not query.strip():
        raise InputError(f"the query is {query!r}; give the words of a search")
    for name, share in (("alpha", alpha), ("emphasis", emphasis)):
        if not share >= 0:
            raise InputError(f"{name} is {share}; it must not be negative")
    split = split_instruction(query, instruction, language, template)
    texts = [split.text.wanted, *filter(None, [split.wish]), *split.text.excluded]
    vectors = torch.from_numpy(model.encode_query(texts, normalize_embeddings=True, show_progress_bar=False))
    vectors = vectors.float()
    wished = 1 + bool(split.wish)
    wish, excluded = (
        sum_phrases(part, torch.zeros(len(part), dtype=torch.int64), 1)
        for part in (vectors[1:wished], vectors[wished:])
    )
    return np.asarray(compose_instructed(vectors[:1], excluded, wish, alpha, emphasis)[0])
