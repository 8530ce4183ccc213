"""A model's figures beside a baseline's, on the same queries, with intervals."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass

from trainer.evaluation.scoring import FIGURES, Figures
from trainer.evaluation.significance import Comparison, paired_bootstrap


@dataclass(frozen=True)
class ComparedFigure:
    """One figure on one part of a dataset.

    :param subset: the source of the candidate sets, or an empty string for the whole split.
    :param metric: its key in :data:`FIGURES`.
    :param chance: what guessing would give, as a fraction; None where that says nothing.
    :param detail: what was counted, such as "180 sets of 3 instructions".
    """

    dataset: str
    split: str
    subset: str
    metric: str
    comparison: Comparison
    chance: float | None = None
    detail: str = ""

    @property
    def name(self) -> str:
        """The figure's name for a reader."""
        return FIGURES[self.metric]


def compare_figures(
    model: Mapping[str, Figures],
    baseline: Mapping[str, Figures],
    dataset: str,
    split: str,
    chances: Mapping[tuple[str, str], float],
    details: Mapping[str, str],
) -> list[ComparedFigure]:
    """Compare every figure of every source.

    :param model: figures of the model by source; ``baseline`` holds the same queries in the same order.
    :param chances: what guessing gives, by source and figure, where it is known.
    :param details: what was counted, by source.
    :raises ValueError: if the two were not measured on the same queries.
    """
    compared = []
    for source, figures in model.items():
        other = baseline[source]
        for metric in FIGURES:
            if not figures.values[metric]:
                continue
            if figures.query_ids[metric] != other.query_ids[metric]:
                raise ValueError(
                    f"{metric} of {source}: model and baseline were measured on different queries"
                )
            comparison = paired_bootstrap(
                figures.values[metric], other.values[metric], figures.query_ids[metric]
            )
            compared.append(
                ComparedFigure(
                    dataset,
                    split,
                    source,
                    metric,
                    comparison,
                    chances.get((source, metric)),
                    details.get(source, ""),
                )
            )
    return compared
