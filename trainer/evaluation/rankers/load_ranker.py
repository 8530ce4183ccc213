"""Rankers by the name of a system, or for a model in memory."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass
from pathlib import Path

from sentence_transformers import CrossEncoder, SentenceTransformer

from dualview.cards.errors import InputError, reason_of
from dualview.trainer.encoders.models import load_model, resolve_model
from dualview.trainer.evaluation.model_names import instruction_template
from dualview.trainer.evaluation.rankers.bm25_ranker import BM25Ranker
from dualview.trainer.evaluation.rankers.composed_ranker import ComposedRanker, parse_composed
from dualview.trainer.evaluation.rankers.cross_encoder_ranker import CrossEncoderRanker
from dualview.trainer.evaluation.rankers.dense_ranker import DenseRanker
from dualview.trainer.evaluation.rankers.ranker import Ranker
from dualview.trainer.evaluation.rankers.run_file import RunFileRanker
from dualview.trainer.evaluation.rankers.text_encoder import TextEncoder
from dualview.trainer.evaluation.settings import CROSS_ENCODER, System
from dualview.trainer.query_template import DEFAULT_TEMPLATE

BM25, RERANKER, RUN = "bm25", f"{CROSS_ENCODER}:", "run:"
#: Names of systems.
KINDS = "a folder, a Hub id, package:NAME/SUBFOLDER, bm25, cross-encoder:NAME, composed:NAME, or run:FILE"
#: What a reranker gets from BM25 where a benchmark names no candidates.
_RERANKED = 100


@dataclass(frozen=True)
class RankerOptions:
    """Options of all rankers.

    :param max_tokens: cut texts at so many tokens; None keeps the model's own limit.
    :param cache: folder for vectors; None keeps them in memory.
    :param half: keep vectors in half precision.
    :param bf16: multiply matrices in bfloat16.
    """

    batch_size: int = 32
    max_tokens: int | None = None
    cache: Path | None = None
    half: bool = False
    bf16: bool = False
    show_progress: bool = False


def load_ranker(system: System, options: RankerOptions) -> Ranker:
    """Load the ranker of a system.

    :param system: one of :data:`KINDS`, or a SentenceTransformer.
    :raises InputError: if there is no such model or file.
    """
    if not isinstance(system, str):
        return DenseRanker(_encoder(system, options), instruction_template(system))
    if system == BM25:
        return BM25Ranker()
    if system.startswith(RUN):
        return RunFileRanker(Path(system.removeprefix(RUN)))
    if system.startswith(RERANKER):
        return _load_cross_encoder(system.removeprefix(RERANKER), options)
    composed = parse_composed(system)
    name = composed[0] if composed else system
    model = load_model(name, options.max_tokens)
    if options.max_tokens and model.transformers_model is None:  # such as static word vectors
        raise InputError(_no_limit(name))
    encoder, template = _encoder(model, options), instruction_template(name)
    return ComposedRanker(encoder, template, *composed[1:]) if composed else DenseRanker(encoder, template)


def template_of(system: System) -> str:
    """Return how a ranker joins query and instruction; a saved run joined them when it was made."""
    if isinstance(system, str) and (system == BM25 or system.startswith(RUN)):
        return DEFAULT_TEMPLATE
    if isinstance(system, str):
        composed = parse_composed(system)
        return instruction_template(composed[0] if composed else system.removeprefix(RERANKER))
    return instruction_template(system)


@contextmanager
def token_limit(system: System, max_tokens: int | None) -> Iterator[None]:
    """Cut the texts of a model in memory for a while; models that are loaded by name get their limit then.

    :raises InputError: if the model has no limit to set.
    """
    if max_tokens is None or isinstance(system, str):
        yield
        return
    before = system.max_seq_length
    try:
        system.max_seq_length = max_tokens
    except AttributeError:
        raise InputError(_no_limit("in memory")) from None
    try:
        yield
    finally:
        system.max_seq_length = before


def _no_limit(name: str) -> str:
    return f"model {name}: has no limit of tokens to set; leave out the token limit (--max-tokens)"


def _encoder(model: SentenceTransformer, options: RankerOptions) -> TextEncoder:
    return TextEncoder(
        model, options.cache, options.half, options.batch_size, options.show_progress, bf16=options.bf16
    )


def _load_cross_encoder(name: str, options: RankerOptions) -> Ranker:
    try:
        model = CrossEncoder(resolve_model(name), max_length=options.max_tokens)
    except (OSError, ValueError) as error:
        raise InputError(
            f"cross-encoder {name}: cannot be loaded ({reason_of(error)}); check the folder or Hub id"
        ) from error
    return CrossEncoderRanker(
        model,
        BM25Ranker(depth=_RERANKED),
        instruction_template(name),
        batch_size=options.batch_size,
        show_progress=options.show_progress,
        bf16=options.bf16,
    )
