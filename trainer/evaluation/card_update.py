"""Puts the results of an evaluation into the card of the evaluated model."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from pathlib import Path

from dualview.cards.model_card import write_model_card
from dualview.cards.model_facts import Result, load_facts, save_facts
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure


def update_card(folder: Path, figures: Iterable[ComparedFigure], command: str) -> Path:
    """Replace the results in the facts and the card of a model's folder; return the card's path.

    The margin stays out: cards show fractions x100.

    :param figures: measured beside a baseline; figures without one are left out.
    :param command: the command that measured them.
    :raises dualview.cards.errors.CardError: if the folder holds no facts, or a file cannot be written.
    """
    results = tuple(filter(None, (_result(figure) for figure in figures if figure.kind.percent)))
    facts = replace(load_facts(folder), results=results, eval_command=command)
    save_facts(folder, facts)
    return write_model_card(folder, facts)


def _result(figure: ComparedFigure) -> Result | None:
    compared = figure.comparison
    if compared.baseline is None or compared.difference is None:
        return None
    return Result(
        dataset=figure.dataset,
        split=figure.split,
        metric=figure.metric,
        metric_name=figure.kind.label,
        subset=figure.subset,
        value=compared.model.value,
        low=compared.model.low,
        high=compared.model.high,
        baseline=compared.baseline.value,
        difference=compared.difference.value,
        difference_low=compared.difference.low,
        difference_high=compared.difference.high,
        queries=compared.queries,
    )
