"""Columns of the published configs, and the names of the splits."""

from __future__ import annotations

from datasets import Features, List, Value

_TEXT = Value("string")
PASSAGE_FEATURE = {"docid": _TEXT, "title": _TEXT, "text": _TEXT}

DUAL_VIEW = Features(
    {
        "query_id": _TEXT,
        "set_id": _TEXT,
        "query": _TEXT,
        "instruction": _TEXT,
        "reversed_instruction": _TEXT,
        "paraphrased_instruction": _TEXT,
        "positive": PASSAGE_FEATURE,
        "reversed_positive": PASSAGE_FEATURE,
        "other_instruction_negatives": List(PASSAGE_FEATURE),
        "hard_negatives": List(PASSAGE_FEATURE),
        "kind": _TEXT,
        "reversed_kind": _TEXT,
        "original_lever": _TEXT,
        "lever": _TEXT,
        "style": _TEXT,
        "domain": _TEXT,
        "source": _TEXT,
        "license": _TEXT,
        "writer": {"kind": _TEXT, "model": _TEXT, "prompt_version": _TEXT, "temperature": Value("float32")},
        "checks": {
            "judge": _TEXT,
            "p_original": List(Value("float32")),
            "p_reversed": List(Value("float32")),
            "kind": _TEXT,
            "mentions": List(
                {"phrase": _TEXT, "positive": Value("int32"), "reversed_positive": Value("int32")}
            ),
        },
    }
)

TRIPLETS = Features({"anchor": _TEXT, "positive": _TEXT, "negative": _TEXT})

PLAIN = Features(
    {
        "query_id": _TEXT,
        "query": _TEXT,
        "positives": List(PASSAGE_FEATURE),
        "hard_negatives": List(PASSAGE_FEATURE),
    }
)

REJECTED = Features(
    {
        "query_id": _TEXT,
        "set_id": _TEXT,
        "query": _TEXT,
        "instruction": _TEXT,
        "reversed_instruction": _TEXT,
        "positive": PASSAGE_FEATURE,
        "reversed_positive": PASSAGE_FEATURE,
        "writer_kind": _TEXT,
        "reason": _TEXT,
        "detail": _TEXT,
    }
)

#: Queries and phrases in a wording, without a passage.
COMPOSITIONS = Features(
    {
        "query": _TEXT,
        "phrases": List(_TEXT),
        "kind": _TEXT,
        "text": _TEXT,
        "cue": _TEXT,
        "language": _TEXT,
    }
)

PRACTICAL = Features(
    {
        "id": _TEXT,
        "query": _TEXT,
        "domain": _TEXT,
        "license": _TEXT,
        "texts": List(PASSAGE_FEATURE),
        "views": List({"target": Value("int32"), "kind": _TEXT, "lever": _TEXT, "instruction": _TEXT}),
    }
)

#: The published configs, the default one first; one without rows is left out.
CONFIGS = {
    "dual_view": DUAL_VIEW,
    "triplets": TRIPLETS,
    "plain": PLAIN,
    "rejected": REJECTED,
    "compositions": COMPOSITIONS,
    "practical": PRACTICAL,
}
SPLITS = ("train", "validation", "test")
