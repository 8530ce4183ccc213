"""Settings of the training data: datasets, and the views that are taken from them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import ClassVar

from dualview.trainer.option import Range, option

MIXTURES = ("", "ins-orig", "ins-dv", "all-orig", "all-dv", "tri-view", "paraphrase-control")


@dataclass(frozen=True, kw_only=True)
class DataSettings:
    """Options of the training data."""

    TITLE: ClassVar[str] = "data"

    dataset: list[str] = option(
        [],
        "dual-view datasets: folders or Hub ids, each with an optional weight (NAME=2)",
        also=["dataset_name"],
    )
    mixture: str = option("", "views that go in; empty takes all of them, without a budget", MIXTURES)
    reversed_share: float = option(
        0.5, "share of the reversed views among a mixture's original and reversed ones", Range(0, 1)
    )
    budget: int = option(0, "samples of the mixture (a view is a sample); 0 takes all there are", Range(0))
    source_weights: dict[str, float] = option(
        {},
        "how often the rows of a source are repeated (seeds=3); 0 leaves it out, other sources come once",
        Range(0),
    )
    plain_share: float = option(
        0.0, "share of the batches made of plain rows, without instructions", Range(0, 1, below=True)
    )
    streaming: bool = option(False, "read the training rows while training, for corpora larger than memory")
    pairs_per_row: int = option(
        6, "pairs of opposite instructions that share a query's passages in one row", Range(1)
    )
    paraphrases: bool = option(True, "train on the paraphrase of the original instruction too")
    max_negatives: int = option(
        30,
        "most passages of a row besides its views' own; instruction negatives come before hard negatives",
        Range(0),
    )
    corpus_negatives: int = option(
        0,
        "passages of the whole training text added to each batch, with the base model's vectors; of a "
        "reranker, passages of other queries in each list",
        Range(0),
    )
