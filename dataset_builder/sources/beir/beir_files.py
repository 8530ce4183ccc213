"""Reads the three files of a folder in BEIR's layout."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.judgements import read_qrels
from dualview.cards.terminal import write_line
from dualview.cards.text_files import find_file
from dualview.dataset_builder.json_rows import read_rows
from dualview.dataset_builder.schema import Passage
from dualview.dataset_builder.sources.negatives import Question
from dualview.dataset_builder.text_keys import passage_hash


@dataclass(frozen=True)
class BeirFolder:
    """The files of one folder, with the judgements of one split."""

    corpus: Path
    queries: Path
    qrels: Path

    def read(self, *, strict: bool = False) -> tuple[list[Passage], list[tuple[str, Question]]]:
        """Read the passages with text, no two alike, and the questions with the ids of their queries.

        Queries come in the order of the judgements. What cannot be used is left out and counted on standard
        error: several published folders judge passages and queries that they lack.

        :param strict: refuse judgements of passages and queries that the folder lacks.
        :raises InputError: if a file is wrong, or no query has an answer.
        """
        queries = self._queries()
        passages, places = self._passages()
        judgements = read_qrels(self.qrels, queries, places, strict=strict)
        questions = []
        for query_id, labels in judgements.labels.items():
            if queries[query_id] and (answers := _answers(labels, places)):
                questions.append((query_id, Question(queries[query_id], answers)))
        if not questions:
            raise InputError(
                f"{self.qrels}: no query has an answer in {self.corpus.name}; check that its ids are "
                f"those of {self.queries.name} and {self.corpus.name}"
            )
        for note in judgements.notes:
            write_line(note)
        if others := len(queries) - len(judgements.labels):
            write_line(
                f"{self.queries}: {others:,} of {len(queries):,} queries have no judgement in "
                f"{self.qrels.name} and are left out; --beir-split names other judgements"
            )
        if lost := len(judgements.labels) - len(questions):
            write_line(
                f"{self.qrels}: left out {lost:,} judged {'query' if lost == 1 else 'queries'} without text, "
                "or without an answer that has text"
            )
        return passages, questions

    def _queries(self) -> dict[str, str]:
        texts: dict[str, str] = {}
        for _, row in read_rows(self.queries):
            query_id = row.text("_id")
            if query_id in texts:
                raise InputError(f"{row.where}: has the id '{query_id}' again; give each query its own")
            texts[query_id] = (row.optional_text("text") or "").strip()
        return texts

    def _passages(self) -> tuple[list[Passage], dict[str, int | None]]:
        """Read the passages, and the place of each id: one of equal texts, None without text."""
        passages: list[Passage] = []
        places: dict[str, int | None] = {}
        place_of_hash: dict[int, int] = {}
        for _, row in read_rows(self.corpus):
            docid, text = row.text("_id"), (row.optional_text("text") or "").strip()
            if docid in places:
                raise InputError(f"{row.where}: has the id '{docid}' again; give each passage its own")
            if not text:
                places[docid] = None
                continue
            passage = Passage(docid, (row.optional_text("title") or "").strip(), text)
            places[docid] = place_of_hash.setdefault(passage_hash(passage), len(passages))
            if places[docid] == len(passages):
                passages.append(passage)
        return passages, places


def find_beir_files(folder: Path, split: str) -> BeirFolder:
    """The files of a folder; ``qrels.tsv`` is taken where there is no folder ``qrels``.

    :raises InputError: if one is missing.
    """
    if not folder.is_dir():
        raise InputError(f"{folder}: no such folder; give one with corpus.jsonl, queries.jsonl and qrels/")
    corpus, queries = _find(folder, "corpus.jsonl"), _find(folder, "queries.jsonl")
    if not (folder / "qrels").is_dir():
        return BeirFolder(corpus, queries, _find(folder, "qrels.tsv"))
    splits = sorted({path.name.split(".tsv")[0] for path in (folder / "qrels").glob("*.tsv*")})
    if split not in splits:
        raise InputError(
            f"{folder / 'qrels'}: has no {split}.tsv but {', '.join(splits) or 'nothing'}; "
            "choose with --beir-split"
        )
    return BeirFolder(corpus, queries, _find(folder / "qrels", f"{split}.tsv"))


def find_corpus_alone(folder: Path) -> Path | None:
    """The corpus of a folder that has neither queries nor judgements; None for any other folder."""
    if find_file(folder, "queries.jsonl", "qrels.tsv") is not None or (folder / "qrels").is_dir():
        return None
    return find_file(folder, "corpus.jsonl")


def _answers(labels: Mapping[str, int], places: Mapping[str, int | None]) -> tuple[int, ...]:
    """List the places of the passages with a label above zero, each once."""
    found = (places[docid] for docid, label in labels.items() if label > 0)
    return tuple(dict.fromkeys(place for place in found if place is not None))


def _find(folder: Path, name: str) -> Path:
    path = find_file(folder, name)
    if path is None:
        raise InputError(f"{folder}: has neither {name} nor {name}.gz; it must be in BEIR's layout")
    return path
