"""Reads an attribute's entry in a table of wordings, with a message for each fault."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Callable, Mapping
from typing import Any

from dualview.cards.errors import InputError
from dualview.dataset_builder.writers.facets.conditions import Attribute
from dualview.dataset_builder.writers.facets.frames import KINDS, READINGS, Frames, Noun, load_frames
from dualview.dataset_builder.writers.facets.named import NamedAttribute
from dualview.dataset_builder.writers.facets.numbers import COMPARISONS, NumberAttribute

_COMMON_KEYS = ("reads", "lever", "pairs")
_EVIDENCE_KEYS = ("shown_in_text", "shown_by")
_NAMED_KEYS = (*_COMMON_KEYS, *_EVIDENCE_KEYS, "ignore", "overlaps", "doubtful", "templates", "values")
_NUMBER_KEYS = (*_COMMON_KEYS, *_EVIDENCE_KEYS, "numbers")


def read_attribute(name: str, entry: object, where: str, noun: Noun | None = None) -> Attribute:
    """The attribute of an entry: with ``numbers`` one of numbers, else one of named values.

    :param where: the file and the attribute, for the messages.
    :raises InputError: if the entry is wrong.
    """
    if isinstance(entry, dict) and "numbers" in entry:
        return read_numbers(name, entry, where, noun)
    return read_named(name, entry, where, noun)


def read_numbers(
    name: str, entry: Mapping[str, Any], where: str, noun: Noun | None = None
) -> NumberAttribute:
    """The attribute of an entry with ``numbers``: comparison -> templates."""
    check_keys(entry, _NUMBER_KEYS, where)
    given = entry["numbers"]
    if not isinstance(given, dict) or not given:
        raise InputError(f"{where}: 'numbers' is not a mapping; give templates for {', '.join(COMPARISONS)}")
    check_keys(given, tuple(COMPARISONS), f"{where}, numbers")
    templates = {}
    for comparison, texts in given.items():
        templates[comparison] = read_wordings(texts, f"{where}, numbers, {comparison}")
        for text in templates[comparison]:
            for slot in COMPARISONS[comparison]:
                if f"{{{slot}}}" not in text:
                    raise InputError(
                        f"{where}: the template '{text}' for {comparison} lacks {{{slot}}}; add it"
                    )
    return NumberAttribute(
        name=name,
        frames=_frames(entry, where, noun),
        lever=str(entry.get("lever", name)),
        pairs=read_pairs(entry.get("pairs", "all"), where),
        templates=templates,
    )


def read_named(name: str, entry: object, where: str, noun: Noun | None = None) -> NamedAttribute:
    """The attribute of an entry such as those of ``attributes.yaml``.

    :param where: the file and the attribute, for the messages.
    :raises InputError: if the entry is wrong.
    """
    if not isinstance(entry, dict):
        raise InputError(f"{where}: is not a mapping; give it 'reads' and 'values' or 'templates'")
    check_keys(entry, _NAMED_KEYS, where)
    values = entry.get("values") or {}
    if not isinstance(values, dict):
        raise InputError(f"{where}: 'values' is not a mapping; write each value with a list of wordings")
    wordings = {
        str(value): read_wordings(given, f"{where}, value '{value}'") for value, given in values.items()
    }
    templates = read_wordings(entry.get("templates", []), f"{where}, templates", least=0)
    if not wordings and not templates:
        raise InputError(
            f"{where}: has no wordings; add 'values' with wordings, or 'templates' with {{value}}"
        )
    return NamedAttribute(
        name=name,
        frames=_frames(entry, where, noun),
        lever=str(entry.get("lever", name)),
        pairs=read_pairs(entry.get("pairs", "all"), where),
        wordings=wordings,
        unknown_wordings=_make_filler(templates, where),
        ignored=frozenset(read_wordings(entry.get("ignore", []), f"{where}, ignore", least=0)),
        overlaps=_read_overlaps(entry.get("overlaps") or [], where),
        doubtful=_read_doubtful(entry.get("doubtful") or {}, where),
    )


def _frames(entry: Mapping[str, Any], where: str, noun: Noun | None) -> dict[str, Frames]:
    """The sentences of an attribute's reading, by kind."""
    reading = entry.get("reads")
    if reading not in READINGS:
        raise InputError(f"{where}: 'reads' is '{reading}'; make it one of {', '.join(READINGS)}")
    return {kind: load_frames(reading, kind, noun or Noun()) for kind in KINDS}


def read_pairs(pairs: object, where: str) -> int | None:
    """Read the number of pairs of a topic; ``None`` for "all"."""
    if pairs == "all":
        return None
    if isinstance(pairs, int) and not isinstance(pairs, bool) and pairs >= 0:
        return pairs
    raise InputError(f"{where}: 'pairs' is '{pairs}'; make it a number of pairs a topic, or all")


def read_wordings(given: object, where: str, least: int = 1) -> tuple[str, ...]:
    """A list of wordings or templates."""
    if not isinstance(given, list) or len(given) < least or not all(isinstance(w, str) and w for w in given):
        raise InputError(f"{where}: is not a list of wordings; give at least {max(least, 1)}, each a string")
    return tuple(given)


def check_keys(entry: Mapping[str, Any], known: tuple[str, ...], where: str) -> None:
    """Refuse unknown keys: a misspelled one would be ignored in silence."""
    unknown = [str(key) for key in entry if key not in known]
    if unknown:
        raise InputError(f"{where}: unknown key '{unknown[0]}'; known are {', '.join(known)}")


def _make_filler(templates: tuple[str, ...], where: str) -> Callable[[str, str], tuple[str, ...]]:
    """Make the function that puts a value into the templates, for values that are not listed."""

    def fill(attribute: str, value: str) -> tuple[str, ...]:
        if not templates:
            raise InputError(
                f"{where}: has no wording for the value '{value}'; list it under 'values', or "
                "add 'templates' for values that are not listed"
            )
        attribute, value = _words(attribute), _words(value)
        return tuple(
            template.replace("{attribute}", attribute).replace("{value}", value) for template in templates
        )

    return fill


def _words(name: str) -> str:
    """An identifier as words; a name in ordinary spelling stays as it is."""
    return name.replace("-", " ").replace("_", " ") if name.islower() and " " not in name else name


def _read_overlaps(pairs: object, where: str) -> dict[str, frozenset[str]]:
    if not isinstance(pairs, list) or not all(isinstance(pair, list) and len(pair) >= 2 for pair in pairs):
        raise InputError(f"{where}: 'overlaps' is not a list of lists; write it like [[history, origin]]")
    near: dict[str, set[str]] = defaultdict(set)
    for group in pairs:
        for value in map(str, group):
            near[value] |= {str(other) for other in group} - {value}
    return {value: frozenset(others) for value, others in near.items()}


def _read_doubtful(entry: object, where: str) -> dict[str, dict[str, frozenset[str]]]:
    if not isinstance(entry, dict) or not all(
        isinstance(others, dict) and all(isinstance(values, list) for values in others.values())
        for others in entry.values()
    ):
        raise InputError(f"{where}: 'doubtful' has another form than {{value: {{attribute: [value]}}}}")
    return {
        str(value): {str(name): frozenset(map(str, values)) for name, values in others.items()}
        for value, others in entry.items()
    }
