"""The card of a trained retriever, written from what was really done and measured.

Results go into the metadata twice, because the Hub reads both: as ``model-index`` in the card, and as
``.eval_results/dualview.yaml`` beside it. Metadata holds fractions; the table that people read is x100.
"""

from __future__ import annotations

import re
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from huggingface_hub import EvalResult, EvalResultEntry, ModelCard, ModelCardData, eval_result_entries_to_yaml
from huggingface_hub.utils import yaml_dump

from dualview.cards.hub.repo_id import is_hub_id
from dualview.cards.licenses import hub_license
from dualview.cards.model_facts import Example, ModelFacts, Result, load_facts, save_facts
from dualview.cards.readme import FILE_NAME, kept_by_hand, render, write_text
from dualview.cards.text import Markdown, code, escape, one_line, python_string, table

__all__ = ["Example", "ModelFacts", "Result", "load_facts", "save_facts", "write_model_card"]

RESULTS_FILE = Path(".eval_results", "dualview.yaml")
_METHOD = "2604.18845"


def write_model_card(folder: Path, facts: ModelFacts) -> Path:
    """Write ``README.md`` and ``.eval_results/dualview.yaml`` into a model's folder; return the card's path.

    A section between ``<!-- by hand -->`` and ``<!-- /by hand -->`` of a card that is there already is kept.
    Without results the results file is taken away.

    :param folder: the folder that the model was saved to.
    :raises CardError: if a file cannot be written, or such a section is not closed.
    """
    path = folder / FILE_NAME
    by_hand = kept_by_hand(path)
    # The library's own class parses what was rendered: what it cannot read back is not written.
    card = ModelCard(render_model_card(facts, by_hand))
    results = folder / RESULTS_FILE
    if facts.results:
        entries = eval_result_entries_to_yaml([_entry(result) for result in facts.results])
        write_text(results, yaml_dump(entries, sort_keys=False))
    else:
        results.unlink(missing_ok=True)
    return write_text(path, str(card))


def render_model_card(facts: ModelFacts, by_hand: Markdown) -> str:
    """The text of the card with its metadata.

    :param by_hand: the section that a person wrote, with its marks.
    """
    return render(
        "model_card.md.jinja",
        metadata=Markdown(model_card_data(facts).to_yaml()),
        facts=facts,
        base_model=_model_link(facts.base_model),
        dataset=_dataset_link(facts.dataset_name),
        model_source=Markdown(python_string(facts.model_name if is_hub_id(facts.model_name) else ".")),
        template=Markdown(python_string(facts.instruction_template)),
        query=Markdown(python_string(facts.example.query)),
        instruction=Markdown(python_string(facts.example.instruction)),
        reversed_instruction=Markdown(python_string(facts.example.reversed_instruction)),
        passages=[Markdown(python_string(passage)) for passage in facts.example.passages],
        results=_result_table(facts.results),
        mixture=table(
            ["What went in", "Count"], [[k, f"{n:,}"] for k, n in facts.mixture.items()], numbers=[1]
        ),
        loss=_value_table("Loss", facts.loss),
        hyperparameters=_value_table("Hyperparameter", facts.hyperparameters),
        versions=", ".join(f"{name} {version}" for name, version in facts.versions.items()),
        duration=_duration(facts.train_seconds),
        cites_method=_METHOD in facts.loss_citation,
        by_hand=by_hand,
    )


def model_card_data(facts: ModelFacts) -> ModelCardData:
    """The metadata of the card, with the results as ``model-index``."""
    license_ = hub_license(facts.license)
    return ModelCardData(
        language=list(facts.languages),
        license=license_,
        license_name=one_line(facts.license) if license_ == "other" else None,
        library_name="sentence-transformers",
        pipeline_tag="sentence-similarity",
        tags=[
            "sentence-transformers",
            "feature-extraction",
            "information-retrieval",
            "instruction-following",
            "dual-view",
        ],
        base_model=facts.base_model if is_hub_id(facts.base_model) else None,
        datasets=[facts.dataset_name] if is_hub_id(facts.dataset_name) else None,
        metrics=list(dict.fromkeys(result.metric for result in facts.results)) or None,
        # The class leaves the name in the card when there are no results to index under it.
        model_name=one_line(facts.model_name) if facts.results else None,
        eval_results=[_eval_result(result) for result in facts.results] or None,
        # The page's widget encodes all texts alike, which says nothing of a model with two sides.
        widget=None if facts.keeps_passages else _widget(facts.example, facts.instruction_template),
    )


def _widget(example: Example, template: str) -> list[dict[str, Any]]:
    """What the model's page on the Hub lets one try: the same passages under two opposite instructions."""
    sentences = [one_line(passage) for passage in example.passages]
    return [
        {
            "example_title": title,
            "source_sentence": one_line(template.format(query=example.query, instruction=instruction)),
            "sentences": list(sentences),  # one list twice would become an alias in YAML
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
    return EvalResultEntry(
        dataset_id=_dataset_id(result.dataset),
        task_id=_slug(task),
        value=round(result.value, 6),
        notes=(
            f"95% interval {_x100(result.low)} to {_x100(result.high)} over {result.queries} queries (x100), "
            f"base model {_x100(result.baseline)}"
        ),
    )


def _dataset_id(name: str) -> str:
    return name if is_hub_id(name) else _slug(name)


def _slug(name: str) -> str:
    return re.sub(r"[^a-z0-9_]+", "-", name.lower()).strip("-") or "local"


def _result_table(results: tuple[Result, ...]) -> Markdown:
    headers = ["Measured on", "Metric", "Queries", "Base", "This model", "Difference"]
    rows = [
        [
            ", ".join(part for part in (result.dataset, result.split, result.subset) if part),
            result.metric_name,
            f"{result.queries:,}",
            _x100(result.baseline),
            f"{_x100(result.value)} ({_x100(result.low)} to {_x100(result.high)})",
            Markdown(_difference(result)),
        ]
        for result in results
    ]
    return table(headers, rows, numbers=range(2, len(headers)))


def _difference(result: Result) -> str:
    interval = f"{100 * result.difference_low:+.1f} to {100 * result.difference_high:+.1f}"
    if not result.differs:
        return f"no difference ({interval})"
    return f"**{100 * result.difference:+.1f}** ({interval})"


def _x100(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _value_table(header: str, values: Mapping[str, Any]) -> Markdown:
    return table([header, "Value"], [[code(name), code(value)] for name, value in values.items()])


def _model_link(name: str) -> Markdown:
    return Markdown(f"[{escape(name)}](https://huggingface.co/{name})") if is_hub_id(name) else code(name)


def _dataset_link(name: str) -> Markdown:
    return (
        Markdown(f"[{escape(name)}](https://huggingface.co/datasets/{name})")
        if is_hub_id(name)
        else code(name)
    )


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    hours, minutes = divmod(minutes, 60)
    if hours:
        return f"{hours} h {minutes} min"
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"
