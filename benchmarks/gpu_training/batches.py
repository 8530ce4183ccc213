"""Batches of candidate sets, and the two losses' forward passes over them."""

from __future__ import annotations

import argparse
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

import torch
from sentence_transformers import SentenceTransformer
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss
from torch import Tensor

from dualview.trainer.encoders.embedding import chunk_size, chunks_by_length
from dualview.trainer.encoders.packing import PACKED
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import Relation, join_blocks

Features = dict[str, Any]


@dataclass(frozen=True)
class Batch:
    """Candidate sets of V instructed queries and V passages, tokenised."""

    name: str
    sets: int
    views: int
    queries: Features
    passages: Features


def make_batch(args: argparse.Namespace, name: str, sets: int, views: int, varied: bool = False) -> Batch:
    """Draw token ids; ``varied``: passages between an eighth of the limit and the limit, mostly short."""
    generator = torch.Generator().manual_seed(sets * views)
    texts = sets * views
    lengths = torch.full((texts,), args.tokens)
    if varied:
        spread = torch.exp(torch.randn(texts, generator=generator) * 0.6) * args.tokens / 3
        lengths = spread.long().clamp(args.tokens // 8, args.tokens)
    queries = torch.randint(args.query_tokens // 2, args.query_tokens + 1, (texts,), generator=generator)
    return Batch(
        name, sets, views, _tokenised(args, queries, generator), _tokenised(args, lengths, generator)
    )


def _tokenised(args: argparse.Namespace, lengths: Tensor, generator: torch.Generator) -> Features:
    mask = (torch.arange(int(lengths.max()))[None, :] < lengths[:, None]).long()
    ids = torch.randint(3, args.vocab, mask.shape, generator=generator) * mask
    # With the lengths, as the trainer's collator gives them.
    return {
        "input_ids": ids.to(args.device),
        "attention_mask": mask.to(args.device),
        "lengths": lengths.tolist(),
    }


def dual_view_step(
    args: argparse.Namespace, model: SentenceTransformer, batch: Batch
) -> Callable[[], Tensor]:
    """Make the forward pass of DualViewLoss: every passage once."""
    block = torch.full((batch.views, batch.views), int(Relation.NEGATIVE))
    block.fill_diagonal_(int(Relation.RELEVANT))
    labels = join_blocks([block] * batch.sets, range(batch.sets), [False] * (batch.sets * batch.views))
    labels = labels.to(args.device)
    loss = DualViewLoss(model, neutral_weight=0.0, chunk_tokens=args.chunk_tokens)
    return lambda: torch.stack(list(loss([batch.queries, batch.passages], labels).values())).sum()


def triplet_step(model: SentenceTransformer, batch: Batch) -> Callable[[], Tensor]:
    """Make the forward pass of MultipleNegativesRankingLoss: a row a view, with the set's other passages."""
    loss = MultipleNegativesRankingLoss(model, scale=50.0)
    device = batch.queries["input_ids"].device
    number = torch.arange(batch.sets * batch.views, device=device).reshape(batch.sets, batch.views)
    columns = [{key: batch.queries[key] for key in ("input_ids", "attention_mask")}]
    for shift in range(batch.views):
        rows = number.roll(-shift, dims=1).flatten()
        columns.append({key: batch.passages[key][rows] for key in ("input_ids", "attention_mask")})
    return lambda: loss([dict(column) for column in columns], torch.empty(0, device=device))


def padding_share(args: argparse.Namespace, batch: Batch, loss: str, attention: str) -> float:
    """Share of the tokens that go through the encoder and are padding."""
    computed = real = 0
    for features in (batch.queries, batch.passages):
        mask = features["attention_mask"]
        real += int(mask.sum())
        if loss == "DualViewLoss" and attention == PACKED:
            computed += int(mask.sum())
        elif loss == "DualViewLoss" and mask.numel() > (limit := chunk_size(mask.device, args.chunk_tokens)):
            _, chunks = chunks_by_length(features["lengths"], limit)
            computed += sum(len(chunk.lengths) * chunk.lengths[0] for chunk in chunks)
        else:
            computed += mask.numel()
    return 1 - real / computed
