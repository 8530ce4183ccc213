"""Requests for rankings, and the protocol of rankers."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Protocol
from urllib.parse import quote

#: Documents in a ranking of a whole corpus, at most, as in mteb and trec_eval.
DEPTH = 1000


@dataclass(frozen=True)
class Request:
    """Request for one ranking.

    :param key: the query's id in the run, unique in a benchmark, without white space.
    :param instruction: empty for the bare query.
    :param candidates: the documents to rank, or None for the whole corpus.
    :param depth: documents of the whole corpus that are asked for.
    :param optional: a ranker may leave it out if it is costly (a reranker) or missing (a saved run).
    :param corpus: the part of the corpus to rank, where no candidates are named; None for the whole. Requests
        for the same part share one tuple, by which rankers find those that can be answered together.
    :param reranked: documents of the corpus that a reranker reads although the request is optional; 0 to
        leave the request out.
    """

    key: str
    query: str
    instruction: str = ""
    candidates: tuple[str, ...] | None = None
    depth: int = DEPTH
    optional: bool = False
    corpus: tuple[str, ...] | None = None
    reranked: int = 0


class Ranker(Protocol):
    """Ranks documents for requests."""

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request, higher is better.

        :param documents: texts by id, which hold all candidates.
        :return: a run, request key -> document id -> score: all candidates of a request that names them,
            otherwise the best ``depth`` of the corpus, or of the part of it that is asked for.
        """
        ...


def request_key(name: str, view: str = "") -> str:
    """Make the key of a query or set, or of one of its views, that a TREC run file can hold."""
    return quote(name, safe="/:") + (f"@{quote(view, safe='/:')}" if view else "")
