"""Names of settings: ours, those of Hugging Face's trainers, and earlier ones of ours."""

from __future__ import annotations

import dataclasses
import logging
from collections.abc import Callable, Mapping
from typing import Any, get_type_hints

from dualview.cards.errors import InputError
from dualview.command_line.parser import suggest
from dualview.trainer.option import default_of, shown
from dualview.trainer.settings.conversion import convert
from dualview.trainer.settings.training import OPTIONS, TrainingSettings

logger = logging.getLogger("dualview.train")

KINDS = {name: kind for name, kind in get_type_hints(TrainingSettings).items() if name in OPTIONS}
_FIELDS = {field.name: field for field in dataclasses.fields(TrainingSettings)}
#: Every accepted name with the setting it means.
NAMES = {
    accepted: name
    for name, fact in OPTIONS.items()
    for accepted in (name, *fact.also, *filter(None, [fact.renamed]))
}


def settings_from(given: Mapping[str, object], place: Callable[[str], str]) -> dict[str, Any]:
    """Read settings that were given under any of their names: checked names, and values of the right kind.

    Where ``epochs`` is given and ``max_steps`` is not, the passes count: ``max_steps`` becomes 0.

    :param given: name -> value, from one source (a recipe, the flags, or a call).
    :param place: how a message shows a name, such as ``--max-steps`` or ``recipe.yaml: max_steps``.
    :return: setting -> value.
    :raises InputError: for an unknown name, a value of the wrong kind, or a setting given under two names.
    """
    found: dict[str, Any] = {}
    sources: dict[str, str] = {}
    for accepted, value in given.items():
        if accepted not in NAMES:
            hint = suggest(str(accepted), NAMES) or "; 'dualview train --help' lists the settings"
            raise InputError(f"{place(shown(accepted))}: unknown setting{hint}")
        name = NAMES[accepted]
        if name in sources:
            raise InputError(
                f"{place(accepted)} and {place(sources[name])} are the same setting; give one of them"
            )
        if accepted == OPTIONS[name].renamed:
            logger.info("%s: now called %s; the old name works in this release alone", place(accepted), name)
        sources[name] = accepted
        found[name] = _value(accepted, name, value, place(accepted))
    if found.get("epochs") and "max_steps" not in found:
        found["max_steps"] = 0
    return found


def is_switch(accepted: str) -> bool:
    """Return whether an accepted name switches to one of its setting's words, as ``bf16`` does."""
    allowed = OPTIONS[NAMES[accepted]].allowed
    return isinstance(allowed, tuple) and accepted in allowed


def _value(accepted: str, name: str, value: object, place: str) -> Any:  # noqa: ANN401 - of any setting
    if is_switch(accepted):
        return accepted if convert(place, value, bool) else default_of(_FIELDS[name])
    return convert(place, value, KINDS[name])
