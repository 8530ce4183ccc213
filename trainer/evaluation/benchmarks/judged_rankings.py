"""Rankings that a benchmark asks for, with the judgements that its figures are computed from."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass


@dataclass(frozen=True)
class JudgedRanking:
    """One ranking of a run, and its judgements.

    :param key: the id of the ranking in the run.
    :param query_id: the query that figures are resampled by.
    :param query: the text of the query.
    :param instruction: empty for the bare query.
    :param subset: the part of the benchmark that the figures are reported for; empty for the whole.
    :param candidates: how many documents are ranked; None for the whole corpus.
    :param labels: document id -> label, relevant above zero.
    :param figures: keys of the figures that the ranking counts in.
    :param left_out: documents that have no judgement for this instruction and may well be relevant: the
        figures leave them out of the ranking.
    """

    key: str
    query_id: str
    query: str
    instruction: str
    subset: str
    candidates: int | None
    labels: Mapping[str, int]
    figures: tuple[str, ...]
    left_out: tuple[str, ...] = ()
