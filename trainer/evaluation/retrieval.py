"""Plain retrieval over a whole corpus: does a model still find what bare queries ask for?"""

from __future__ import annotations

import numpy as np
from sentence_transformers import SentenceTransformer

from trainer.evaluation.metrics import ndcg, ranking
from trainer.evaluation.retrieval_data import RetrievalData
from trainer.evaluation.scoring import Figures

# Similarities held in memory at a time: queries a block.
_BLOCK = 256
_DEPTH = 10


def retrieval_figures(
    model: SentenceTransformer, data: RetrievalData, batch_size: int = 32
) -> dict[str, Figures]:
    """Measure nDCG@10 of every query over the whole corpus, with cosine similarity."""
    docids = np.array(list(data.documents))
    documents = model.encode_document(
        list(data.documents.values()),
        batch_size=batch_size,
        normalize_embeddings=True,
        show_progress_bar=True,
    )
    queries = model.encode_query(
        list(data.queries.values()), batch_size=batch_size, normalize_embeddings=True
    )
    figures = Figures()
    query_ids = list(data.queries)
    for start in range(0, len(query_ids), _BLOCK):
        scores = queries[start : start + _BLOCK] @ documents.T
        for query_id, row in zip(query_ids[start : start + _BLOCK], scores, strict=True):
            # All that could be among the first ten, ties at the tenth place included.
            tenth = np.partition(row, -_DEPTH)[-_DEPTH] if len(row) > _DEPTH else row.min()
            near = np.flatnonzero(row >= tenth)
            ranked = ranking(dict(zip(docids[near].tolist(), row[near].tolist(), strict=True)))
            relevant = [docid for docid, label in data.qrels[query_id].items() if label > 0]
            figures.add("ndcg_at_10", query_id, ndcg(ranked, relevant, _DEPTH))
    return {"": figures}
