"""What the columns of a published dual-view dataset hold, for the table in its card."""

from __future__ import annotations

from datasets import Features, LargeList, List, Value

# One meaning a name: a column means the same in every config that has it.
_MEANINGS = {
    "query_id": "one search query; all rows of a query are in one split",
    "set_id": "one candidate set; the rows of a set are views of the same passages",
    "query": "the query as a person types it",
    "instruction": "the original instruction, under which `positive` is relevant",
    "reversed_instruction": "the reversal, under which `reversed_positive` is relevant and `positive` is not",
    "paraphrased_instruction": "the original instruction in other words, or null: same labels, a control",
    "positive": "the passage that is relevant under `instruction`",
    "reversed_positive": "the passage that is relevant under `reversed_instruction`",
    "other_instruction_negatives": "passages that answer the bare query and break both instructions",
    "hard_negatives": "passages that look alike and do not answer the query",
    "lever": "what the reversal turns on",
    "style": "how the original instruction is put",
    "domain": "the field the query comes from, or null",
    "source": "which of the sources below the passages come from",
    "license": "the licence of the passages",
    "writer": "what wrote the reversal",
    "checks": "what a judge said of the labels before and after the reversal; null where none was asked",
    "anchor": "query, one space, instruction",
    "negative": "a passage of the same set that breaks the instruction, or a hard negative",
    "positives": "every passage that answers the bare query",
    "writer_kind": "what wrote the instruction that was dropped",
    "reason": "the check that it did not pass",
    "detail": "what the check found",
}
# In `triplets` a passage is one string.
_MEANING_OF_TEXT = {"positive": "the relevant passage: title, newline, text"}


def describe_columns(features: Features) -> list[tuple[str, str, str]]:
    """Name, type and meaning of each column; the meaning is empty for a name the schema does not know."""
    rows = []
    for name, feature in features.items():
        meaning = _MEANINGS.get(name, "")
        if isinstance(feature, Value):
            meaning = _MEANING_OF_TEXT.get(name, meaning)
        rows.append((name, type_name(feature), meaning))
    return rows


def type_name(feature: object) -> str:
    """The type of a column in a few words, such as ``list of {docid, title, text}``."""
    if isinstance(feature, Value):
        return str(feature.dtype)
    if isinstance(feature, dict):
        return "{" + ", ".join(feature) + "}"
    if isinstance(feature, (List, LargeList)):
        return f"list of {type_name(feature.feature)}"
    return type(feature).__name__
