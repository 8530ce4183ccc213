"""Rounds of written views: in each, one instruction a text, over the texts of one query.

A round is a candidate set of its own: one of its views is the original, from another text in each round, and
those of the other texts are its reversals. There are as many rounds as views of the text that has most. A
text with fewer begins again with its first, so that every round has a view of each text that has any.

A written view makes its target relevant and no other text of the set.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass, replace

from dualview.dataset_builder.schema import (
    Item,
    Outcome,
    Passage,
    Rejection,
    ViewPair,
    ViewSet,
    Writer,
    WrittenView,
)

#: What follows the name of a source in that of the rows of views which its items bring beside their own.
VIEWS_SUFFIX = "-views"


def play_views(item: Item, writer: Writer) -> Iterator[Outcome]:
    """The view pairs of an item's written views, round after round; none where it brings no views."""
    passages = {passage.docid: passage for passage in item.answers}
    for view in item.views:
        if view.target not in passages:
            yield _rejection(
                item, writer, "target_left_out", f"the text '{view.target}' is not in the set", view
            )
    texts = [
        (passage, views)
        for passage in item.answers
        if (views := tuple(view for view in item.views if view.target == passage.docid))
    ]
    if len(texts) < 2:
        for _, views in texts:
            for view in views:
                yield _rejection(item, writer, "no_opposite", "no other text of the set has a view", view)
        return
    for number in range(max(len(views) for _, views in texts)):
        asked = [_Asked(passage, views[number % len(views)]) for passage, views in texts]
        yield from _play_round(item, writer, number, asked)


@dataclass(frozen=True)
class _Asked:
    """A text with its view in a round."""

    passage: Passage
    view: WrittenView


def _play_round(item: Item, writer: Writer, number: int, asked: Sequence[_Asked]) -> Iterator[ViewPair]:
    """The pairs of one round: its original with each of the others."""
    beside = not isinstance(item, ViewSet)
    original = asked[number % len(asked)]
    for other in asked:
        if other is original:
            continue
        pair = ViewPair.of_item(
            item,
            positive=original.passage,
            reversed_positive=other.passage,
            instruction=original.view.instruction,
            reversed_instruction=other.view.instruction,
            writer=writer,
            others=tuple(found for found in item.answers if found not in (original.passage, other.passage)),
            lever=other.view.lever,
            style=f"written {original.view.kind}".rstrip(),
            set_id=f"{item.set_id}/views/{number}" if beside else f"{item.set_id}/{number}",
        )
        yield replace(
            pair,
            source=item.source + VIEWS_SUFFIX if beside else item.source,
            kind=original.view.kind,
            reversed_kind=other.view.kind,
            original_lever=original.view.lever,
            by_hand=True,
        )


def _rejection(item: Item, writer: Writer, reason: str, detail: str, view: WrittenView) -> Rejection:
    rejection = Rejection.of_item(item, reason, detail, writer_kind=writer.kind)
    return replace(rejection, instruction=view.instruction, positive=None)
