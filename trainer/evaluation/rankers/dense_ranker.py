"""Any SentenceTransformer as a ranker."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence

import numpy as np

from dualview.trainer.evaluation.metrics import ArrayScores
from dualview.trainer.evaluation.rankers.ranker import Request
from dualview.trainer.evaluation.rankers.text_encoder import Encoded, TextEncoder
from dualview.trainer.evaluation.rankers.top_scores import best_of_blocks
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction

#: Documents, and queries, whose similarities are held in memory at a time.
_DOCUMENTS, _QUERIES = 16_384, 512


class DenseRanker:
    """Ranks by the similarity of a query's vector to the documents'.

    :param encoder: the model.
    :param template: how query and instruction are joined; that of the model's training.
    """

    def __init__(self, encoder: TextEncoder, template: str = DEFAULT_TEMPLATE) -> None:
        self._encoder = encoder
        self._template = template

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request.

        See :class:`dualview.trainer.evaluation.rankers.ranker.Ranker`.
        """
        encoded = self._encoder.encode_documents(list(documents.values()))
        queries = self._encode_requests(requests)
        place = {docid: number for number, docid in enumerate(documents)}
        run: dict[str, dict[str, float]] = {}
        whole = [number for number, request in enumerate(requests) if request.candidates is None]
        for number, request in enumerate(requests):
            if request.candidates is not None:
                rows = encoded.take([place[docid] for docid in request.candidates])
                scores = rows @ queries.take([number])[0]
                run[request.key] = ArrayScores(request.candidates, scores)
        for alike in _alike(requests, whole):
            depth, corpus = requests[alike[0]].depth, requests[alike[0]].corpus
            docids = np.array(list(documents if corpus is None else corpus), dtype=object)
            places = (
                np.arange(len(docids)) if corpus is None else np.array([place[docid] for docid in corpus])
            )
            for start in range(0, len(alike), _QUERIES):
                block = alike[start : start + _QUERIES]
                scores = _blocks(queries.take(block), encoded, docids, places)
                best = best_of_blocks(scores, len(block), depth)
                run.update({requests[number].key: found for number, found in zip(block, best, strict=True)})
        return run

    def _encode_requests(self, requests: Sequence[Request]) -> Encoded:
        """Encode the text of each request."""
        return self._encoder.encode_queries(
            [
                join_instruction(request.query, request.instruction, self._template)
                if request.instruction
                else request.query
                for request in requests
            ]
        )


def _alike(requests: Sequence[Request], numbers: Sequence[int]) -> list[list[int]]:
    """Group requests that rank the same documents to the same depth."""
    groups: dict[tuple[int, int], list[int]] = {}
    for number in numbers:
        groups.setdefault((requests[number].depth, id(requests[number].corpus)), []).append(number)
    return list(groups.values())


def _blocks(
    queries: np.ndarray, documents: Encoded, docids: np.ndarray, places: np.ndarray
) -> Iterator[tuple[np.ndarray, np.ndarray]]:
    for start in range(0, len(docids), _DOCUMENTS):
        some = slice(start, start + _DOCUMENTS)
        yield docids[some], queries @ documents.take(places[some]).T
