"""Names of models for people, and the way their training joined query and instruction."""

from __future__ import annotations

import re
from pathlib import Path

from huggingface_hub import try_to_load_from_cache
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.metadata.names import is_hub_id
from dualview.cards.model_facts import FACTS_FILE, load_facts
from dualview.trainer.encoders.models import (
    CONFIG_FILE,
    PACKAGE_PREFIX,
    TEMPLATE_KEY,
    resolve_model,
    stored_template,
)
from dualview.trainer.evaluation.settings import COMPOSED, CROSS_ENCODER, System
from dualview.trainer.query_template import DEFAULT_TEMPLATE, check_template


def instruction_template(model: System) -> str:
    """Return the template that a model was trained with, or the default where it names none.

    :param model: a name as in :func:`dualview.trainer.encoders.models.resolve_model` (a model of the Hub must
        have been loaded before), or a model in memory. The latter may name its template in the attribute
        ``instruction_template``; otherwise the folder that it was loaded from is asked.
    :raises dualview.cards.errors.InputError: if there is no such model, or the stored template is none.
    """
    if not isinstance(model, str):
        template = getattr(model, TEMPLATE_KEY, None)
        return check_template(template) if isinstance(template, str) else _template_of_origin(model)
    folder = Path(resolve_model(model))
    if folder.is_dir():
        return stored_template(folder)
    config = try_to_load_from_cache(model, CONFIG_FILE) if is_hub_id(model) else None
    return stored_template(Path(config).parent) if isinstance(config, str) else DEFAULT_TEMPLATE


def name_of(system: System, role: str) -> str:
    """Return what identifies a system in a report: its name, or where a model in memory came from.

    :param role: the name of a model in memory that has none, such as ``model``.
    :raises dualview.cards.errors.InputError: if it is no system.
    """
    if isinstance(system, str):
        return system
    if not isinstance(system, SentenceTransformer):
        raise InputError(
            f"an object of type {type(system).__name__} cannot be evaluated; give a SentenceTransformer or a "
            "model's name"
        )
    card = system.model_card_data
    return card.model_id or card.model_name or _origin(system) or role


def role_of_baseline(number: int) -> str:
    """Name a baseline by its place, from 0: ``baseline``, ``baseline-2`` and so on."""
    return "baseline" if number == 0 else f"baseline-{number + 1}"


def display_name(name: str) -> str:
    """Return a model's name for people: that of its facts, or the last telling part of its path.

    The path of a model in a package tells little: it has the name that heads its card.
    """
    kind, _, wrapped = name.partition(":")
    if kind.partition("@")[0] in (COMPOSED, CROSS_ENCODER) and wrapped:
        return f"{kind}:{display_name(wrapped)}"
    if name.startswith(PACKAGE_PREFIX) and (heading := _packaged_heading(name)):
        return heading
    folder = Path(name)
    if (folder / FACTS_FILE).is_file():
        return load_facts(folder).model_name
    parts = [part for part in name.removeprefix(PACKAGE_PREFIX).split("/") if part not in ("", "model", ".")]
    return parts[-1] if parts else name


def _packaged_heading(name: str) -> str:
    """Return the heading of an installed model's card if it is one word; empty otherwise."""
    try:
        card = (Path(resolve_model(name)) / "README.md").read_text(encoding="utf-8", errors="replace")
    except (InputError, OSError):
        return ""
    heading = re.search(r"^# +(\S+)\s*$", card, re.MULTILINE)
    return heading[1].rpartition("/")[2] if heading else ""


def _template_of_origin(model: SentenceTransformer) -> str:
    origin = Path(_origin(model))
    # A part of a model with two sides was loaded from a folder inside that of the model.
    for folder in (origin, *list(origin.parents)[:2]):
        if (folder / CONFIG_FILE).is_file():
            return stored_template(folder)
    return DEFAULT_TEMPLATE


def _origin(model: SentenceTransformer) -> str:
    """Return the folder or Hub id that a model's encoder was loaded from; empty if it is not known."""
    config = getattr(model.transformers_model, "config", None)
    return str(getattr(config, "_name_or_path", "") or "")
