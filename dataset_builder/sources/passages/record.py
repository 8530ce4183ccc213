"""A passage with what a source knows of it."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from dualview.dataset_builder.schema import Passage


@dataclass(frozen=True)
class Record:
    """A passage that came without a query.

    :ivar where: its place in the source, for messages.
    :ivar document: name of the document that the passage is from; empty where it is one of its own.
    :ivar topic: title or heading that the passage's heading is under; empty where it has none.
    :ivar heading: the passage's own heading.
    :ivar attributes: name -> values.
    """

    where: str
    passage: Passage
    document: str = ""
    topic: str = ""
    heading: str = ""
    attributes: Mapping[str, tuple[str, ...]] = field(default_factory=dict)
