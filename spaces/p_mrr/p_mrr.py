"""p-MRR of FollowIR as a metric for the library ``evaluate``."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import Any

import datasets
import evaluate

from .ranks import MetricError, mean_over_queries, p_mrr_by_query, p_mrr_gained_by_query

_DESCRIPTION = """\
p-MRR measures whether a retriever obeys a changed instruction. For each query, the documents that were
relevant under the original instruction and are not under the changed one should fall in the ranking. Each
gives a value in (-1, 1), positive if it fell; values are averaged over a query's documents, then over
queries. Ties are broken by document id, higher first, as in trec_eval and mteb >= 2.20; a document missing
from a ranking gets the rank after its last.
"""

_INPUTS = """\
Args:
    predictions: one item per query, {"original": {"docids": [...], "scores": [...]}, "changed": {...}}: the
        same candidates under the two instructions.
    references: one item per query, in the same order, {"lost": [...], "gained": [...]}: ids of the documents
        that lost and gained relevance; either may be empty, and "gained" may be left out.

Returns:
    p_mrr: the mean over queries with a document that lost relevance; None if there is none.
    p_mrr_gained: the mirror image for documents that gained relevance, positive if they rose. Not p-MRR.

Example:
    >>> metric = evaluate.load("p_mrr")
    >>> original = {"docids": ["a", "b"], "scores": [0.9, 0.1]}
    >>> changed = {"docids": ["a", "b"], "scores": [0.2, 0.8]}
    >>> metric.compute(
    ...     predictions=[{"original": original, "changed": changed}],
    ...     references=[{"lost": ["a"], "gained": ["b"]}],
    ... )
    {'p_mrr': 0.5, 'p_mrr_gained': 0.5}
"""

_CITATION = """\
@misc{weller2024followir,
  title = {FollowIR: Evaluating and Teaching Information Retrieval Models to Follow Instructions},
  author = {Weller, Orion and Chang, Benjamin and MacAvaney, Sean and Lo, Kyle and Cohan, Arman and Van Durme,
    Benjamin and Lawrie, Dawn and Soldaini, Luca},
  year = {2024},
  eprint = {2403.15246},
  archivePrefix = {arXiv}
}
"""


class PMRR(evaluate.Metric):  # type: ignore[misc, unused-ignore]  # evaluate has no types
    """p-MRR and its mirror image."""

    def _info(self) -> evaluate.MetricInfo:
        text, numbers = datasets.Value("string"), datasets.Value("float64")
        ranked = {"docids": datasets.Sequence(text), "scores": datasets.Sequence(numbers)}
        return evaluate.MetricInfo(
            description=_DESCRIPTION,
            citation=_CITATION,
            inputs_description=_INPUTS,
            features=datasets.Features(
                {
                    "predictions": {"original": ranked, "changed": ranked},
                    "references": {"lost": datasets.Sequence(text), "gained": datasets.Sequence(text)},
                }
            ),
            reference_urls=["https://arxiv.org/abs/2403.15246"],
        )

    def add(
        self, *, prediction: Mapping[str, Any] | None = None, reference: Mapping[str, Any] | None = None
    ) -> None:
        """Add one query; see ``add_batch``."""
        self.add_batch(predictions=[prediction or {}], references=[reference or {}])

    def add_batch(
        self,
        *,
        predictions: Sequence[Mapping[str, Any]] | None = None,
        references: Sequence[Mapping[str, Any]] | None = None,
    ) -> None:
        """Add queries.

        :raises MetricError: if a part of a query is missing or has an unknown name.
        """
        super().add_batch(
            predictions=[_prediction(place, item) for place, item in enumerate(predictions or ())],
            references=[_reference(place, item) for place, item in enumerate(references or ())],
        )

    def _compute(
        self, predictions: Sequence[dict[str, Any]], references: Sequence[dict[str, Any]]
    ) -> dict[str, float | None]:
        runs = {
            which: {str(place): _scores(place, item[which]) for place, item in enumerate(predictions)}
            for which in ("original", "changed")
        }
        lost, gained = (
            {str(place): item[which] for place, item in enumerate(references)} for which in ("lost", "gained")
        )
        by_query = p_mrr_by_query(runs["original"], runs["changed"], lost)
        mirror = p_mrr_gained_by_query(runs["original"], runs["changed"], gained)
        return {
            "p_mrr": mean_over_queries(by_query) if by_query else None,
            "p_mrr_gained": mean_over_queries(mirror) if mirror else None,
        }


def _prediction(place: int, item: Mapping[str, Any]) -> Mapping[str, Any]:
    parts = item if isinstance(item, Mapping) else {}
    for which in ("original", "changed"):
        ranked = parts.get(which)
        if not isinstance(ranked, Mapping) or not {"docids", "scores"} <= set(ranked):
            raise MetricError(f"query {place}: its prediction needs {which!r} with 'docids' and 'scores'")
    return item


def _reference(place: int, item: Mapping[str, Any]) -> dict[str, Any]:
    """Return a reference with both lists."""
    parts = dict(item) if isinstance(item, Mapping) else {}
    if parts.get("lost") is None:
        raise MetricError(f"query {place}: its reference needs 'lost', the documents that lost relevance")
    if unknown := sorted(set(parts) - {"lost", "gained"}):
        raise MetricError(f"query {place}: its reference has {unknown[0]!r} beside 'lost' and 'gained'")
    return {"lost": parts["lost"], "gained": parts.get("gained") or []}


def _scores(place: int, ranked: dict[str, Any]) -> dict[str, float]:
    docids, scores = ranked["docids"], ranked["scores"]
    if len(docids) != len(scores):
        raise MetricError(f"query {place}: {len(docids)} document ids, but {len(scores)} scores")
    if len(set(docids)) < len(docids):
        raise MetricError(f"query {place}: a document id occurs twice")
    return dict(zip(docids, scores, strict=True))
