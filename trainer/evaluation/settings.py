"""Settings of one evaluation."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, TypeAlias

from dualview.cards.errors import InputError
from dualview.cards.model_facts import FACTS_FILE

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer

#: What can be evaluated: a model in memory, or the name of a model, of a saved run, or of BM25.
System: TypeAlias = "str | SentenceTransformer"
#: Words before a model's name that say how it ranks.
COMPOSED, CROSS_ENCODER = "composed", "cross-encoder"
#: Number formats in which models can be evaluated. None is chosen by the machine: figures would depend on it.
PRECISIONS = ("fp32", "bf16")


@dataclass(frozen=True)
class EvaluationSettings:
    """Everything that decides an evaluation and its report.

    :param model: what to evaluate; see :data:`dualview.trainer.evaluation.rankers.load_ranker.KINDS`.
    :param baselines: what to compare it with; none to measure the model alone.
    :param dataset: a dual-view dataset: a folder or a Hub id.
    :param split: the split of the dataset.
    :param scifact: a folder in BEIR's layout, for plain retrieval.
    :param benchmarks: folders of benchmarks, or ``mteb:NAME``.
    :param suite: benchmarks that are measured together: ``paper`` or ``practical``.
    :param suite_folder: holds the suite's converted benchmarks, or practical sets of one's own.
    :param strict: refuse judgements of documents and queries that a benchmark lacks; otherwise they are
        counted.
    :param out: folder for the report; None writes none.
    :param save_runs: save all rankings and their judgements in ``out/runs``.
    :param examples: candidate sets to show of each outcome.
    :param update_card: put the results into the card in the model's folder.
    :param batch_size: texts in a forward pass.
    :param max_tokens: cut texts at so many tokens, for all models; None keeps each model's limit.
    :param cache: folder to keep vectors in; None forgets them.
    :param half: keep vectors in half precision.
    :param precision: number format of the matrix products: one of :data:`PRECISIONS`.
    :param show_progress: show on standard error how far the encoding is.
    :param command: the command or the call, for the report.
    """

    model: System
    baselines: tuple[System, ...] = ()
    dataset: str | None = None
    split: str = "test"
    scifact: Path | None = None
    benchmarks: tuple[str, ...] = ()
    suite: str | None = None
    suite_folder: Path | None = None
    strict: bool = False
    out: Path | None = None
    save_runs: bool = False
    examples: int = 12
    update_card: bool = False
    batch_size: int = 32
    max_tokens: int | None = None
    cache: Path | None = None
    half: bool = False
    precision: str = "fp32"
    show_progress: bool = False
    command: str = ""

    def check(self) -> None:
        """Find what is wrong before anything is loaded.

        :raises InputError: with the remedy.
        """
        if not (self.dataset or self.scifact or self.benchmarks or self.suite):
            raise InputError(
                "nothing to measure on: give a dataset, a folder for plain retrieval, a benchmark or a suite"
            )
        if self.out is None and self.save_runs:
            raise InputError("rankings are saved beside the report: give a folder for it (out)")
        if self.out is not None and self.out.exists() and not self.out.is_dir():
            raise InputError(f"{self.out}: is a file; give a folder for the report")
        for name, value in (("batch size", self.batch_size), ("token limit", self.max_tokens)):
            if value is not None and value < 1:
                raise InputError(f"the {name} is {value}; it must be at least 1")
        if self.examples < 0:
            raise InputError(f"the number of examples is {self.examples}; it must not be negative")
        if self.precision not in PRECISIONS:
            raise InputError(f"precision is {self.precision!r}; it must be one of {', '.join(PRECISIONS)}")
        if self.update_card:
            self._check_card()

    @property
    def card_folder(self) -> Path:
        """Folder of the model whose card is updated, without the word that says that it reranks."""
        return Path(str(self.model).removeprefix(f"{CROSS_ENCODER}:"))

    def _check_card(self) -> None:
        if not isinstance(self.model, str):
            raise InputError("a card can be updated in a folder only; give the model's folder, not the model")
        if not self.baselines:
            raise InputError("a card shows results beside a baseline; give one")
        if not (self.card_folder / FACTS_FILE).is_file():
            raise InputError(
                f"the card of {self.model} cannot be updated: it holds no {FACTS_FILE}; train it with this "
                "project"
            )
