"""Facts of the sets with written views, for the card."""

from __future__ import annotations

from dualview.cards.dataset_facts import WrittenExample, WrittenSetFacts
from dualview.dataset_builder.schema import KINDS, SourceItem, ViewSet

# The split whose instructions a card may show: what a page shows is soon in the training text of others.
_SHOWN_SPLIT = "train"


class WrittenSets:
    """Gathers names, licences and one example of each kind from the sets that pass through a build."""

    def __init__(self) -> None:
        self._sources: dict[str, None] = {}
        self._licenses: dict[str, None] = {}
        self._examples: dict[str, WrittenExample] = {}

    def add(self, item: SourceItem, split: str) -> None:
        """Note an item, if it is a set with written views."""
        if not isinstance(item, ViewSet):
            return
        self._sources[item.source] = None
        self._licenses[item.license] = None
        if split != _SHOWN_SPLIT or len(self._examples) == len(KINDS):
            return
        texts = {passage.docid: passage.text for passage in item.passages}
        for view in item.views:
            if view.kind and view.kind not in self._examples:
                self._examples[view.kind] = WrittenExample(
                    view.kind, item.query, view.instruction, texts[view.target]
                )
                break  # the next kind from another set

    def facts(self) -> WrittenSetFacts | None:
        """The facts; None where there was no such set."""
        if not self._sources:
            return None
        return WrittenSetFacts(tuple(self._sources), tuple(self._licenses), tuple(self._examples.values()))
