"""Views whose labels are known, from sets that bring their instructions, to measure judges on."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from dataclasses import dataclass, replace

from dualview.dataset_builder.judges.views import View
from dualview.dataset_builder.schema import CandidateSet, Passage, SourceItem, ViewSet

# A view of a known set: its instruction, the place of the passage that it makes relevant, and its kind.
_Written = tuple[str, int, str]


@dataclass(frozen=True)
class KnownSet:
    """A set as views over the same passages, with the label of each passage in each view.

    :param views: the original view, a view a reversal, the paraphrase view where there is one, and the
        written views.
    :param targets: the place of the only relevant passage, a view; that of the first view is 0.
    :param answers: number of passages that answer the bare query; hard negatives follow them.
    :param kinds: kind of the instruction, a view; empty where it is not known.
    """

    set_id: str
    views: tuple[View, ...]
    targets: tuple[int, ...]
    answers: int
    kinds: tuple[str, ...]

    def sampled(self) -> KnownSet:
        """The set with its first view, and one view of each kind, towards another passage if there is one."""
        chosen = {0: 0}
        for place, kind in enumerate(self.kinds[1:], 1):
            first = next((it for it in chosen if it and self.kinds[it] == kind), None)
            if first is None:
                chosen[place] = place
            elif self.targets[first] == 0 and self.targets[place]:
                del chosen[first]
                chosen[place] = place
        return self._with(sorted(chosen))

    def first(self, views: int) -> KnownSet:
        """The set with so many of its views."""
        return self._with(range(min(views, len(self.views))))

    def _with(self, places: Iterable[int]) -> KnownSet:
        kept = list(places)
        return replace(
            self,
            views=tuple(self.views[place] for place in kept),
            targets=tuple(self.targets[place] for place in kept),
            kinds=tuple(self.kinds[place] for place in kept),
        )


def known_sets(items: Iterable[SourceItem]) -> Iterator[KnownSet]:
    """The candidate sets that bring reversals, and sets of written views; other items are skipped."""
    for item in items:
        if isinstance(item, CandidateSet) and item.recorded:
            yield _of_candidate_set(item)
        elif isinstance(item, ViewSet) and len({view.target for view in item.views}) > 1:
            yield _of_view_set(item)


def _of_candidate_set(item: CandidateSet) -> KnownSet:
    answers = item.answers
    places = {passage.docid: place for place, passage in enumerate(answers)}
    written: list[_Written] = [(item.instruction, 0, "")]
    written += [(reversal.instruction, places[reversal.target], "") for reversal in item.recorded]
    if item.paraphrase:
        written.append((item.paraphrase, 0, ""))
    written += [(view.instruction, places[view.target], view.kind) for view in item.views]
    return _known(item.set_id, item.query, (*answers, *item.hard_negatives), len(answers), written)


def _of_view_set(item: ViewSet) -> KnownSet:
    first = item.views[0].target
    passages = tuple(sorted(item.passages, key=lambda passage: passage.docid != first))
    places = {passage.docid: place for place, passage in enumerate(passages)}
    written = [(view.instruction, places[view.target], view.kind) for view in item.views]
    return _known(item.set_id, item.query, passages, len(passages), written)


def _known(
    set_id: str, query: str, passages: tuple[Passage, ...], answers: int, written: list[_Written]
) -> KnownSet:
    return KnownSet(
        set_id=set_id,
        views=tuple(View(query, instruction, passages) for instruction, _, _ in written),
        targets=tuple(target for _, target, _ in written),
        answers=answers,
        kinds=tuple(kind for _, _, kind in written),
    )


def limit_views(known: Iterable[KnownSet], limit: int) -> Iterator[KnownSet]:
    """A few views of each set until there are so many in all: many sets say more than many views of a set."""
    left = limit
    for found in known:
        shown = found.sampled().first(left)
        left -= len(shown.views)
        yield shown
        if left <= 0:
            return
