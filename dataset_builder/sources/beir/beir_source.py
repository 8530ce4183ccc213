"""The source ``beir``: a folder in BEIR's layout, whose queries have answers and nothing else.

``corpus.jsonl`` (``_id, title, text``), ``queries.jsonl`` (``_id, text``) and ``qrels/SPLIT.tsv``
(``query-id, corpus-id, score``, with or without that heading), each also as ``.gz``. A score above zero makes
a passage an answer. Passages that look alike are mined from the corpus, which is held in memory for it.
"""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import replace
from functools import cached_property
from pathlib import Path
from typing import TYPE_CHECKING

from dualview.cards.errors import InputError, reason_of
from dualview.cards.terminal import write_line
from dualview.dataset_builder.schema import AnswerSet, Passage, PlainQuery
from dualview.dataset_builder.sources.beir.beir_files import BeirFolder, find_beir_files, find_corpus_alone
from dualview.dataset_builder.sources.beir.beir_settings import BeirSettings, MiningSettings
from dualview.dataset_builder.sources.negatives import (
    Neighbours,
    Question,
    merge_neighbours,
    mine_with_bm25,
    mine_with_model,
)
from dualview.dataset_builder.sources.passages.open_passages import PassageSettings, open_table
from dualview.dataset_builder.sources.passages.passage_source import PassageSource
from dualview.dataset_builder.sources.source_protocol import SourceFacts, sha256_of_file
from dualview.dataset_builder.sources.text_settings import TextSettings

if TYPE_CHECKING:
    from sentence_transformers import SentenceTransformer


class BeirSource:
    """Answer sets and plain queries from a folder in BEIR's layout."""

    def __init__(self, folder: BeirFolder, facts: SourceFacts, settings: BeirSettings) -> None:
        self.facts = facts
        self._folder = folder
        self._settings = settings

    def __iter__(self) -> Iterator[AnswerSet | PlainQuery]:
        """One item for each query with an answer, in the order of the judgements."""
        passages, questions, neighbours = self._mined
        origin = {"source": self.facts.name, "license": self.facts.license}
        for (query_id, question), found in zip(questions, neighbours, strict=True):
            answers = tuple(passages[place] for place in question.answers)
            candidates = tuple(passages[place] for place in found.near)
            hard = tuple(passages[place] for place in found.hard)
            if _is_alone(question, found):
                yield PlainQuery(query_id, question.query, answers, hard, **origin)
            else:
                yield AnswerSet(query_id, query_id, question.query, answers, candidates, hard, **origin)

    def describe(self) -> SourceFacts:
        """The facts with a digest of each file."""
        files = (self._folder.corpus, self._folder.queries, self._folder.qrels)
        return replace(self.facts, files=tuple((path.name, sha256_of_file(path)) for path in files))

    @cached_property
    def _mined(self) -> tuple[list[Passage], list[tuple[str, Question]], list[Neighbours]]:
        """The corpus, the questions with the ids of their queries, and their neighbours; found once."""
        passages, questions = self._folder.read(strict=self._settings.strict)
        write_line(f"{self.facts.name}: {len(questions)} queries, {len(passages)} passages.")
        texts = [passage.encoded for passage in passages]
        mining = self._settings.mining
        found = [
            neighbours.first(mining.near, mining.hard)
            for neighbours in _mine([question for _, question in questions], texts, mining)
        ]
        alone = sum(_is_alone(question, near) for (_, question), near in zip(questions, found, strict=True))
        if alone:
            write_line(
                f"{self.facts.name}: no instructions for {alone:,} of {len(questions):,} queries: they have "
                "one answer and no passage that may be another (--negatives, --near-candidates)"
            )
        return passages, questions, found


def open_sources(
    argument: str, settings: BeirSettings, text: TextSettings, passages: PassageSettings | None = None
) -> list[BeirSource | PassageSource]:
    """The source of one folder, named like the folder.

    A folder with a corpus and neither queries nor judgements has passages alone.

    :param passages: settings for such a folder.
    :raises InputError: if a file is missing, or the settings contradict each other.
    """
    if not argument:
        raise InputError("--source beir needs a folder: --source beir:FOLDER")
    name = Path(argument).resolve().name
    if (corpus := find_corpus_alone(Path(argument))) is not None:
        return [open_table(corpus, (passages or PassageSettings()).columns, text, name)]
    mining = settings.mining
    if mining.method in ("model", "both") and not mining.model:
        raise InputError(f"--negatives {mining.method} needs an encoder; name one with --negatives-model")
    folder = find_beir_files(Path(argument), settings.split)
    return [BeirSource(folder, text.facts(name, f"The corpus {name}"), settings)]


def _is_alone(question: Question, found: Neighbours) -> bool:
    """Tell whether a query has one passage only: two instructions need two."""
    return len(question.answers) + len(found.near) < 2


def _mine(questions: list[Question], corpus: list[str], settings: MiningSettings) -> list[Neighbours]:
    if settings.method == "none":
        return [Neighbours() for _ in questions]
    searches = []
    if settings.model is not None and settings.method in ("model", "both"):
        searches.append(mine_with_model(questions, corpus, settings.margin, _load_encoder(settings.model)))
    if settings.method in ("bm25", "both"):
        searches.append(mine_with_bm25(questions, corpus, settings.margin))
    return merge_neighbours(searches)


def _load_encoder(name: str) -> SentenceTransformer:
    # PyTorch takes seconds to import: not for --help or a misspelt flag.
    from huggingface_hub.errors import HFValidationError
    from sentence_transformers import SentenceTransformer

    try:
        return SentenceTransformer(name, trust_remote_code=False)
    except (OSError, ValueError, HFValidationError) as error:
        reason = reason_of(error)
        raise InputError(
            f"--negatives-model {name}: cannot be loaded ({reason}); check the folder or Hub id"
        ) from error
