"""What a model's folder says of it: its name, and how its training joined query and instruction."""

from __future__ import annotations

from pathlib import Path

from cards.model_facts import FACTS_FILE, load_facts
from trainer.instructed import DEFAULT_TEMPLATE, check_template
from trainer.models import PACKAGE_PREFIX


def instruction_template(name: str) -> str:
    """Return the template that a model was trained with.

    :param name: a folder or Hub id; without stored facts the template is the default.
    :raises cards.readme.CardError: if the folder's facts cannot be read.
    :raises trainer.errors.InputError: if the stored template is none.
    """
    if not (Path(name) / FACTS_FILE).is_file():
        return DEFAULT_TEMPLATE
    return check_template(load_facts(Path(name)).instruction_template)


def display_name(name: str) -> str:
    """Name a model for people: as its facts do, or by the part of its path that tells it from others."""
    folder = Path(name)
    if (folder / FACTS_FILE).is_file():
        return load_facts(folder).model_name
    parts = [part for part in name.removeprefix(PACKAGE_PREFIX).split("/") if part not in ("", "model", ".")]
    return parts[-1] if parts else name
