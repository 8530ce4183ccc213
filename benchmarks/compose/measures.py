"""Figures over whole corpora: right first, violating first, reciprocal rank, right within the set, nDCG."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

import torch
from torch import Tensor


@dataclass(frozen=True)
class Ranked:
    """Outcomes of instructed queries over a corpus, (queries,) each.

    :param first: the wanted text is first of all; ``violating``: one that the instruction rules out is.
    :param rank: 1-based rank of the wanted text among all.
    :param within: it is before all that the instruction rules out.
    """

    first: Tensor
    violating: Tensor
    rank: Tensor
    within: Tensor

    def chosen(self, mask: Tensor) -> Ranked:
        """The outcomes of some queries."""
        return Ranked(self.first[mask], self.violating[mask], self.rank[mask], self.within[mask])

    def figures(self) -> dict[str, float]:
        """Means, x100."""
        return {
            "first": percent(self.first),
            "violating": percent(self.violating),
            "mrr": percent(1 / self.rank),
            "within": percent(self.within),
        }


def percent(values: Tensor) -> float:
    """Mean x100, to two places."""
    return round(100 * float(values.float().mean()), 2) if len(values) else float("nan")


def rank_targets(queries: Tensor, corpus: Tensor, targets: Tensor, negatives: Tensor) -> Ranked:
    """Rank a corpus for each query.

    :param queries: (queries, dim) unit vectors; ``corpus`` (passages, dim) likewise.
    :param targets: (queries,) places of the wanted passages.
    :param negatives: (queries, width) places of those that are ruled out, -1 where there are fewer.
    """
    scores = queries @ corpus.T
    wanted = scores.gather(1, targets[:, None])
    rank = (scores > wanted).sum(dim=1) + 1
    top = scores.argmax(dim=1)
    against = scores.gather(1, negatives.clamp(min=0)).masked_fill(negatives < 0, -torch.inf)
    return Ranked(
        first=(rank == 1).cpu(),
        violating=(negatives == top[:, None]).any(dim=1).cpu(),
        rank=rank.cpu(),
        within=(wanted > against).all(dim=1).cpu(),
    )


def ndcg_at_10(queries: Tensor, corpus: Tensor, relevant: Sequence[Sequence[int]]) -> Tensor:
    """nDCG@10 of each query with binary relevance: (queries,)."""
    top = (queries @ corpus.T).topk(min(10, len(corpus)), dim=1).indices.cpu()
    discounts = 1 / torch.log2(torch.arange(2, 12).float())
    values = []
    for places, wanted in zip(top, relevant, strict=True):
        hits = torch.isin(places, torch.tensor(list(wanted))).float()
        values.append((hits * discounts[: len(hits)]).sum() / discounts[: min(10, len(wanted))].sum())
    return torch.stack(values)


def cosines(vectors: Tensor, base: Tensor) -> Tensor:
    """Cosine of each unit vector with the base's: (texts,)."""
    return (vectors * base).sum(dim=1).cpu()
