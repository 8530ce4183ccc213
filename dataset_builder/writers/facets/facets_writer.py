"""The writer ``facets``: passages of one query that differ in an attribute give both instructions."""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from dataclasses import dataclass, replace
from itertools import combinations
from typing import Any

from dualview.dataset_builder.schema import AttributedTopic, Item, Outcome, Rejection, ViewPair, Writer
from dualview.dataset_builder.writers.facets.conditions import UNSURE, Attribute, Condition
from dualview.dataset_builder.writers.facets.copies import Copies
from dualview.dataset_builder.writers.facets.draws import Draw
from dualview.dataset_builder.writers.facets.phrasing import accepts, phrase, phrase_again, phrase_reversed
from dualview.dataset_builder.writers.facets.vocabulary import Vocabulary

_WRITER = Writer(kind="facets")
_MOST_TRIES = 16
_COPIED = "every wording that was tried has five words in a row from a passage"


class FacetsWriter:
    """Writes view pairs for attributed topics; asks no model.

    Relations: ``replay`` plays the recorded reversals of a candidate set, ``endpoint`` asks a model; neither
    takes attributed topics.

    :param vocabulary: the attributes of topics from any source that ``of_source`` does not name.
    :param seed: draws other words, and other pairs where not all are written.
    :param pairs: attribute -> most pairs a topic, in place of the vocabulary's number; ``None`` for all.
    :param of_source: a source's name -> the attributes of its topics.
    :param tables: name -> SHA-256 of the tables that the words come from, for the recipe.
    """

    kind = _WRITER.kind

    def __init__(
        self,
        vocabulary: Vocabulary,
        seed: int = 0,
        pairs: Mapping[str, int | None] | None = None,
        of_source: Mapping[str, Vocabulary] | None = None,
        tables: Mapping[str, str] | None = None,
    ) -> None:
        self._vocabulary = vocabulary
        self._of_source = dict(of_source or {})
        self._tables = dict(tables or {})
        self._seed = str(seed)
        self._pairs = dict(pairs or {})

    def accepts(self, item: Item) -> bool:
        """Tell whether the item is an attributed topic."""
        return isinstance(item, AttributedTopic)

    def write(self, item: Item) -> Iterator[Outcome]:
        """The view pairs of a topic: attribute by attribute, within one in the order of the passages."""
        assert isinstance(item, AttributedTopic)
        vocabulary = self._of_source.get(item.source, self._vocabulary)
        copies = Copies(item.passages)
        for name in dict.fromkeys(name for attributes in item.attributes for name in attributes):
            attribute = None if name.endswith(UNSURE) else vocabulary.attribute(name)
            if attribute is not None:
                for choice in self._choose_pairs(item, attribute):
                    yield self._write_pair(item, attribute, choice, copies)

    def describe(self) -> Writer:
        """The writer as the card names it."""
        return _WRITER

    def recipe(self) -> dict[str, Any]:
        """Further facts for the recipe: digests of the tables."""
        return {"tables": self._tables}

    def _choose_pairs(self, topic: AttributedTopic, attribute: Attribute) -> list[_Choice]:
        """Choose pairs of passages, each in one of its two orders, with conditions that distinguish them."""
        most = self._pairs.get(attribute.name, attribute.pairs)
        having = [place for place, values in enumerate(topic.attributes) if values.get(attribute.name)]
        left = list(combinations(having, 2))
        order = Draw(self._seed, topic.query_id, attribute.name)
        chosen: dict[tuple[int, int], _Choice] = {}
        while left and (most is None or len(chosen) < most):
            pair = left.pop() if most is None else left.pop(order.below(len(left)))
            draw = self._draw(topic, attribute, *pair)
            first, second = pair if draw.below(2) else pair[::-1]
            found = attribute.distinguish(topic.attributes[first], topic.attributes[second], draw)
            if found is not None:
                chosen[pair] = _Choice(first, second, *found, draw)
        return [chosen[pair] for pair in sorted(chosen)]

    def _write_pair(
        self, topic: AttributedTopic, attribute: Attribute, choice: _Choice, copies: Copies
    ) -> Outcome:
        positive, other = topic.passages[choice.first], topic.passages[choice.second]
        x, y = choice.wanted, choice.unwanted
        draw = choice.draw
        copied = True
        for attempt in range(_MOST_TRIES):
            original = phrase(attribute, x, y, draw)
            flipped = phrase_reversed(attribute, y, x, original, draw)
            again = phrase_again(attribute, x, y, original, draw)
            copied = copies.any_in(original.text, flipped.text, again.text)
            if not copied:
                break
            draw = self._draw(topic, attribute, choice.first, choice.second, str(attempt))
        pair = ViewPair.of_item(
            topic,
            positive=positive,
            reversed_positive=other,
            instruction=original.text,
            reversed_instruction=flipped.text,
            writer=_WRITER,
            others=tuple(
                passage
                for passage, meets, breaks in zip(
                    topic.passages,
                    map(x.holds, topic.attributes),
                    map(y.holds, topic.attributes),
                    strict=True,
                )
                if accepts(original.kind, meets, breaks) is False
                and accepts(again.kind, meets, breaks) is False
                and accepts(flipped.kind, breaks, meets) is False
            ),
            lever=attribute.lever,
            style=f"{original.style} {original.kind}",
            paraphrase=again.text,
            set_id=f"{topic.query_id}:{attribute.name}:{positive.docid}:{other.docid}",
        )
        pair = replace(pair, kind=original.kind, reversed_kind=flipped.kind, original_lever=attribute.lever)
        return Rejection.of(pair, "copies_passage", _COPIED) if copied else pair

    def _draw(
        self, topic: AttributedTopic, attribute: Attribute, first: int, second: int, *more: str
    ) -> Draw:
        docids = topic.passages[first].docid, topic.passages[second].docid
        return Draw(self._seed, topic.query_id, attribute.name, *docids, *more)


@dataclass(frozen=True)
class _Choice:
    """Two passages of a topic by place, and the conditions that distinguish them.

    :ivar wanted: the first passage meets it and the second breaks it; ``unwanted`` the other way round.
    :ivar draw: continues after the draws of the choice.
    """

    first: int
    second: int
    wanted: Condition
    unwanted: Condition
    draw: Draw
