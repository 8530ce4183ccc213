"""Count of the texts that are longer than a model reads."""

from __future__ import annotations

from itertools import islice

from datasets import DatasetDict, IterableDataset
from sentence_transformers import SentenceTransformer

from dualview.trainer.data.training_data import DualViewData
from dualview.trainer.query_template import join_instruction

# Of more texts than this, an evenly spread sample is counted.
_MOST = 20_000


def count_long_texts(
    model: SentenceTransformer,
    data: DualViewData,
    template: str,
    passage_tokens: int | None,
    query_tokens: int | None,
) -> str:
    """Return a sentence with the share of the training texts that are cut; empty if none is.

    :param template: how query and instruction are joined.
    :param passage_tokens: limit of the passages; None where they are not cut.
    :param query_tokens: limit of the instructed queries.
    """
    queries, passages = _texts(data.rows, template)
    parts = []
    for name, texts, limit in (
        ("passages", passages, passage_tokens),
        ("instructed queries", queries, query_tokens),
    ):
        count = sum(length > limit for length in _lengths(model, texts)) if limit else 0
        if count:
            share = f"{count:,} of {len(texts):,} {name} ({100 * count / len(texts):.1f}%)"
            parts.append(f"{share} are longer than {limit} tokens and are cut there")
    if not parts:
        return ""
    sampled = " in a sample" if max(len(queries), len(passages)) == _MOST else ""
    return f"Of the training texts{sampled}, {', '.join(parts)}."


def _texts(rows: DatasetDict | IterableDataset, template: str) -> tuple[list[str], list[str]]:
    queries: dict[str, None] = {}
    passages: dict[str, None] = {}
    if isinstance(rows, DatasetDict):
        parts = [
            row for part in rows.values() for row in part.select(range(0, len(part), 1 + len(part) // _MOST))
        ]
    else:
        parts = list(islice(rows, 500))
    for row in parts:
        for text in row["instructions"]:
            queries[join_instruction(row["query"], text, template) if text else row["query"]] = None
        passages.update(dict.fromkeys([*row["passages"], *row["hard_negatives"]]))
    return _spread(list(queries)), _spread(list(passages))


def _spread(texts: list[str]) -> list[str]:
    return texts if len(texts) <= _MOST else texts[:: 1 + len(texts) // _MOST][:_MOST]


def _lengths(model: SentenceTransformer, texts: list[str]) -> list[int]:
    """Count the tokens of each text, special tokens included, without cutting."""
    if not texts:
        return []
    encoded = model.tokenizer(texts, add_special_tokens=True, truncation=False, padding=False, verbose=False)
    return [len(ids) for ids in encoded["input_ids"]]
