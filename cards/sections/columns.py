"""Types and meanings of the columns of a dual-view dataset."""

from __future__ import annotations

from datasets import Features, LargeList, List, Value

# A column has the same meaning in every config that has it.
_MEANINGS = {
    "query_id": "one search query; all rows of a query are in one split",
    "set_id": "one candidate set; the rows of a set are views of the same passages",
    "query": "the query without an instruction",
    "instruction": "the original instruction, under which `positive` is relevant",
    "reversed_instruction": "the reversal, under which `reversed_positive` is relevant and `positive` is not",
    "paraphrased_instruction": "the original instruction in other words (a control), or null",
    "positive": "the passage that is relevant under `instruction`",
    "reversed_positive": "the passage that is relevant under `reversed_instruction`",
    "other_instruction_negatives": "passages that answer the bare query and break both instructions",
    "hard_negatives": "passages that look similar and do not answer the query",
    "kind": "exclusion, inclusion, both or other: the kind of the original instruction, empty if unknown; or "
    "of a wording, and then also kept, for a text that asks for nothing and must stay where it is",
    "reversed_kind": "kind of the reversal",
    "original_lever": "what the original instruction is about; empty if unknown",
    "id": "one set",
    "texts": "the texts, which all answer the query",
    "views": "the instructions; `target` is the place in `texts`, from 0, of the one made relevant",
    "lever": "what the reversal changes, such as a region or an audience",
    "style": "form of the original instruction",
    "domain": "subject of the query, or null",
    "source": "source of the passages, see below",
    "license": "licence of the passages",
    "writer": "writer of the reversal",
    "checks": "a judge's scores for the labels before and after the reversal, null without a judge; and what "
    "proves them: phrases (`mentions`) or numbers (`values`) with their counts in both passages, or null",
    "anchor": "query, one space, instruction",
    "negative": "a passage of the same set that breaks the instruction, or a hard negative",
    "positives": "all passages that answer the bare query",
    "phrases": "one to three phrases that the query is to exclude or include; none for a kept text",
    "text": "query and phrases as somebody types them, or the text to keep",
    "cue": "the wording, with `{q}` for the query and `{t}` for the phrases; no other split has its words",
    "language": "language of the wording",
    "writer_kind": "writer of the rejected instruction",
    "reason": "the check that it failed",
    "detail": "finding of the check",
}
# In `triplets` a passage is one string.
_MEANING_OF_TEXT = {"positive": "the relevant passage: title, newline, text"}


def describe_columns(features: Features) -> list[tuple[str, str, str]]:
    """Return name, type and meaning of each column; the meaning of an unknown name is empty."""
    rows = []
    for name, feature in features.items():
        meaning = _MEANINGS.get(name, "")
        if isinstance(feature, Value):
            meaning = _MEANING_OF_TEXT.get(name, meaning)
        rows.append((name, type_name(feature), meaning))
    return rows


def type_name(feature: object) -> str:
    """Return a short name of a column's type, such as ``list of {docid, title, text}``."""
    if isinstance(feature, Value):
        return str(feature.dtype)
    if isinstance(feature, dict):
        return "{" + ", ".join(feature) + "}"
    if isinstance(feature, (List, LargeList)):
        return f"list of {type_name(feature.feature)}"
    return type(feature).__name__
