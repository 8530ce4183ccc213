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
    """

    key: str
    query: str
    instruction: str = ""
    candidates: tuple[str, ...] | None = None
    depth: int = DEPTH
    optional: bool = False


class Ranker(Protocol):
    """Ranks documents for requests."""

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request, higher is better.

        :param documents: texts by id, which hold all candidates.
        :return: a run, request key -> document id -> score: all candidates of a request that names them,
            otherwise the best ``depth`` of the corpus.
        """
        ...


def request_key(name: str, view: str = "") -> str:
    """Make the key of a query or set, or of one of its views, that a TREC run file can hold."""
    return quote(name, safe="/:") + (f"@{quote(view, safe='/:')}" if view else "")
