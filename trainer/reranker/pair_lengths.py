"""Count of the pairs that are longer than a reranker reads."""

from __future__ import annotations

from typing import Any

from datasets import DatasetDict, IterableDataset
from sentence_transformers import CrossEncoder

from dualview.trainer.data.training_data import DualViewData
from dualview.trainer.query_template import join_instruction

# Rows whose pairs are counted; of more, an evenly spread sample.
_MOST = 500


def count_long_pairs(model: CrossEncoder, data: DualViewData, template: str, limit: int | None) -> str:
    """Return a sentence with the share of the training pairs that are cut; empty if none is.

    :param template: how query and instruction are joined.
    :param limit: tokens of an instructed query and a passage together; None where they are not cut.
    """
    if limit is None:
        return ""
    long = total = 0
    special = model.tokenizer.num_special_tokens_to_add(pair=True)
    for row in _rows(data.rows):
        queries = [join_instruction(row["query"], text, template) for text in row["instructions"] if text]
        passages = [*row["passages"], *row["hard_negatives"]]
        if not queries or not passages:
            continue
        ids = model.tokenizer([*queries, *passages], add_special_tokens=False, verbose=False)["input_ids"]
        sizes = list(map(len, ids))
        asked, read = sizes[: len(queries)], sizes[len(queries) :]
        long += sum(one + other + special > limit for one in asked for other in read)
        total += len(asked) * len(read)
    if not long:
        return ""
    return (
        f"Of the pairs of an instructed query and a passage, {100 * long / total:.1f}% are longer than "
        f"{limit} tokens and are cut there."
    )


def _rows(rows: DatasetDict | IterableDataset) -> list[dict[str, Any]]:
    assert isinstance(rows, DatasetDict)  # settings refuse to stream to a reranker
    return [row for part in rows.values() for row in part.select(range(0, len(part), 1 + len(part) // _MOST))]
