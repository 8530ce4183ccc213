"""Facts of a run, in the form that a model's card is written from."""

from __future__ import annotations

import shlex
from collections.abc import Mapping, Sequence
from dataclasses import fields
from importlib.metadata import PackageNotFoundError, version
from pathlib import Path
from typing import Any

import torch
from huggingface_hub import ModelCard
from sentence_transformers import CrossEncoder, SentenceTransformer
from yaml import YAMLError

from dualview.cards.model_card import write_model_card
from dualview.cards.model_facts import Example, ModelFacts, save_facts
from dualview.trainer.data.candidate_rows import passage_text
from dualview.trainer.data.training_data import DualViewData
from dualview.trainer.encoders.limits import read_limit
from dualview.trainer.encoders.precision import computes_in_bfloat16
from dualview.trainer.settings.reranker import RETRIEVER, RerankerSettings
from dualview.trainer.settings.training import TrainingSettings

_PACKAGES = ("sentence-transformers", "transformers", "torch", "datasets", "accelerate")


def write_card(folder: Path, facts: ModelFacts) -> Path:
    """Write the card, and the facts that it is written from, into a model's folder.

    :raises dualview.cards.errors.CardError: if a file cannot be written.
    """
    save_facts(folder, facts)
    return write_model_card(folder, facts)


def facts_of_run(
    settings: TrainingSettings,
    data: DualViewData,
    model: SentenceTransformer | CrossEncoder,
    loss: torch.nn.Module,
    seconds: float,
    processes: int = 1,
    notes: Sequence[str] = (),
) -> ModelFacts:
    """Collect the facts for the card of a run; results come with a later evaluation.

    :param seconds: time that the training took.
    :param processes: number of processes that trained together.
    :param notes: further known limits, one sentence each.
    """
    base = settings.base_model_id or settings.model
    base_license = settings.base_license or _license(base)
    return ModelFacts(
        model_name=settings.model_name,
        base_model=base,
        base_license=base_license,
        license=settings.license or base_license,
        languages=data.languages,
        dataset_name=", ".join(settings.dataset),
        dataset_fingerprint=data.fingerprint,
        instruction_template=settings.template,
        loss={"loss": type(loss).__name__, **loss.get_config_dict()},  # type: ignore[operator]
        loss_citation=str(getattr(loss, "citation", "")).strip(),
        hyperparameters=_hyperparameters(settings),
        mixture=data.mixture,
        train_seconds=seconds,
        hardware=_hardware(model, processes) + _in_bfloat16(settings, model),
        versions=_versions(),
        max_tokens=read_limit(model) or settings.max_tokens,
        results=(),
        train_command=_command(settings),
        eval_command=None,
        limits=(*notes, _levers(data)),
        example=_example(data.example),
    )


def _hyperparameters(settings: TrainingSettings) -> dict[str, Any]:
    """Return the settings that decide the weights, without those elsewhere in the card or switched off."""
    elsewhere = {"model", "dataset", "template"}
    if settings.kind == RETRIEVER:
        elsewhere |= {"kind", *(field.name for field in fields(RerankerSettings))}
    return {
        name: value
        for name, value in settings.of_the_run().items()
        if name not in elsewhere and value not in ("", [], {})
    }


def _hardware(model: SentenceTransformer | CrossEncoder, processes: int) -> str:
    if model.device.type == "cuda":
        return f"{processes} x {torch.cuda.get_device_name(model.device)}"
    threads = torch.get_num_threads()
    cores = f"{threads} CPU core" + ("s" if threads > 1 else "")
    return cores if processes == 1 else f"{processes} processes of {cores} each"


def _in_bfloat16(settings: TrainingSettings, model: SentenceTransformer | CrossEncoder) -> str:
    return ", bfloat16" if computes_in_bfloat16(settings.precision, model.device.type) else ""


def _versions() -> dict[str, str]:
    found = {}
    for package in _PACKAGES:
        try:
            found[package] = version(package)
        except PackageNotFoundError:
            continue
    return found


def _command(settings: TrainingSettings) -> str:
    """Return a command that repeats the run: every setting that is not its default."""
    defaults = TrainingSettings(model="-", dataset=["-"], out="-").as_dict()
    words = ["accelerate", "launch", "trainer/train.py"]
    for name, value in settings.as_dict().items():
        if value == defaults[name] or name == "restart":
            continue
        flag = "--" + name.replace("_", "-")
        if isinstance(value, bool):
            words.append(flag if value else flag.replace("--", "--no-", 1))
        elif isinstance(value, list):
            words += [flag, *map(str, value)]
        elif isinstance(value, dict):
            words += [flag, *(f"{key}={number:g}" for key, number in value.items())]
        else:
            words += [flag, str(value)]
    return shlex.join(words)


def _levers(data: DualViewData) -> str:
    levers = ", ".join(data.levers)
    return (
        "Trained on instructions about a limited set of things"
        + (f" ({levers})" if levers else "")
        + "; measure it on your own instructions before you use others."
    )


def _example(row: Mapping[str, Any]) -> Example:
    return Example(
        query=row["query"],
        instruction=row["instruction"],
        reversed_instruction=row["reversed_instruction"],
        passages=(passage_text(row["positive"]), passage_text(row["reversed_positive"])),
    )


def _license(model: str) -> str:
    """Return the licence in the base model's card, if the model is a folder with a card that can be read."""
    card = Path(model) / "README.md"
    try:
        return str(ModelCard.load(card).data.get("license") or "unknown") if card.is_file() else "unknown"
    except (OSError, ValueError, TypeError, YAMLError):
        return "unknown"
