"""Any CrossEncoder as a reranker."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import replace

from sentence_transformers import CrossEncoder

from dualview.trainer.encoders.precision import bfloat16_products
from dualview.trainer.evaluation.rankers.ranker import Ranker, Request
from dualview.trainer.query_template import DEFAULT_TEMPLATE, join_instruction


class CrossEncoderRanker:
    """Reads query and document together: all candidates of a request, or what a first stage finds.

    Of an optional request it reads what the request says, and the first stage finds first.

    :param first_stage: ranks the whole corpus where a request names no candidates; documents that it does not
        find are not ranked.
    :param bf16: multiply matrices in bfloat16.
    """

    def __init__(
        self,
        model: CrossEncoder,
        first_stage: Ranker,
        template: str = DEFAULT_TEMPLATE,
        batch_size: int = 32,
        show_progress: bool = False,
        bf16: bool = False,
    ) -> None:
        self._model, self._first_stage, self._template = model, first_stage, template
        self._batch_size, self._show_progress, self._bf16 = batch_size, show_progress, bf16

    def rank(self, requests: Sequence[Request], documents: Mapping[str, str]) -> dict[str, dict[str, float]]:
        """Score documents for each request.

        See :class:`dualview.trainer.evaluation.rankers.ranker.Ranker`.
        """
        requests = [request for request in requests if not request.optional or request.reranked]
        whole = [_cut(request) for request in requests if request.candidates is None]
        found = self._first_stage.rank(whole, documents) if whole else {}
        pairs: dict[tuple[str, str], int] = {}  # each is read once, though several requests rank it
        places: list[tuple[str, str, int]] = []
        for request in requests:
            text = request.query
            if request.instruction:
                text = join_instruction(text, request.instruction, self._template)
            for docid in request.candidates if request.candidates is not None else found[request.key]:
                pair = (text, documents[docid])
                places.append((request.key, docid, pairs.setdefault(pair, len(pairs))))
        with bfloat16_products(self._model.device.type, self._bf16):
            scores = self._model.predict(
                list(pairs),
                batch_size=self._batch_size,
                show_progress_bar=self._show_progress,
                convert_to_numpy=True,
            )
        run: dict[str, dict[str, float]] = {request.key: {} for request in requests}
        for key, docid, number in places:
            run[key][docid] = float(scores[number])
        return run


def _cut(request: Request) -> Request:
    """Ask the first stage for no more documents than are read."""
    return replace(request, depth=min(request.depth, request.reranked)) if request.reranked else request
