"""Written views: instructions by hand, and sets of texts that come with them."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass, replace
from typing import ClassVar, TypeAlias

from dualview.dataset_builder.schema.passages import Passage, WithoutInstruction, WithPassages, rest_of

#: Kinds of instructions: what must not be, what must be, the two together, and anything else.
KINDS = ("exclusion", "inclusion", "both", "other")


@dataclass(frozen=True)
class WrittenView:
    """An instruction written by hand.

    :param target: docid of the one passage of its set that is relevant under it.
    :param kind: one of ``KINDS``; empty where it is not known.
    """

    target: str
    instruction: str
    kind: str = ""
    lever: str = ""


#: The views that an item of another kind brings beside its own instructions; none for most items.
Views: TypeAlias = tuple[WrittenView, ...]


class AllAnswer(WithoutInstruction, WithPassages):
    """Parts of an item without an instruction whose passages all answer its query.

    :ivar views: written views of the passages.
    """

    query_id: str
    passages: tuple[Passage, ...]
    views: Views

    hard_negatives: ClassVar[tuple[Passage, ...]] = ()

    @property
    def set_id(self) -> str:
        """The id of the item."""
        return self.query_id

    @property
    def answers(self) -> tuple[Passage, ...]:
        """All passages."""
        return self.passages

    def recorded_texts(self) -> tuple[str, ...]:
        """The instructions of the views."""
        return tuple(view.instruction for view in self.views)

    def fixed_passages(self) -> tuple[Passage, ...]:
        """None: the item can do without any of its passages."""
        return ()

    def removable_passages(self) -> tuple[Passage, ...]:
        """All passages."""
        return self.passages


@dataclass(frozen=True)
class ViewSet(AllAnswer):
    """A query, texts that all answer it, and written views of at least two of them.

    :param split: the split that the set belongs to, whatever the seed and the shares; None to have it dealt.
    """

    query_id: str
    query: str
    passages: tuple[Passage, ...]
    views: Views
    split: str | None = None
    domain: str | None = None
    source: str = ""
    license: str = ""

    suggested_writer: ClassVar[str] = "replay"

    @property
    def label(self) -> str:
        """The item as a message names it."""
        return f"set with written views '{self.query_id}'"

    def without(self, passages: Collection[Passage]) -> ViewSet:
        """The set without some texts and their views."""
        kept = rest_of(self.passages, passages)
        docids = {passage.docid for passage in kept}
        return replace(self, passages=kept, views=tuple(view for view in self.views if view.target in docids))
