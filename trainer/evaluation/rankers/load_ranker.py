"""Rankers by name, as the command line gives them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path

from sentence_transformers import CrossEncoder

from dualview.cards.errors import InputError
from dualview.trainer.encoders.models import load_model, resolve_model
from dualview.trainer.evaluation.model_names import instruction_template
from dualview.trainer.evaluation.rankers.bm25_ranker import BM25Ranker
from dualview.trainer.evaluation.rankers.cross_encoder_ranker import CrossEncoderRanker
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.ranker import Ranker
from dualview.trainer.evaluation.rankers.run_file import RunFileRanker
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder
from dualview.trainer.query_template import DEFAULT_TEMPLATE

BM25, CROSS_ENCODER, RUN = "bm25", "cross-encoder:", "run:"
KINDS = "a folder, a Hub id, package:NAME/SUBFOLDER, bm25, cross-encoder:NAME, or run:FILE"
#: What a reranker gets from BM25 where a benchmark names no candidates.
_RERANKED = 100


@dataclass(frozen=True)
class RankerOptions:
    """How rankers work.

    :param max_tokens: cut texts at so many tokens; None keeps the model's own limit.
    :param cache: folder for vectors; None keeps them in memory.
    :param half: keep vectors in half precision.
    """

    batch_size: int = 32
    max_tokens: int | None = None
    cache: Path | None = None
    half: bool = False
    show_progress: bool = False


def load_ranker(name: str, options: RankerOptions) -> Ranker:
    """Load what a name stands for: see :data:`KINDS`.

    :raises InputError: if there is no such model or file.
    """
    if name == BM25:
        return BM25Ranker()
    if name.startswith(RUN):
        return RunFileRanker(Path(name.removeprefix(RUN)))
    if name.startswith(CROSS_ENCODER):
        return _load_cross_encoder(name.removeprefix(CROSS_ENCODER), options)
    try:
        model = load_model(name, options.max_tokens)
    except AttributeError:  # of a model without a limit, such as one of static word vectors
        raise InputError(f"model {name}: has no limit of tokens to set; leave out --max-tokens") from None
    encoder = TextEncoder(model, options.cache, options.half, options.batch_size, options.show_progress)
    return DenseRanker(encoder, instruction_template(name))


def template_of(name: str) -> str:
    """Say how a ranker joins query and instruction; a saved run joined them when it was made."""
    if name == BM25 or name.startswith((CROSS_ENCODER, RUN)):
        return DEFAULT_TEMPLATE
    return instruction_template(name)


def _load_cross_encoder(name: str, options: RankerOptions) -> Ranker:
    try:
        model = CrossEncoder(resolve_model(name), max_length=options.max_tokens)
    except (OSError, ValueError) as error:
        reason = str(error).strip().splitlines()[0] if str(error).strip() else type(error).__name__
        raise InputError(
            f"cross-encoder {name}: cannot be loaded ({reason}); check the folder or Hub id"
        ) from error
    return CrossEncoderRanker(
        model,
        BM25Ranker(depth=_RERANKED),
        batch_size=options.batch_size,
        show_progress=options.show_progress,
    )
