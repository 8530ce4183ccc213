"""One vector, for any index, of a query without what it excludes."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path

import numpy as np
import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.composition.rule import SplitText, split_exclusions
from dualview.trainer.composition.vectors import DEFAULT_ALPHA, compose_vectors, sum_phrases


def exclude(
    query: str,
    unwanted: str | Sequence[str] | None = None,
    *,
    model: SentenceTransformer,
    alpha: float = DEFAULT_ALPHA,
    orthogonal: bool = False,
    language: str | Path = "en",
) -> np.ndarray:
    """Encode a query without what it excludes: ``enc(wanted) - alpha * enc(excluded)``, of unit length.

    No training and no change to the index are needed: search it with the vector by cosine or dot product.

    A larger alpha keeps more of what is excluded from the first place, and can lose the topic. Measure it
    over your own corpus: pairs of passages cannot show a lost topic. ``docs/excluding.md`` has a table.

    Example::

        >>> from dualview.trainer.composition.exclude import exclude
        >>> exclude("a week in Crete without museums", model=model).shape
        (384,)
        >>> exclude("a week in Crete", ["museums", "churches"], model=model, alpha=0.4).shape
        (384,)

    :param query: as typed; without ``unwanted`` the rule of
        :func:`dualview.trainer.composition.rule.split_exclusions` finds what it excludes.
    :param unwanted: what is not wanted, a phrase or several; the query is then taken as it is.
    :param model: encodes the query; its query side where it has two.
    :param alpha: how much is subtracted; 0 leaves the excluded phrases out and subtracts nothing.
    :param orthogonal: subtract only what the excluded phrases do not share with the query.
    :param language: of the rule's table.
    :return: (dim,), float32.
    :raises InputError: for an empty query or phrase, or a negative alpha.
    """
    found = _split(query, unwanted, language)
    if not alpha >= 0:
        raise InputError(f"alpha is {alpha}; it must not be negative")
    texts = [found.wanted, *found.excluded]
    vectors = torch.from_numpy(model.encode_query(texts, normalize_embeddings=True, show_progress_bar=False))
    wanted, phrases = vectors[:1].float(), vectors[1:].float()
    if not len(phrases):
        return np.asarray(wanted[0])
    excluded = sum_phrases(phrases, torch.zeros(len(phrases), dtype=torch.int64), 1)
    return np.asarray(compose_vectors(wanted, excluded, alpha, orthogonal)[0])


def _split(query: str, unwanted: str | Sequence[str] | None, language: str | Path) -> SplitText:
    if not isinstance(query, str) or not query.strip():
        raise InputError(f"the query is {query!r}; give the words of a search")
    if unwanted is None:
        return split_exclusions(query, language)
    phrases = (unwanted,) if isinstance(unwanted, str) else tuple(unwanted)
    if empty := [phrase for phrase in phrases if not isinstance(phrase, str) or not phrase.strip()]:
        raise InputError(f"an unwanted phrase is {empty[0]!r}; give words, or leave it out")
    return SplitText(query, phrases)
