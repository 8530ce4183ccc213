"""Reads the three files of a folder in BEIR's layout."""

from __future__ import annotations

import gzip
import math
import zlib
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import IO

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
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

    def read(self) -> tuple[list[Passage], list[tuple[str, Question]]]:
        """The passages with text, no two alike, and the questions with the ids of their queries.

        Queries come in the order of the judgements. Those without an answer in the corpus are left out and
        counted: several published folders judge passages that their corpus lacks.

        :raises InputError: if a file is wrong, or no query has an answer.
        """
        answers = self._answers()
        queries = self._texts(answers)
        passages, places = self._passages()
        questions = []
        for query_id, docids in answers.items():
            found = tuple(dict.fromkeys(places[docid] for docid in docids if docid in places))
            if found and query_id in queries:
                questions.append((query_id, Question(queries[query_id], found)))
        if not questions:
            raise InputError(
                f"{self.qrels}: no query has an answer in {self.corpus.name}; check that its ids are "
                f"those of {self.queries.name} and {self.corpus.name}"
            )
        if lost := len(answers) - len(questions):
            write_line(f"{self.qrels}: left out {lost} queries without text or answer in the corpus.")
        return passages, questions

    def _answers(self) -> dict[str, list[str]]:
        """The ids of the passages that answer a query, by the id of the query."""
        answers: dict[str, list[str]] = {}
        for number, line in enumerate(_read_lines(self.qrels), start=1):
            where = f"{self.qrels}, line {number}"
            cells = line.split("\t")
            if len(cells) != 3 or not cells[0] or not cells[1]:
                raise InputError(
                    f"{where}: has {len(cells)} columns; separate query id, passage id and score by tabs"
                )
            score = _number(cells[2])
            if score is None:
                if number == 1:
                    continue
                raise InputError(f"{where}: the score {cells[2]!r} is not a number; give 0 or 1")
            if score > 0:
                answers.setdefault(cells[0], []).append(cells[1])
        return answers

    def _texts(self, wanted: dict[str, list[str]]) -> dict[str, str]:
        texts: dict[str, str] = {}
        for _, row in read_rows(self.queries):
            query_id = row.text("_id")
            if query_id in texts:
                raise InputError(f"{row.where}: has the id '{query_id}' again; give each query its own")
            if query_id in wanted and (text := (row.optional_text("text") or "").strip()):
                texts[query_id] = text
        return texts

    def _passages(self) -> tuple[list[Passage], dict[str, int]]:
        """The passages, and the place of each id; ids of equal texts have one place."""
        passages: list[Passage] = []
        places: dict[str, int] = {}
        place_of_hash: dict[int, int] = {}
        for _, row in read_rows(self.corpus):
            docid, text = row.text("_id"), (row.optional_text("text") or "").strip()
            if docid in places:
                raise InputError(f"{row.where}: has the id '{docid}' again; give each passage its own")
            if not text:
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


def _find(folder: Path, name: str) -> Path:
    for path in (folder / name, folder / f"{name}.gz"):
        if path.is_file():
            return path
    raise InputError(f"{folder}: has neither {name} nor {name}.gz; it must be in BEIR's layout")


def _read_lines(path: Path) -> Iterator[str]:
    try:
        with _open(path) as file:
            for line in file:
                if text := line.rstrip("\r\n"):
                    yield text
    except (EOFError, gzip.BadGzipFile, zlib.error) as error:
        raise InputError(f"{path}: is not a whole gzip file; compress or download it again") from error
    except UnicodeDecodeError as error:
        raise InputError(f"{path}: is not UTF-8 text; save it as UTF-8") from error
    except OSError as error:
        raise InputError(f"{path}: cannot be read ({error.strerror}); check its permissions") from error


def _open(path: Path) -> IO[str]:
    return gzip.open(path, "rt", encoding="utf-8") if path.suffix == ".gz" else path.open(encoding="utf-8")


def _number(text: str) -> float | None:
    try:
        number = float(text)
    except ValueError:
        return None
    return number if math.isfinite(number) else None
