"""BM25 as a ranker: the lexical baseline, which follows no instruction."""

from __future__ import annotations

from collections.abc import Mapping, Sequence

import numpy as np

from dualview.cards.errors import InputError
from dualview.trainer.evaluation.rankers.ranker import DEPTH, Request
from dualview.trainer.evaluation.rankers.top_scores import best_of_row
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction


class BM25Ranker:
    """Ranks by BM25 (``bm25s``, its defaults, English stop words) over the corpus of the benchmark.

    Words weigh as they do in the benchmark's whole corpus, also where a part of it is ranked.

    :param depth: documents that a ranking of the whole corpus holds at most.
    :raises InputError: if ``bm25s`` is not installed.
    """

    def __init__(self, template: str = DEFAULT_TEMPLATE, depth: int = DEPTH) -> None:
        try:
            import bm25s
        except ImportError:
            raise InputError("bm25 needs the extra 'eval'; run pip install 'dualview[eval]'") from None
        self._bm25s = bm25s
        self._template = template
        self._depth = depth

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request.

        See :class:`dualview.trainer.evaluation.rankers.ranker.Ranker`.
        """
        index = self._bm25s.BM25()
        index.index(self._tokens(list(documents.values())), show_progress=False)
        docids = np.array(list(documents), dtype=object)
        place = {docid: number for number, docid in enumerate(documents)}
        run = {}
        parts: dict[int, np.ndarray] = {}
        last = None
        for request in requests:
            text = request.query
            if request.instruction:
                text = join_instruction(text, request.instruction, self._template)
            if text != last:
                last = text
                # A query of stop words alone has no tokens, and all documents are ties.
                words = self._tokens([text])[0]
                scores = index.get_scores(words) if words else np.zeros(len(docids), dtype=np.float32)
            depth = min(request.depth, self._depth)
            if request.candidates is not None:
                run[request.key] = {docid: float(scores[place[docid]]) for docid in request.candidates}
            elif request.corpus is None:
                run[request.key] = best_of_row(docids, scores, depth)
            else:
                if id(request.corpus) not in parts:
                    parts[id(request.corpus)] = np.array([place[docid] for docid in request.corpus])
                some = parts[id(request.corpus)]
                run[request.key] = best_of_row(docids[some], scores[some], depth)
        return run

    def _tokens(self, texts: list[str]) -> list[list[str]]:
        tokens: list[list[str]] = self._bm25s.tokenize(
            texts, stopwords="en", return_ids=False, show_progress=False
        )
        return tokens
