"""Benchmarks of pairs: two wordings or instructions, two passages, each wanted by one of them."""

from __future__ import annotations

from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.converters.published_tables import read_table, text_of
from dualview.trainer.evaluation.converters.write_folder import Converted

# What the wanted answer of a CondaQA pair asks for, as an instruction.
_CONDAQA = {"YES": "The answer to the question must be yes.", "NO": "The answer to the question must be no."}


@dataclass(frozen=True)
class _Side:
    """One view of a pair: how it words the query, its instruction, and the passage that it wants."""

    query: str
    instruction: str
    wanted: str


def convert_nevir(source: Path) -> Converted:
    """Convert NevIR (arXiv 2305.07614): columns ``id``, ``q1``, ``q2``, ``doc1``, ``doc2``.

    q1 wants doc1, q2 wants doc2; the two queries differ in a negation.
    """
    converted = Converted("candidate_sets")
    for row, record in read_table(source):
        where = f"{source}, row {row}"
        sides = [
            _Side(text_of(where, record, f"q{n}"), "", text_of(where, record, f"doc{n}")) for n in (1, 2)
        ]
        _add_pair(converted, where, text_of(where, record, "id"), "", sides)
    return converted


def convert_pairs(source: Path) -> Converted:
    """Convert pairs of any origin, such as BoolQuestions' contrasts: one JSON object a line.

    ``id``; ``query`` (optional where both sides have one); ``first`` and ``second``, each an object with
    ``positive``, the text that it wants, and ``query`` (the side's own wording) or ``instruction``, or both.
    """
    converted = Converted("candidate_sets")
    for row, record in read_table(source):
        where = f"{source}, row {row}"
        sides = [_side(where, record, name) for name in ("first", "second")]
        _add_pair(converted, where, text_of(where, record, "id"), str(record.get("query") or ""), sides)
    return converted


def convert_condaqa(source: Path) -> Converted:
    """Convert pairs from CondaQA (arXiv 2211.00295): ``id`` (``PAIR/yes``, ``PAIR/no``), ``query``, ``want``.

    ``positive`` is the passage for which the wanted answer, YES or NO, holds; the answer becomes the
    instruction.
    """
    pairs: dict[str, dict[str, tuple[str, dict[str, Any]]]] = {}
    for row, record in read_table(source):
        where = f"{source}, row {row}"
        want = text_of(where, record, "want")
        if want not in _CONDAQA:
            raise InputError(f"{where}: want is {want!r}; it must be YES or NO")
        pairs.setdefault(text_of(where, record, "id").rpartition("/")[0], {})[want] = (where, record)
    converted = Converted("candidate_sets")
    for pair_id, by_answer in pairs.items():
        if set(by_answer) != set(_CONDAQA):
            where, _ = next(iter(by_answer.values()))
            raise InputError(f"{where}: pair {pair_id!r} has only one side; add its partner or remove it")
        sides = [
            _Side("", instruction, text_of(*by_answer[answer], "positive"))
            for answer, instruction in _CONDAQA.items()
        ]
        where, record = by_answer["YES"]
        _add_pair(converted, where, pair_id, text_of(where, record, "query"), sides)
    return converted


def _side(where: str, record: dict[str, Any], name: str) -> _Side:
    side = record.get(name)
    if not isinstance(side, dict):
        raise InputError(f"{where}: {name!r} is missing or no object; a pair has two sides")
    query, instruction = str(side.get("query") or ""), str(side.get("instruction") or "")
    if not query and (not instruction or not record.get("query")):
        raise InputError(f"{where}: {name!r} has neither a query of its own nor an instruction to the pair's")
    return _Side(query, instruction, text_of(where, side, "positive"))


def _add_pair(converted: Converted, where: str, name: str, query: str, sides: list[_Side]) -> None:
    if f"{name}/1" in converted.documents:
        raise InputError(f"{where}: pair {name!r} is there twice; keep one of them")
    converted.queries.append({"_id": name, "text": query})
    for number, side in enumerate(sides, start=1):
        docid, view = f"{name}/{number}", f"q{number}"
        converted.documents[docid] = ("", side.wanted)
        converted.views.append(
            {"query_id": name, "view": view, "instruction": side.instruction, "query": side.query}
        )
        converted.judge(view, name, {docid: 1})
