"""Metadata of a model card, and the results in the two places where the Hub reads them.

The Hub reads results from ``model-index`` in the card and from ``.eval_results/dualview.yaml`` beside it, so
both are written. Metadata holds fractions; the table in the text is x100.
"""

from __future__ import annotations

import re
from collections.abc import Sequence
from typing import Any

from huggingface_hub import EvalResult, EvalResultEntry, ModelCardData, eval_result_entries_to_yaml
from huggingface_hub.utils import yaml_dump

from dualview.cards.metadata.licenses import hub_license
from dualview.cards.metadata.names import is_hub_id
from dualview.cards.model_facts import Example, ModelFacts, Result
from dualview.cards.text import one_line

#: Tags of every model card.
TAGS = (
    "sentence-transformers",
    "feature-extraction",
    "information-retrieval",
    "instruction-following",
    "dual-view",
)
_RERANKER_TAGS = tuple("cross-encoder" if tag == "feature-extraction" else tag for tag in TAGS)


def model_card_data(facts: ModelFacts) -> ModelCardData:
    """Return the metadata of the card, with the results as ``model-index``."""
    license_ = hub_license(facts.license)
    return ModelCardData(
        language=list(facts.languages),
        license=license_,
        license_name=one_line(facts.license) if license_ == "other" else None,
        library_name="sentence-transformers",
        pipeline_tag="text-ranking" if facts.is_reranker else "sentence-similarity",
        tags=list(_RERANKER_TAGS if facts.is_reranker else TAGS),
        base_model=facts.base_model if is_hub_id(facts.base_model) else None,
        datasets=[facts.dataset_name] if is_hub_id(facts.dataset_name) else None,
        metrics=list(dict.fromkeys(result.metric for result in facts.results)) or None,
        # The class keeps the name in the card when there are no results to list under it.
        model_name=one_line(facts.model_name) if facts.results else None,
        eval_results=[_eval_result(result) for result in facts.results] or None,
        widget=_widget(facts.example, facts.instruction_template) if _has_widget(facts) else None,
    )


def _has_widget(facts: ModelFacts) -> bool:
    """Tell whether one encoder serves all texts, as the widget of the model's page has it."""
    return not (facts.keeps_passages or facts.is_reranker)


def results_yaml(results: Sequence[Result]) -> str:
    """Return the content of ``.eval_results/dualview.yaml``."""
    return str(
        yaml_dump(eval_result_entries_to_yaml([_entry(result) for result in results]), sort_keys=False)
    )


def _widget(example: Example, template: str) -> list[dict[str, Any]]:
    """Examples for the model's page on the Hub: the same passages under two opposite instructions."""
    sentences = [one_line(passage) for passage in example.passages]
    return [
        {
            "example_title": title,
            "source_sentence": one_line(template.format(query=example.query, instruction=instruction)),
            "sentences": list(sentences),  # the same list twice would become an alias in YAML
        }
        for title, instruction in (
            ("Original instruction", example.instruction),
            ("Reversed instruction", example.reversed_instruction),
        )
    ]


def _eval_result(result: Result) -> EvalResult:
    subset = f" ({one_line(result.subset)})" if result.subset else ""
    return EvalResult(
        task_type="text-retrieval",
        task_name="Instruction-following retrieval",
        dataset_type=_dataset_id(result.dataset),
        dataset_name=one_line(result.dataset),
        dataset_split=result.split,
        metric_type=result.metric,
        metric_name=one_line(result.metric_name) + subset,
        metric_value=round(result.value, 6),
        metric_args={
            "queries": result.queries,
            "low": round(result.low, 6),
            "high": round(result.high, 6),
            "base": round(result.baseline, 6),
        },
    )


def _entry(result: Result) -> EvalResultEntry:
    task = "-".join(part for part in (result.split, result.subset, result.metric) if part)
    low, high, base = (f"{100 * value:.1f}" for value in (result.low, result.high, result.baseline))
    return EvalResultEntry(
        dataset_id=_dataset_id(result.dataset),
        task_id=_slug(task),
        value=round(result.value, 6),
        notes=f"95% interval {low} to {high} over {result.queries} queries (x100), base model {base}",
    )


def _dataset_id(name: str) -> str:
    return name if is_hub_id(name) else _slug(name)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "local"
