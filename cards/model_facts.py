"""Facts about a trained model, and the JSON file beside the model that holds them.

A later step, such as an evaluation, adds to the file and writes the card again.
"""

from __future__ import annotations

import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass, replace
from pathlib import Path
from typing import Any

from dualview.cards.errors import CardError
from dualview.cards.metadata.names import command_without_local_paths, without_local_path
from dualview.cards.readme import write_text

FACTS_FILE = "dualview_facts.json"


@dataclass(frozen=True)
class Result:
    """A measured value of the trained model, with the value of its base model on the same queries.

    Values are fractions; cards show them x100. Intervals hold 95% of a paired bootstrap over queries.

    :param dataset: a Hub id, or the name of a local dataset.
    :param metric: identifier, such as ``flip_accuracy``.
    :param metric_name: name for readers, such as "Flip accuracy".
    :param subset: the measured part of the split, or an empty string.
    :param low: lower end of the interval of ``value``; ``high`` is its upper end.
    :param baseline: the value of the base model.
    :param difference: ``value - baseline``, with ``difference_low`` and ``difference_high``.
    :param queries: number of measured queries.
    """

    dataset: str
    split: str
    metric: str
    metric_name: str
    subset: str
    value: float
    low: float
    high: float
    baseline: float
    difference: float
    difference_low: float
    difference_high: float
    queries: int

    @property
    def differs(self) -> bool:
        """True if zero is outside the interval of the difference."""
        return not self.difference_low <= 0.0 <= self.difference_high


@dataclass(frozen=True)
class Example:
    """A query with two instructions, and passages for the usage snippet.

    :param passages: title, newline and text of each.
    """

    query: str
    instruction: str
    reversed_instruction: str
    passages: tuple[str, ...]


@dataclass(frozen=True)
class ModelFacts:
    """Content of a model card.

    :param model_name: a Hub id, or a name for the title.
    :param base_model: the Hub id or the folder of the model that was trained further.
    :param dataset_name: a Hub id, or the path or name of a local dataset; several are separated by ", ".
    :param dataset_fingerprint: revision or hash of the training rows.
    :param instruction_template: joins query and instruction, such as ``{query} {instruction}``.
    :param loss: the loss's ``get_config_dict()``.
    :param loss_citation: BibTeX, or an empty string.
    :param mixture: counts of the training data: rows, queries or passages of each kind.
    :param train_seconds: wall-clock time of the training, in seconds.
    :param max_tokens: number of tokens at which a text is cut.
    :param eval_command: the command that measured the results, or None.
    """

    model_name: str
    base_model: str
    base_license: str
    license: str
    languages: tuple[str, ...]
    dataset_name: str
    dataset_fingerprint: str
    instruction_template: str
    loss: dict[str, Any]
    loss_citation: str
    hyperparameters: dict[str, Any]
    mixture: dict[str, int]
    train_seconds: float
    hardware: str
    versions: dict[str, str]
    max_tokens: int
    results: tuple[Result, ...]
    train_command: str
    eval_command: str | None
    limits: tuple[str, ...]
    example: Example

    @property
    def keeps_passages(self) -> bool:
        """True if only the encoder of queries was trained, and passages keep the base model's vectors."""
        return bool(self.hyperparameters.get("frozen_documents"))

    @property
    def is_reranker(self) -> bool:
        """True if the model reads query and passage together."""
        return self.hyperparameters.get("kind") == "reranker"


def save_facts(folder: Path, facts: ModelFacts) -> Path:
    """Write the facts into the model's folder as JSON and return the file's path.

    The file is published, so absolute paths of this machine are replaced by their last component.

    :raises CardError: if the file cannot be written, or a value is not a finite number.
    """
    path = folder / FACTS_FILE
    try:
        # Some configurations hold classes and functions; readers need their names.
        text = json.dumps(
            asdict(without_local_paths(facts)), indent=2, ensure_ascii=False, allow_nan=False, default=str
        )
    except ValueError as error:
        raise CardError(
            f"{path}: a value is not a finite number ({error}); evaluate the model again"
        ) from error
    return write_text(path, text + "\n")


def without_local_paths(facts: ModelFacts) -> ModelFacts:
    """Return the facts with each path outside the working folder replaced by its last component."""
    datasets = [without_local_path(name) for name in facts.dataset_name.split(", ")]
    return replace(
        facts,
        model_name=without_local_path(facts.model_name),
        base_model=without_local_path(facts.base_model),
        dataset_name=", ".join(datasets),
        loss=_values_without_local_paths(facts.loss),
        hyperparameters=_values_without_local_paths(facts.hyperparameters),
        results=tuple(replace(r, dataset=without_local_path(r.dataset)) for r in facts.results),
        train_command=command_without_local_paths(facts.train_command),
        eval_command=facts.eval_command and command_without_local_paths(facts.eval_command),
    )


def load_facts(folder: Path) -> ModelFacts:
    """Read the file that :func:`save_facts` wrote.

    :raises CardError: if the file is missing, is not JSON, or lacks a field.
    """
    path = folder / FACTS_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CardError(f"{path}: not found; 'dualview train' writes it with the model") from error
    except (OSError, ValueError) as error:
        raise CardError(
            f"{path}: cannot be read ({error}); train the model again to write a new one"
        ) from error
    return facts_from(path, stored)


def _values_without_local_paths(values: Mapping[str, Any]) -> dict[str, Any]:
    return {name: _value_without_local_paths(value) for name, value in values.items()}


def _value_without_local_paths(value: object) -> object:
    if isinstance(value, (str, Path)):
        return without_local_path(str(value))
    if isinstance(value, (list, tuple)):
        return [_value_without_local_paths(entry) for entry in value]
    return _values_without_local_paths(value) if isinstance(value, dict) else value


def facts_from(path: Path, stored: object) -> ModelFacts:
    """Return the facts that were stored as an object of JSON.

    :param path: the file that holds it, for errors.
    :raises CardError: if a field is missing or not known.
    """
    values = _checked(path, stored, ModelFacts)
    results = tuple(Result(**_checked(path, result, Result)) for result in values["results"])
    example = _checked(path, values["example"], Example)
    values.update(
        results=results,
        example=Example(**{**example, "passages": tuple(example["passages"])}),
        languages=tuple(values["languages"]),
        limits=tuple(values["limits"]),
    )
    return ModelFacts(**values)


def _checked(path: Path, stored: object, kind: type) -> dict[str, Any]:
    assert is_dataclass(kind)
    if not isinstance(stored, dict):
        raise CardError(f"{path}: {kind.__name__} is not an object; train the model again to write a new one")
    names = {field.name for field in fields(kind)}
    wrong = sorted(names.symmetric_difference(stored))
    if wrong:
        state = "is missing" if wrong[0] in names else "is not known"
        raise CardError(
            f"{path}: the field '{wrong[0]}' {state}; it was written by another version: train again"
        )
    return dict(stored)
