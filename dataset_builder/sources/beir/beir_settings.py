"""Settings of the source ``beir``, and its options."""

from __future__ import annotations

import argparse
from dataclasses import dataclass, field

from dualview.dataset_builder.number_types import count

_METHODS = ("bm25", "model", "both", "none")


@dataclass(frozen=True)
class MiningSettings:
    """Settings of the search for passages that look alike.

    :param method: ``bm25``, ``model``, ``both`` or ``none``.
    :param model: the encoder for ``model`` and ``both``: a folder or an id on the Hub.
    :param near: most instruction-negative candidates of a query.
    :param hard: most hard negatives of a query.
    :param margin: see :func:`~dualview.dataset_builder.sources.negatives.mine_with_bm25`.
    """

    method: str = "bm25"
    model: str | None = None
    near: int = 3
    hard: int = 10
    margin: float = 0.05


@dataclass(frozen=True)
class BeirSettings:
    """Settings of the source ``beir``.

    :param split: the judgements to read, one of ``qrels/*.tsv``.
    :param strict: refuse judgements of passages and queries that the folder lacks; else they are counted.
    """

    split: str = "train"
    mining: MiningSettings = field(default_factory=MiningSettings)
    strict: bool = False

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> BeirSettings:
        """The settings that the flags give."""
        mining = MiningSettings(
            args.negatives,
            args.negatives_model,
            args.near_candidates,
            args.hard_negatives,
            args.negatives_margin,
        )
        return cls(args.beir_split, mining, args.strict)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the options of judgements and of mining negatives."""
    group = parser.add_argument_group("source beir:FOLDER")
    group.add_argument(
        "--beir-split",
        default=BeirSettings.split,
        metavar="SPLIT",
        help="judgements to read, one of qrels/*.tsv (default: %(default)s; not the split you evaluate on)",
    )
    group.add_argument(
        "--strict",
        action="store_true",
        help="refuse judgements of passages and queries that the folder lacks, and repeated ones; otherwise "
        "they are counted",
    )
    group.add_argument(
        "--negatives",
        choices=_METHODS,
        default=MiningSettings.method,
        help="search for passages that look alike (default: %(default)s, which needs dualview[mine])",
    )
    group.add_argument(
        "--negatives-model",
        default=None,
        metavar="MODEL",
        help="encoder for --negatives model or both: a SentenceTransformer's folder or its id on the Hub",
    )
    group.add_argument(
        "--near-candidates",
        type=count,
        default=MiningSettings.near,
        metavar="N",
        help="passages of each query that may answer it too, offered to the writer (default: %(default)s)",
    )
    group.add_argument(
        "--hard-negatives",
        type=count,
        default=MiningSettings.hard,
        metavar="N",
        help="hard negatives of each query (default: %(default)s)",
    )
    group.add_argument(
        "--negatives-margin",
        type=_fraction,
        default=MiningSettings.margin,
        metavar="FRACTION",
        help="distance of a hard negative's score below the answers' scores (default: %(default)s)",
    )


def _fraction(text: str) -> float:
    number = float(text)
    if not 0 <= number <= 1:
        raise argparse.ArgumentTypeError("must be between 0 and 1")
    return number
