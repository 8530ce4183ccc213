"""Tasks of mteb as benchmarks: its data, our rankers, and both our figures and its own for the rankings.

The rankers join query and instruction as the model's training did; mteb itself puts a space between them.
"""

from __future__ import annotations

import importlib.metadata
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from dualview.cards.errors import InputError
from dualview.trainer.data.candidate_rows import passage_text
from dualview.trainer.evaluation.benchmarks.judged_rankings import JudgedRanking
from dualview.trainer.evaluation.benchmarks.mteb.figures import figures_of_ranking, is_paired, task_figures
from dualview.trainer.evaluation.benchmarks.mteb.replay import Replay, plain_scores
from dualview.trainer.evaluation.measured_figures import Figures
from dualview.trainer.evaluation.metrics import Run
from dualview.trainer.evaluation.rankers.ranker import Request

if TYPE_CHECKING:
    from mteb.abstasks import AbsTask, AbsTaskRetrieval

PREFIX = "mteb:"
#: Names for several tasks at a time.
GROUPS = {
    "followir": (
        "Robust04InstructionRetrieval",
        "News21InstructionRetrieval",
        "Core17InstructionRetrieval",
    ),
    "mfollowir": ("mFollowIR",),
    "instructir": ("InstructIR",),
    "nevir": ("NevIR",),
}
_NANOBEIR = "nanobeir"


def load_mteb_benchmarks(name: str) -> list[MtebBenchmark]:
    """Load a task's data, one benchmark for each subset and split.

    :param name: a task of mteb, one of :data:`GROUPS`, or ``nanobeir``.
    :raises InputError: if mteb is not installed, has no such task, or cannot reach its data.
    """
    try:
        import mteb
    except ImportError:
        raise InputError("mteb's tasks need the extra 'eval'; run pip install 'dualview[eval]'") from None
    try:
        if name == _NANOBEIR:
            tasks = list(mteb.get_benchmark("NanoBEIR").tasks)
        else:
            tasks = [mteb.get_task(task) for task in GROUPS.get(name, (name,))]
    except KeyError:
        known = ", ".join([*GROUPS, _NANOBEIR])
        raise InputError(f"mteb has no task {name!r}; give one of its retrieval tasks, or {known}") from None
    return [benchmark for task in tasks for benchmark in benchmarks_of_task(task)]


def benchmarks_of_task(task: AbsTask) -> list[MtebBenchmark]:
    """Load the data of a retrieval task, one benchmark for each subset and split.

    :raises InputError: if the data cannot be reached, or it is no retrieval task.
    """
    from mteb.abstasks import AbsTaskRetrieval

    name = task.metadata.name
    if not isinstance(task, AbsTaskRetrieval):
        raise InputError(f"mteb's task {name} is no retrieval task; only those can be evaluated")
    try:
        task.load_data()
        task.convert_v1_dataset_format_to_v2(num_proc=None)
    except (OSError, ValueError) as error:
        reason = " ".join(str(error).split())[:300]
        raise InputError(f"mteb's task {name}: its data cannot be loaded ({reason})") from error
    return [
        MtebBenchmark(task, subset, split)
        for subset, splits in task.dataset.items()
        for split in splits
        if split in task.eval_splits
    ]


@dataclass(frozen=True)
class MtebBenchmark:
    """One subset and split of a task."""

    task: AbsTaskRetrieval
    hf_subset: str
    split: str
    documents: Mapping[str, str] = field(init=False)
    qrels: dict[str, dict[str, int]] = field(init=False)

    def __post_init__(self) -> None:
        """Take the texts and judgements out of mteb's tables."""
        data = self.task.dataset[self.hf_subset][self.split]
        columns = [name for name in ("id", "title", "text") if name in data["corpus"].features]
        rows = data["corpus"].select_columns(columns)
        texts = {
            row["id"]: passage_text({"title": row.get("title") or "", "text": row["text"]}) for row in rows
        }
        object.__setattr__(self, "documents", texts)
        # mteb leaves out queries without any judgement.
        judged = {query_id: dict(labels) for query_id, labels in data["relevant_docs"].items() if labels}
        object.__setattr__(self, "qrels", judged)

    @property
    def name(self) -> str:
        """The task's name, with the subset where it has several."""
        name = self.task.metadata.name
        return name if self.hf_subset == "default" else f"{name} ({self.hf_subset})"

    @property
    def notes(self) -> tuple[str, ...]:
        """Nothing: mteb's data are taken as they are."""
        return ()

    def requests(self) -> list[Request]:
        """Ask for the ranking of every judged query."""
        data = self.task.dataset[self.hf_subset][self.split]
        ranked = data.get("top_ranked") or {}
        return [
            Request(
                row["id"],
                row["text"],
                row.get("instruction") or "",
                tuple(ranked[row["id"]]) if row["id"] in ranked else None,
            )
            for row in data["queries"]
            if row["id"] in self.qrels
        ]

    def judged_rankings(self) -> list[JudgedRanking]:
        """List the same rankings with their judgements."""
        return [
            JudgedRanking(
                key=request.key,
                query_id=request.key,
                query=request.query,
                instruction=request.instruction,
                subset="",
                candidates=None if request.candidates is None else len(request.candidates),
                labels=self.qrels[request.key],
                figures=figures_of_ranking(self.task, request.key),
            )
            for request in self.requests()
        ]

    def figures(self, run: Run) -> dict[str, Figures]:
        """Compute the figures that fit the task."""
        figures = Figures()
        for metric, by_query in task_figures(self.task, run, self.qrels).items():
            figures.add_all(metric, by_query)
        return {"": figures}

    def chances(self) -> dict[tuple[str, str], float]:
        """Return what guessing gives: 25% where there are pairs, nothing elsewhere."""
        return {("", "flip_accuracy"): 0.25} if is_paired(self.task) else {}

    def counts(self) -> dict[str, str]:
        """Count the queries."""
        return {"": f"{len(self.qrels):,} queries"}

    def scores_of_mteb(self, run: Run) -> dict[str, Any]:
        """Let mteb's own code measure a run; its scores come with its version and the data's revision."""
        scores = self.task.evaluate(
            Replay(run),
            self.split,
            subsets_to_run=[self.hf_subset],
            encode_kwargs={},
        )[self.hf_subset]
        return {
            "task": self.task.metadata.name,
            "subset": self.hf_subset,
            "split": self.split,
            "revision": self.task.metadata.dataset.get("revision"),
            "mteb": importlib.metadata.version("mteb"),
            "main_score": self.task.metadata.main_score,
            "scores": plain_scores(scores),
        }
