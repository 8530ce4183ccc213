"""Attributes that a writer knows, and plain wordings for those it does not know."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files

import yaml

from dualview.dataset_builder.writers.facets.attribute_entries import read_attribute
from dualview.dataset_builder.writers.facets.conditions import Attribute

_ATTRIBUTES = "attributes.yaml"


@dataclass
class Vocabulary:
    """Attributes by name.

    :ivar known: the attributes of a table.
    :ivar make_unknown: makes an attribute that the table lacks; ``None`` to skip those.
    """

    known: dict[str, Attribute]
    make_unknown: Callable[[str], Attribute] | None = None
    _unknown: dict[str, Attribute] = field(default_factory=dict, init=False, repr=False)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name; None to skip it."""
        found = self.known.get(name) or self._unknown.get(name)
        if found is None and self.make_unknown is not None:
            found = self._unknown[name] = self.make_unknown(name)
        return found


def load_package_vocabulary() -> Vocabulary:
    """The table ``attributes.yaml``; attributes that it lacks are worded by their names and values."""
    table = yaml.safe_load((files(__package__) / _ATTRIBUTES).read_text(encoding="utf-8"))
    plain = table.pop("*")
    return Vocabulary(
        {name: read_attribute(name, entry, f"{_ATTRIBUTES}, '{name}'") for name, entry in table.items()},
        make_unknown=lambda name: read_attribute(name, plain, f"{_ATTRIBUTES}, '{name}'"),
    )


def digest_package_tables() -> dict[str, str]:
    """SHA-256 of the shipped wordings and sentences, in hexadecimal."""
    package = files(__package__)
    tables = (package / _ATTRIBUTES, package / "frames.yaml")
    return {table.name: hashlib.sha256(table.read_bytes()).hexdigest() for table in tables}
