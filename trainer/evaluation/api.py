"""Evaluation from Python."""

from __future__ import annotations

from collections.abc import Sequence
from pathlib import Path
from typing import cast

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.model_names import name_of, role_of_baseline
from dualview.trainer.evaluation.report.results import Evaluation
from dualview.trainer.evaluation.run import run_evaluation
from dualview.trainer.evaluation.settings import EvaluationSettings, System

__all__ = ["Evaluation", "evaluate"]


def evaluate(
    model: System | Path,
    dataset: str | Path | None = None,
    *,
    baseline: System | Path | Sequence[System | Path] | None = None,
    split: str = "test",
    benchmarks: Sequence[str | Path] = (),
    scifact: str | Path | None = None,
    suite: str | None = None,
    suite_folder: str | Path | None = None,
    strict: bool = False,
    out: str | Path | None = None,
    save_runs: bool = False,
    examples: int = EvaluationSettings.examples,
    update_card: bool = False,
    batch_size: int = EvaluationSettings.batch_size,
    max_tokens: int | None = None,
    cache: str | Path | None = None,
    half: bool = False,
    precision: str = EvaluationSettings.precision,
    show_progress: bool = False,
) -> Evaluation:
    """Measure how well a model follows instructions, alone or beside baselines.

    Example::

        >>> from dualview.trainer.evaluation.api import evaluate
        >>> result = evaluate("runs/own/model", "out/own", baseline="bm25")
        >>> print(result)  # doctest: +ELLIPSIS
        Measured on...Figure...Queries  Chance  Baseline...Model...Difference
        ...right first...
        >>> first = result.figures[0]
        >>> first.metric, 0 <= first.comparison.model.value <= 1
        ('right_first', True)
        >>> first.comparison.difference.low <= first.comparison.difference.high
        True

    :param model: a SentenceTransformer; or the name of one (a folder, a Hub id, or
        ``package:NAME/SUBFOLDER``), ``bm25``, ``cross-encoder:NAME``, ``composed:NAME``,
        ``composed@ALPHA:NAME`` or ``composed@ALPHA+EMPHASIS:NAME`` (a rule subtracts what a query excludes
        and adds its wish), or ``run:FILE`` for a saved run in TREC's format.
    :param dataset: a dual-view dataset: a folder or a Hub id.
    :param baseline: what to compare the model with, of the same kinds, or a list of several; None to measure
        the model alone.
    :param split: the split of the dataset.
    :param benchmarks: folders of benchmarks, or ``mteb:NAME`` for a task of mteb.
    :param scifact: a folder in BEIR's layout, for plain retrieval.
    :param suite: benchmarks that are measured together: ``paper`` or ``practical``.
    :param suite_folder: the folder with the suite's converted benchmarks, or with practical sets of your own.
    :param strict: refuse judgements of documents or queries that a benchmark lacks, instead of counting them.
    :param out: folder for the report; None writes none.
    :param save_runs: save all rankings in ``out/runs``, with their judgements.
    :param examples: candidate sets that the report shows of each outcome.
    :param update_card: put the results into the card in the model's folder.
    :param batch_size: texts in a forward pass.
    :param max_tokens: cut texts at so many tokens, for all models; None keeps each model's own limit.
    :param cache: folder to keep vectors in for the next evaluation.
    :param half: keep vectors in half precision.
    :param precision: number format of the matrix products, ``fp32`` or ``bf16``; the second is faster where
        the machine computes in it, and moves figures a little.
    :param show_progress: show on standard error how far the encoding is.
    :return: figures with 95% intervals from a bootstrap over queries; ``print`` shows them as a table.
    :raises dualview.cards.errors.InputError: if a model, some data or an argument cannot be used.
    """
    baselines = _baselines(baseline)
    named = [name_of(one, role_of_baseline(number)) for number, one in enumerate(baselines)]
    given = {
        "baseline": named[0] if len(named) == 1 else named or None,
        "split": split if split != EvaluationSettings.split else None,
        "benchmarks": list(_names(benchmarks)) or None,
        "scifact": None if scifact is None else str(scifact),
        "suite": suite,
        "max_tokens": max_tokens,
        "precision": precision if precision != EvaluationSettings.precision else None,
    }
    words = [repr(name_of(_system(model), "model"))]
    words += [repr(_dataset(dataset))] if dataset is not None else []
    words += [f"{name}={value!r}" for name, value in given.items() if value is not None]
    return run_evaluation(
        EvaluationSettings(
            model=_system(model),
            baselines=baselines,
            dataset=_dataset(dataset),
            split=split,
            scifact=_path(scifact),
            benchmarks=_names(benchmarks),
            suite=suite,
            suite_folder=_path(suite_folder),
            strict=strict,
            out=_path(out),
            save_runs=save_runs,
            examples=examples,
            update_card=update_card,
            batch_size=batch_size,
            max_tokens=max_tokens,
            cache=_path(cache),
            half=half,
            precision=precision,
            show_progress=show_progress,
            command=f"dualview.evaluate({', '.join(words)})",
        )
    )


def _system(given: System | Path) -> System:
    return str(given) if isinstance(given, Path) else given


def _baselines(given: System | Path | Sequence[System | Path] | None) -> tuple[System, ...]:
    if given is None:
        return ()
    if isinstance(given, (list, tuple)):
        return tuple(_system(one) for one in given)
    return (_system(cast("System | Path", given)),)  # a model in memory is a sequence of modules, too


def _path(given: str | Path | None) -> Path | None:
    return None if given is None else Path(given)


def _dataset(given: str | Path | None) -> str | None:
    if given is None or isinstance(given, (str, Path)):
        return None if given is None else str(given)
    raise InputError(
        f"a dataset is given by its folder or Hub id, not as a {type(given).__name__}; for rows in memory, "
        "use FlipEvaluator(rows)(model)"
    )


def _names(given: Sequence[str | Path]) -> tuple[str, ...]:
    if isinstance(given, (str, Path)):
        raise InputError(f"benchmarks are given as a list; write benchmarks=[{str(given)!r}]")
    return tuple(str(name) for name in given)
