"""Runs in TREC's format: reads those of any system, writes ours."""

from __future__ import annotations

import math
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.readme import write_text
from dualview.cards.text_files import read_lines
from dualview.trainer.evaluation.metrics import Run, ranking
from dualview.trainer.evaluation.rankers.ranker import Request

_FORMAT = "query-id Q0 document-id rank score name, between white space"


class RunFileRanker:
    """Answers requests from a saved run.

    :param path: a file of lines ``query-id Q0 document-id rank score name``; the query ids are the keys of
        the requests. The rank is not read: the score decides.
    :raises InputError: naming the line, if the file is no such run.
    """

    def __init__(self, path: Path) -> None:
        self._path = path
        self._run = read_run(path)

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Return the saved scores of each request.

        :raises InputError: if the run lacks a request, or has a document that the benchmark has not.
        """
        run = {}
        for request in requests:
            if request.key not in self._run:
                if request.optional:
                    continue
                raise InputError(
                    f"{self._path}: lacks the query {request.key!r}; a run must rank every query"
                )
            scores = self._run[request.key]
            if unknown := sorted(set(scores) - documents.keys()):
                raise InputError(
                    f"{self._path}: query {request.key!r} ranks {unknown[0]!r}, which the benchmark does not "
                    "have; the run was made on another corpus"
                )
            named = request.corpus if request.candidates is None else request.candidates
            if named is not None:
                scores = {docid: scores[docid] for docid in named if docid in scores}
            run[request.key] = scores
        return run


def read_run(path: Path) -> dict[str, dict[str, float]]:
    """Read a run file.

    :raises InputError: if the file cannot be read, for a bad line, a repeated document, or a score that is no
        number.
    """
    run: dict[str, dict[str, float]] = {}
    for number, line in read_lines(path):
        cells = line.split()
        if len(cells) != 6:
            raise InputError(f"{path}, line {number}: has {len(cells)} fields; a run's line is {_FORMAT}")
        query_id, _, docid, _, score, _ = cells
        try:
            value = float(score)
        except ValueError:
            value = math.nan
        if math.isnan(value):
            raise InputError(
                f"{path}, line {number}: the score {score!r} is not a number; a line is {_FORMAT}"
            )
        if docid in run.setdefault(query_id, {}):
            raise InputError(
                f"{path}, line {number}: document {docid!r} is there twice for {query_id!r}; keep one"
            )
        run[query_id][docid] = value
    if not run:
        raise InputError(f"{path}: is empty; a line is {_FORMAT}")
    return run


def write_run(path: Path, run: Run, name: str) -> None:
    """Write a run file.

    :raises InputError: if a document id holds white space, which the format cannot carry.
    :raises dualview.cards.errors.CardError: if the file cannot be written.
    """
    lines = []
    for scores in run.values():
        check_ids(scores)
    tag = "-".join(name.split()) or "run"
    for key, scores in run.items():
        for rank, docid in enumerate(ranking(scores), start=1):
            lines.append(f"{key} Q0 {docid} {rank} {scores[docid]!r} {tag}")
    write_text(path, "\n".join(lines) + "\n")


def check_ids(docids: Iterable[str]) -> None:
    """Check that a run file can carry document ids.

    :raises InputError: if one is empty or holds white space.
    """
    for docid in docids:
        if len(docid.split()) != 1:
            raise InputError(f"document id {docid!r} is empty or holds white space; no TREC run can carry it")
