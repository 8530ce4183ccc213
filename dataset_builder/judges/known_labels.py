"""Views whose labels are known, from candidate sets that bring their reversals, to measure judges on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass

from dualview.dataset_builder.judges.views import View
from dualview.dataset_builder.schema import CandidateSet, SourceItem


@dataclass(frozen=True)
class KnownSet:
    """A candidate set as views over the same passages, with the label of each passage in each view.

    :param views: the original view, a view a reversal, and last the paraphrase view where there is one.
    :param targets: the place of the only relevant passage, a view.
    :param answers: number of passages that answer the bare query; hard negatives follow them.
    """

    set_id: str
    views: tuple[View, ...]
    targets: tuple[int, ...]
    answers: int


def known_sets(items: Iterable[SourceItem]) -> Iterator[KnownSet]:
    """The candidate sets that bring reversals; other items are skipped."""
    for item in items:
        if isinstance(item, CandidateSet) and item.recorded:
            yield _known_set(item)


def _known_set(item: CandidateSet) -> KnownSet:
    answers = item.answers
    places = {passage.docid: place for place, passage in enumerate(answers)}
    written = [(item.instruction, 0)]
    written += [(reversal.instruction, places[reversal.target]) for reversal in item.recorded]
    if item.paraphrase:
        written.append((item.paraphrase, 0))
    passages = (*answers, *item.hard_negatives)
    return KnownSet(
        set_id=item.set_id,
        views=tuple(View(item.query, instruction, passages) for instruction, _ in written),
        targets=tuple(target for _, target in written),
        answers=len(answers),
    )
