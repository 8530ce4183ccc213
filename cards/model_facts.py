"""What a model card is written from, and the JSON file in the model's folder that keeps it.

Kept as a file so that a later step (an evaluation, a new result) can write the card again with more in it.
"""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass, fields, is_dataclass
from pathlib import Path
from typing import Any

from dualview.cards.errors import CardError
from dualview.cards.readme import write_text

FACTS_FILE = "dualview_facts.json"


@dataclass(frozen=True)
class Result:
    """One figure of the trained model beside the same figure of its base, on the same queries.

    Values are fractions; cards show them x100. Intervals hold 95% of a paired bootstrap over queries.

    :param dataset: a Hub id, or the name of a local dataset.
    :param metric: identifier, such as ``flip_accuracy``.
    :param metric_name: the same for a reader, such as "Flip accuracy".
    :param subset: the part of the split that was measured, or an empty string.
    :param low: lower end of the interval of ``value``; ``high`` is its upper end.
    :param baseline: the value of the base model.
    :param difference: ``value - baseline``, with ``difference_low`` and ``difference_high``.
    :param queries: how many queries were measured.
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
        """Whether the interval of the difference leaves out zero."""
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
    """What a model card says.

    :param model_name: a Hub id, or a name for the title.
    :param base_model: the Hub id of the model that was trained further.
    :param dataset_name: a Hub id, or the path or name of a local dataset.
    :param dataset_fingerprint: revision or hash of the rows that were trained on.
    :param instruction_template: how query and instruction are joined, such as ``{query} {instruction}``.
    :param loss: the loss's ``get_config_dict()``.
    :param loss_citation: BibTeX, or an empty string.
    :param mixture: what went in: rows, queries or passages of each kind.
    :param train_seconds: wall-clock time of the training, in seconds.
    :param max_tokens: tokens of a text beyond which it is cut.
    :param eval_command: what measured the results, or None where none are given.
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
        """Whether the queries' encoder alone was trained, and passages are encoded as the base model does."""
        return bool(self.hyperparameters.get("frozen_documents"))


def save_facts(folder: Path, facts: ModelFacts) -> Path:
    """Write the facts into the model's folder as JSON and return the file's path.

    :raises CardError: if the file cannot be written, or a value is not a finite number.
    """
    path = folder / FACTS_FILE
    try:
        # Configurations hold classes and functions at times: their names are what a reader needs.
        text = json.dumps(asdict(facts), indent=2, ensure_ascii=False, allow_nan=False, default=str)
    except ValueError as error:
        raise CardError(f"{path}: a value is no finite number ({error}); evaluate the model again") from error
    return write_text(path, text + "\n")


def load_facts(folder: Path) -> ModelFacts:
    """Read what :func:`save_facts` wrote.

    :raises CardError: if the file is missing, not JSON, or lacks a field.
    """
    path = folder / FACTS_FILE
    try:
        stored = json.loads(path.read_text(encoding="utf-8"))
    except FileNotFoundError as error:
        raise CardError(f"{path}: not found; train the model with this project, which writes it") from error
    except (OSError, ValueError) as error:
        raise CardError(
            f"{path}: cannot be read ({error}); train the model again to write it anew"
        ) from error
    return _facts(path, stored)


def _facts(path: Path, stored: object) -> ModelFacts:
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
        raise CardError(f"{path}: {kind.__name__} is not an object; train the model again to write it anew")
    names = {field.name for field in fields(kind)}
    wrong = sorted(names.symmetric_difference(stored))
    if wrong:
        state = "is missing" if wrong[0] in names else "is not known"
        raise CardError(
            f"{path}: the field '{wrong[0]}' {state}; it was written by another version: train again"
        )
    return dict(stored)
