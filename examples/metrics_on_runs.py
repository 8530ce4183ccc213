"""Compute the figures of instruction following from rankings that any search engine made.

    python examples/metrics_on_runs.py

A run is a dictionary: query -> document -> score. Nothing is encoded, and PyTorch is not needed.
"""

from __future__ import annotations

import dualview

# The same three documents for each query, ranked under an instruction and under its opposite.
ORIGINAL = {
    "bicycle": {"history": 0.57, "price": 0.22, "repair": 0.20},
    "skillet": {"history": 0.41, "price": 0.36, "repair": 0.30},
}
REVERSED = {
    "bicycle": {"history": 0.44, "price": 0.45, "repair": 0.21},
    "skillet": {"history": 0.28, "price": 0.26, "repair": 0.31},
}
# Under the original instruction "history" is wanted; under the reversal "price" is.
LOST = {"bicycle": ["history"], "skillet": ["history"]}
GAINED = {"bicycle": ["price"], "skillet": ["price"]}


def main() -> None:
    """Print each figure as a mean, and p-MRR for each query."""
    print("p-MRR:", round(dualview.p_mrr(ORIGINAL, REVERSED, LOST), 3))
    print("of each query:", dualview.p_mrr_by_query(ORIGINAL, REVERSED, LOST))
    print("of the documents that gained:", dualview.p_mrr_gained_by_query(ORIGINAL, REVERSED, GAINED))

    # nDCG@10 of the reversed queries, whose only relevant document is the price.
    wanted = {query: {"price": 1} for query in REVERSED}
    by_query = dualview.ndcg_by_query(REVERSED, wanted)
    print("nDCG@10:", round(sum(by_query.values()) / len(by_query), 3))


if __name__ == "__main__":
    main()
