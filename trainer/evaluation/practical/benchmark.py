"""The practical sets as candidate sets, with the texts of all splits as the corpus."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.candidate_sets import CandidateSets
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import (
    EvaluationQuery,
    EvaluationSet,
    EvaluationView,
)
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.practical.lever_groups import lever_group
from dualview.trainer.evaluation.practical.read_sets import (
    PracticalSet,
    PracticalView,
    read_sets,
    shipped_folder,
)

NAME = "practical"
#: Documents are ``practical/SET/NUMBER``, as in the published dataset.
PREFIX = "practical/"
# A dozen instructions are never all right, and none of them is the reversal of another.
_NOT_MEANT = ("flip_accuracy", "p_mrr", "p_mrr_gained")


@dataclass(frozen=True)
class PracticalSets(CandidateSets):
    """Practical sets; every set holds all instructions of its query."""

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures that are meant for sets of many instructions.

        :raises MissingQueryError: if the run lacks a request.
        """
        found = super().figures(run)
        for figures in found.values():
            for name in _NOT_MEANT:
                figures.values.pop(name, None)
                figures.query_ids.pop(name, None)
        return found


def practical_benchmark(folder: Path | None = None, split: str = "test") -> PracticalSets:
    """Read the sets of a split, and the texts of all splits, among which theirs are looked for.

    :param folder: of the sets; None takes the shipped ones.
    :raises InputError: naming the file and the line, if they cannot be used; or if the split has none.
    """
    all_sets = read_sets(folder or shipped_folder())
    documents = {docid: text for one in all_sets for docid, text in zip(_docids(one), one.texts, strict=True)}
    own = [one for one in all_sets if one.split == split]
    if not own:
        known = ", ".join(sorted({one.split for one in all_sets}))
        raise InputError(f"practical sets: none is of the split {split!r}; there are sets of {known}")
    return PracticalSets(
        [_evaluation_set(one) for one in own],
        {PREFIX + one.id: EvaluationQuery(one.query, "", dict.fromkeys(_docids(one))) for one in own},
        documents,
        name=NAME,
        split=split,
    )


def _evaluation_set(one: PracticalSet) -> EvaluationSet:
    key = PREFIX + one.id
    views = [_evaluation_view(view, _docids(one)) for view in one.views]
    return EvaluationSet(key, key, one.query, "", views)


def _evaluation_view(view: PracticalView, docids: Sequence[str]) -> EvaluationView:
    return EvaluationView(
        view.instruction,
        docids[view.target],
        kind=view.kind,
        rejects=tuple(docid for place, docid in enumerate(docids) if place != view.target),
        lever_group=lever_group(view.lever) if view.lever else "",
    )


def _docids(one: PracticalSet) -> list[str]:
    return [f"{PREFIX}{one.id}/{number}" for number in range(len(one.texts))]
