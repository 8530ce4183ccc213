"""The attributes that a writer knows, and what it makes of those it does not know."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, field
from importlib.resources import files

import yaml

from dataset_builder.facets.conditions import Attribute
from dataset_builder.facets.tables import read_named


@dataclass
class Vocabulary:
    """Attributes by name.

    :ivar known: the attributes of a table.
    :ivar make_unknown: makes an attribute that the table lacks; ``None`` where such a one is passed over.
    """

    known: dict[str, Attribute]
    make_unknown: Callable[[str], Attribute] | None = None
    _unknown: dict[str, Attribute] = field(default_factory=dict, init=False, repr=False)

    def attribute(self, name: str) -> Attribute | None:
        """The attribute of this name, or nothing where it is passed over."""
        found = self.known.get(name) or self._unknown.get(name)
        if found is None and self.make_unknown is not None:
            found = self._unknown[name] = self.make_unknown(name)
        return found


def load_package_vocabulary() -> Vocabulary:
    """The table ``attributes.yaml``; what it does not list is said by the names of attribute and value."""
    table = yaml.safe_load((files("dataset_builder") / "attributes.yaml").read_text(encoding="utf-8"))
    plain = table.pop("*")
    return Vocabulary(
        {name: read_named(name, entry, f"attributes.yaml, '{name}'") for name, entry in table.items()},
        make_unknown=lambda name: read_named(name, plain, f"attributes.yaml, '{name}'"),
    )
