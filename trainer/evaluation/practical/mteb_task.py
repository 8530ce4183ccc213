"""The practical sets as a task of mteb, with right first as its main score."""

from __future__ import annotations

from collections.abc import Mapping
from pathlib import Path
from typing import TYPE_CHECKING, Any

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.benchmarks.sets.evaluation_sets import EvaluationView
from dualview.trainer.evaluation.benchmarks.sets.set_figures import first_figures, first_value
from dualview.trainer.evaluation.metrics import place_in_corpus
from dualview.trainer.evaluation.practical.benchmark import practical_benchmark

if TYPE_CHECKING:
    from mteb.abstasks import AbsTaskRetrieval

TASK_NAME = "DualViewPracticalRetrieval"
_DESCRIPTION = (
    "Instructions from work and daily life over four texts that all answer the same query: half of them only "
    "exclude something. The one wanted text is looked for among the texts of all sets."
)


def practical_task(folder: str | Path | None = None, split: str = "test") -> AbsTaskRetrieval:
    """Make the task that mteb runs on the practical sets; its main score is right first.

    mteb joins query and instruction by a space. Beside its own scores it reports ``right_first``,
    ``right_first_exclusions``, ``right_first_rest``, ``violating_first`` and ``mrr``, as
    ``dualview evaluate --suite practical`` does.

    Example::

        import mteb

        results = mteb.evaluate(mteb.get_model("sentence-transformers/all-MiniLM-L6-v2"), [practical_task()])

    :param folder: of sets of your own; None takes the shipped ones.
    :param split: whose instructions are measured; the texts of all splits are searched.
    :raises InputError: if mteb is not installed, or the sets cannot be used.
    """
    try:
        from datasets import Dataset
        from mteb.abstasks import AbsTaskRetrieval
        from mteb.abstasks.task_metadata import TaskMetadata
    except ImportError:
        raise InputError("mteb's tasks need the extra 'eval'; run pip install 'dualview[eval]'") from None
    from dualview import __version__

    sets = practical_benchmark(None if folder is None else Path(folder), split)
    views = {
        f"{one.set_id}/{number}": (one.query, view)
        for one in sets.sets
        for number, view in enumerate(one.views)
    }

    class DualViewPracticalRetrieval(AbsTaskRetrieval):
        """The task; its data are in memory."""

        metadata = TaskMetadata(
            name=TASK_NAME,
            description=_DESCRIPTION,
            dataset={"path": "dualview/practical", "revision": f"dualview-{__version__}"},
            type="InstructionRetrieval",
            category="t2t",
            eval_splits=[split],
            eval_langs=["eng-Latn"],
            main_score="right_first",
            reference="https://github.com/dualview-retrieval/dualview",
            license="apache-2.0",
            annotations_creators="LM-generated",
            sample_creation="created",
        )

        def load_data(self, *args: object, **options: object) -> None:
            """Take the data from memory."""
            del args, options
            self.dataset = {
                "default": {
                    split: {
                        "corpus": Dataset.from_list(
                            [{"id": key, "title": "", "text": text} for key, text in sets.documents.items()]
                        ),
                        "queries": Dataset.from_list(
                            [
                                {"id": key, "text": query, "instruction": view.instruction}
                                for key, (query, view) in views.items()
                            ]
                        ),
                        "relevant_docs": {key: {view.positive: 1} for key, (_, view) in views.items()},
                        "top_ranked": None,
                    }
                }
            }
            self.data_loaded = True

        def task_specific_scores(
            self,
            scores: object,
            qrels: object,
            results: Mapping[str, Mapping[str, float]],
            hf_split: str,
            hf_subset: str,
        ) -> dict[str, float]:
            """Compute the figures of the suite for mteb's rankings."""
            del scores, qrels, hf_split, hf_subset
            return suite_scores({key: view for key, (_, view) in views.items()}, results)

    task: Any = DualViewPracticalRetrieval()
    return task  # type: ignore[no-any-return]


def suite_scores(
    views: Mapping[str, EvaluationView], results: Mapping[str, Mapping[str, float]]
) -> dict[str, float]:
    """Compute the means of the suite's figures over views.

    :param results: scores of documents by the view's key; a missing view has found nothing.
    """
    values: dict[str, list[float]] = {}
    for key, view in views.items():
        place = place_in_corpus(results.get(key, {}), view.positive, view.rejects)
        for name in first_figures(view):
            values.setdefault(name, []).append(first_value(name, place))
    return {name: round(sum(found) / len(found), 5) for name, found in values.items()}
