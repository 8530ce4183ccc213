"""Scores of a reranker for the training rows' passages, computed once: what the term ``distil`` copies."""

from __future__ import annotations

import hashlib
import logging
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

import numpy as np
import torch
from sentence_transformers import CrossEncoder
from torch import Tensor

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.model_names import instruction_template
from dualview.trainer.evaluation.rankers.load_ranker import load_cross_encoder
from dualview.trainer.evaluation.rankers.text_encoder import model_key
from dualview.trainer.losses.labels import text_number
from dualview.trainer.query_template import join_instruction

logger = logging.getLogger("dualview.train")

# Pairs that are scored, and then stored, at a time.
_PAIRS = 4096
_ENTRY = np.dtype([("key", "<i8"), ("score", "<f4")])


class TeacherScores:
    """Scores by query, instruction and passage.

    :param scored: (pairs,) with the fields ``key`` and ``score``.
    """

    def __init__(self, scored: np.ndarray) -> None:
        ordered = scored[np.argsort(scored["key"])]
        self._keys = np.ascontiguousarray(ordered["key"])
        self._scores = np.ascontiguousarray(ordered["score"])

    def of(self, query: str, instructions: Sequence[str], passages: Sequence[str]) -> Tensor:
        """Look up scores: (instructions, passages).

        :raises InputError: if a pair was not scored.
        """
        keys = np.array([[pair_key(query, one, text) for text in passages] for one in instructions])
        places = np.searchsorted(self._keys, keys).clip(max=len(self._keys) - 1)
        if not (self._keys[places] == keys).all():
            raise InputError("the teacher has not scored these rows; make teacher_scores of the same rows")
        return torch.from_numpy(self._scores[places])


def teacher_scores(
    name: str, rows: Iterable[Mapping[str, Any]], cache: Path, max_negatives: int
) -> TeacherScores:
    """Score each row's passages for each of its instructions, or read what an earlier start scored.

    :param name: folder or Hub id of a CrossEncoder.
    :param rows: training rows.
    :param cache: folder of the scores, by teacher; an interrupted start goes on from there.
    :param max_negatives: see :class:`dualview.trainer.batches.collator.CandidateSetCollator`.
    :raises InputError: if there is no such reranker.
    """
    from dualview.trainer.batches.collator import cut_documents

    model = load_cross_encoder(name)
    template = instruction_template(name)
    file = cache / f"{_key(model, template)}.bin"
    file.parent.mkdir(parents=True, exist_ok=True)
    scored = _stored(file)
    known = set(scored["key"].tolist())
    left: dict[int, tuple[str, str]] = {}
    for row in rows:
        texts = [text for part in cut_documents(row, max_negatives) for text in part]
        for instruction in row["instructions"]:
            query = join_instruction(row["query"], instruction, template) if instruction else row["query"]
            for text in texts:
                key = pair_key(row["query"], instruction, text)
                if key not in known:
                    left[key] = (query, text)
    keys, pairs = list(left), list(left.values())
    for start in range(0, len(pairs), _PAIRS):
        logger.info("teacher %s: %d of %d pairs", name, start, len(pairs))
        found = model.predict(pairs[start : start + _PAIRS], show_progress_bar=False)
        new = np.fromiter(zip(keys[start : start + _PAIRS], found, strict=True), dtype=_ENTRY)
        with file.open("ab") as out:
            out.write(new.tobytes())
        scored = np.concatenate([scored, new])
    return TeacherScores(scored)


def _stored(file: Path) -> np.ndarray:
    """Read scores, and cut off what a kill left of an entry."""
    if not file.exists():
        return np.zeros(0, dtype=_ENTRY)
    with file.open("r+b") as stored:
        stored.truncate(file.stat().st_size // _ENTRY.itemsize * _ENTRY.itemsize)
    return np.fromfile(file, dtype=_ENTRY)


def pair_key(query: str, instruction: str, passage: str) -> int:
    """Hash query, instruction and passage to a signed number of 64 bits, the same in every process."""
    return text_number("\x1f".join((query, instruction, passage)))


def _key(model: CrossEncoder, template: str) -> str:
    return hashlib.sha256(f"{model_key(model, 'query')}\x1f{template}".encode()).hexdigest()[:24]
