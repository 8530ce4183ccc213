"""What is stored with a model: its name for people, and how its training joined query and instruction."""

from __future__ import annotations

from pathlib import Path

from huggingface_hub import try_to_load_from_cache

from dualview.cards.metadata.names import is_hub_id
from dualview.cards.model_facts import FACTS_FILE, load_facts
from dualview.trainer.encoders.models import CONFIG_FILE, PACKAGE_PREFIX, resolve_model, stored_template
from dualview.trainer.query_template import DEFAULT_TEMPLATE


def instruction_template(name: str) -> str:
    """Return the template that a model was trained with, or the default where it says nothing.

    :param name: see :func:`dualview.trainer.encoders.models.resolve_model`; a model of the Hub must have been
        loaded before.
    :raises dualview.cards.errors.InputError: if there is no such model, or the stored template is none.
    """
    folder = Path(resolve_model(name))
    if folder.is_dir():
        return stored_template(folder)
    config = try_to_load_from_cache(name, CONFIG_FILE) if is_hub_id(name) else None
    return stored_template(Path(config).parent) if isinstance(config, str) else DEFAULT_TEMPLATE


def display_name(name: str) -> str:
    """Name a model for people: as its facts do, or by the part of its path that tells it from others."""
    folder = Path(name)
    if (folder / FACTS_FILE).is_file():
        return load_facts(folder).model_name
    parts = [part for part in name.removeprefix(PACKAGE_PREFIX).split("/") if part not in ("", "model", ".")]
    return parts[-1] if parts else name
