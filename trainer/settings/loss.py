"""Settings of the loss, but for the weights of its terms (:mod:`dualview.trainer.losses.weights`)."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option


@dataclass(frozen=True, kw_only=True)
class LossSettings:
    """Options of the loss."""

    TITLE: ClassVar[str] = "loss"

    temperature: float = option(0.02, "softmax temperature", Range(0, above=True))
    in_batch_negatives: bool = option(True, "passages of other rows are negatives too")
    gather_across_devices: bool = option(False, "passages of the other processes are negatives too")
    kept_sentences: int = option(
        20, "sentences of the passages in each step of the term keep_queries", Range(0)
    )
    compositions: int = option(16, "queries with phrases in each step of the term compose", Range(1))
    compose_alpha: float = option(
        1.0, "share of an excluded phrase's vector that compose subtracts from the query's", Range(0)
    )
    compose_beta: float = option(
        0.5,
        "share of a wanted phrase's vector that compose adds to the query's; 0 leaves such queries out",
        Range(0),
    )
    compose_orthogonal: bool = option(
        True, "compose subtracts only the part of the phrase's vector that is orthogonal to the query's"
    )
    matryoshka_dims: list[int] = option([], "smaller embedding sizes to train as well", Range(1))
    cached: bool = option(
        False, "cache gradients: very large batches in constant memory; steps take a third longer"
    )
    chunk_tokens: int = option(
        0,
        "tokens in a forward pass; 0 chooses: 512 on a CPU; on a GPU 131,072, or 16,384 where cached",
        Range(0),
    )
