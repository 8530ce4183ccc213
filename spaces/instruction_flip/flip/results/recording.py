"""File of recorded results: rankings of the shipped examples by named models.

A ranking is a list of pairs: the number of a passage in its example, from 0, and its score. A result counts
only for an example whose texts have the same fingerprint, so that a change of wording cannot be missed.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from flip.engine.compare import Comparison, ModelResult, judge
from flip.engine.ranking import Ranking
from flip.engine.roles import BASE_ROLE, TRAINED_ROLE
from flip.types import Example

RECORDED = Path(__file__).parents[1] / "text" / "recorded.json"
#: Digits of a score.
_DIGITS = 3


@dataclass(frozen=True)
class Recording:
    """Recorded results.

    :param comparisons: by set id.
    :param reranker: name of the reranker that was run too; empty if there was none.
    :param reranked: set id to whether the reranker obeys every instruction.
    :param command: what made the file.
    """

    comparisons: Mapping[str, Comparison]
    reranker: str = ""
    reranked: Mapping[str, bool] = field(default_factory=dict)
    command: str = ""


@dataclass(frozen=True)
class _Model:
    name: str
    role: str
    linked_as: str


def fingerprint(example: Example) -> str:
    """Hash the query, instructions and passages of an example."""
    texts = [example.query, *(view.instruction for view in example.views)]
    texts += [passage.joined for passage in example.passages]
    return hashlib.sha256("\0".join(texts).encode()).hexdigest()[:12]


def write_recording(path: Path, recording: Recording) -> None:
    """Write the results; the file is replaced only when it is complete."""
    some = next(iter(recording.comparisons.values()))
    rows = {
        name: {
            "text": fingerprint(one.example),
            "base": _packed(one.example, one.base),
            "trained": _packed(one.example, one.trained),
        }
        | ({"reranked": recording.reranked[name]} if name in recording.reranked else {})
        for name, one in recording.comparisons.items()
    }
    content = {
        "command": recording.command,
        "base": [some.base.name, some.base.linked_as],
        "trained": [some.trained.name, some.trained.linked_as],
        "reranker": recording.reranker,
        "results": rows,
    }
    beside = path.with_suffix(".part")
    # One example a line.
    text = json.dumps(content, ensure_ascii=False, separators=(",", ":")).replace('},"', '},\n"')
    beside.write_text(text + "\n", encoding="utf-8")
    beside.replace(path)


def read_recording(path: Path, examples: Sequence[Example]) -> Recording:
    """Read the results for these examples; those whose texts have changed are left out."""
    if not path.is_file():
        return Recording({})
    content = json.loads(path.read_text(encoding="utf-8"))
    base = _Model(content["base"][0], BASE_ROLE, content["base"][1])
    trained = _Model(content["trained"][0], TRAINED_ROLE, content["trained"][1])
    comparisons, reranked = {}, {}
    for example in examples:
        row = content["results"].get(example.set_id)
        if row is None or row["text"] != fingerprint(example):
            continue
        comparisons[example.set_id] = Comparison(
            example,
            _unpacked(example, base, row["base"]),
            _unpacked(example, trained, row["trained"]),
            is_recorded=True,
        )
        if "reranked" in row:
            reranked[example.set_id] = row["reranked"]
    return Recording(comparisons, content["reranker"], reranked, content["command"])


def _packed(example: Example, result: ModelResult) -> list[list[list[Any]]]:
    numbers = {passage.docid: number for number, passage in enumerate(example.passages)}
    return [
        [
            [numbers[docid], round(score, _DIGITS)]
            for docid, score in zip(ranking.docids, ranking.scores, strict=True)
        ]
        for ranking in (result.neutral, *result.rankings)
    ]


def _unpacked(example: Example, model: _Model, packed: list[list[list[Any]]]) -> ModelResult:
    neutral, *rankings = [
        Ranking(
            tuple(example.passages[number].docid for number, _ in ranking),
            tuple(score for _, score in ranking),
        )
        for ranking in packed
    ]
    return judge(example, model, neutral, tuple(rankings))
