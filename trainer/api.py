"""Training from Python: a whole run by one call, and the parts for a trainer of your own.

Progress is logged by the logger ``dualview.train``. The parts are three: :func:`load_candidate_sets` for the
training rows, :func:`make_collator` for the batches, and
:class:`~dualview.trainer.losses.dual_view.DualViewLoss` for the loss. ``examples/own_trainer.py`` uses them
with ``SentenceTransformerTrainer``.
"""

from __future__ import annotations

import contextlib
import os
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from datasets import Dataset
from sentence_transformers import CrossEncoder, SentenceTransformer
from transformers.utils import logging as transformers_logging

from dualview.cards.errors import InputError
from dualview.command_line.running import hide_model_bars
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.data.candidate_rows import RowPlan, candidate_rows
from dualview.trainer.data.published import load_rows, needed_split
from dualview.trainer.encoders.models import load_model, training_prompts
from dualview.trainer.query_template import DEFAULT_TEMPLATE, check_template
from dualview.trainer.runs.training import train as train_run
from dualview.trainer.settings.names import settings_from
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.reranker import RERANKER
from dualview.trainer.settings.training import TrainingSettings

_PathLike = str | os.PathLike[str]


def train(
    dataset: _PathLike | Sequence[_PathLike],
    *,
    recipe: _PathLike | None = "minilm",
    out: _PathLike,
    model: _PathLike | None = None,
    **settings: Any,  # noqa: ANN401 - of all the types that settings have
) -> SentenceTransformer:
    """Train a retriever on a dual-view dataset and return the trained model.

    The same call goes on after an interruption, and returns the finished model if there is one.

    Example::

        model = dualview.train("out/own", recipe="minilm", out="runs/own", learning_rate=1e-4)

    :param dataset: folder or Hub id of a dual-view dataset, or several, each with an optional weight
        (``NAME=2``).
    :param recipe: name of a shipped recipe, or a YAML file; None takes the defaults.
    :param out: folder of the run; the model is in its folder ``model``.
    :param model: model to start from, instead of the recipe's.
    :param settings: further settings by name, those of ``dualview train --help`` with underscores, or Hugging
        Face's names for them; they override the recipe.
    :raises InputError: for an unknown setting, a wrong value, or input that cannot be used.
    """
    checked = TrainingSettings(**_values(recipe, model, {"dataset": dataset, "out": out, **settings}))
    if checked.kind == RERANKER:
        raise InputError("kind is reranker; train it with dualview.train_reranker")
    with _model_bars_hidden():
        return load_model(str(train_run(checked)))


def train_reranker(
    dataset: _PathLike | Sequence[_PathLike],
    *,
    recipe: _PathLike | None = "reranker",
    out: _PathLike,
    model: _PathLike | None = None,
    **settings: Any,  # noqa: ANN401 - of all the types that settings have
) -> CrossEncoder:
    """Train a reranker on a dual-view dataset and return the trained CrossEncoder.

    Example::

        reranker = dualview.train_reranker("out/own", out="runs/reranker")
        reranker.rank("electric bicycle The history, not the price.", passages)

    :param model: a CrossEncoder, or an encoder that gets a new head.
    :raises InputError: see :func:`train`, whose other parameters these are.
    """
    values = _values(recipe, model, {"dataset": dataset, "out": out, **settings})
    checked = TrainingSettings(**{**values, "kind": RERANKER})
    with _model_bars_hidden():
        trained: CrossEncoder = CrossEncoder(str(train_run(checked)))
    return trained


def _values(recipe: _PathLike | None, model: _PathLike | None, given: Mapping[str, Any]) -> dict[str, Any]:
    """Return the settings of a recipe, overridden by those that are given."""
    values = read_recipe(os.fspath(recipe)) if recipe is not None else {}
    own = {} if model is None else {"model": model}
    return values | settings_from({**given, **own}, lambda name: name)


@contextlib.contextmanager
def _model_bars_hidden() -> Iterator[None]:
    """Hide the bars that transformers draws for weights, and leave the caller's setting as it was."""
    shown = transformers_logging.is_progress_bar_enabled()
    hide_model_bars()
    try:
        yield
    finally:
        if shown:
            transformers_logging.enable_progress_bar()


def load_candidate_sets(
    dataset: _PathLike,
    split: str = "train",
    *,
    pairs_per_row: int = 6,
    paraphrases: bool = True,
    neutral: bool = True,
) -> Dataset:
    """Load a split of a dual-view dataset as training rows, each with all views of a query's passages.

    :param dataset: folder or Hub id of a dual-view dataset.
    :param pairs_per_row: most pairs of opposite instructions in a row.
    :param paraphrases: whether the paraphrases of the original instructions are views too.
    :param neutral: whether the bare query is a view too.
    :return: rows for :func:`make_collator`.
    :raises InputError: if the dataset cannot be loaded, or is no dual-view dataset.
    """
    if not isinstance(dataset, (str, os.PathLike)):
        raise InputError(f"dataset is a {type(dataset).__name__}; give the folder or Hub id of a dataset")
    name = os.fspath(dataset)
    views = ("original", "reversed", *(["paraphrase"] if paraphrases else []))
    return candidate_rows(needed_split(load_rows(name), split, name), RowPlan(pairs_per_row, views, neutral))


def make_collator(
    model: SentenceTransformer,
    *,
    template: str = DEFAULT_TEMPLATE,
    max_negatives: int = 30,
    **options: Any,  # noqa: ANN401 - those of CandidateSetCollator
) -> CandidateSetCollator:
    """Make the data collator of candidate sets for a ``SentenceTransformerTrainer``.

    :param model: the model that is trained; its prompts for queries and documents are used.
    :param template: how query and instruction are joined.
    :param max_negatives: most passages of a row besides its views' own.
    :param options: further options of :class:`~dualview.trainer.batches.collator.CandidateSetCollator`.
    :raises InputError: if the template is wrong, or there is no such option.
    """
    if not hasattr(model, "preprocess"):
        raise InputError(f"model is a {type(model).__name__}; give the SentenceTransformer that is trained")
    try:
        return CandidateSetCollator(
            preprocess_fn=model.preprocess,
            prompts=training_prompts(model),
            template=check_template(template),
            max_negatives=max_negatives,
            **options,
        )
    except TypeError as error:
        raise InputError(f"make_collator: {error}") from error
