"""Examples of candidate sets by outcome: lost to the baseline, wrong for both, and won."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from dualview.cards.text import one_line, shorten
from dualview.trainer.evaluation.benchmarks.sets.outcomes import SetOutcome, ViewOutcome
from dualview.trainer.evaluation.comparison.compare_models import ComparedSets
from dualview.trainer.evaluation.metrics import MRR_CUT

_CHARACTERS = 600


@dataclass(frozen=True)
class ExampleView:
    """One instruction, the passage it wants, and the ranks of that passage.

    :param query: the view's own wording, where it has one.
    :param rank: of the wanted passage among the query's candidates, for the model; ``baseline_rank`` for the
        baseline.
    :param place: its rank among all passages of the source, in words; empty where those were not ranked.
    :param baseline_right: None without a baseline, as is ``baseline_rank``.
    """

    query: str
    instruction: str
    wanted: str
    right: bool
    rank: int
    place: str
    baseline_right: bool | None
    baseline_rank: int | None
    baseline_place: str


@dataclass(frozen=True)
class Example:
    """A candidate set with its texts, cut for reading."""

    set_id: str
    source: str
    query: str
    levers: tuple[str, ...]
    views: tuple[ExampleView, ...]


@dataclass(frozen=True)
class ExampleGroup:
    """Examples of one outcome.

    :param total: how many there are; ``examples`` holds the first of them, the worst first.
    """

    title: str
    total: int
    examples: tuple[Example, ...]


def group_examples(sets: Iterable[ComparedSets], shown: int) -> list[ExampleGroup]:
    """Sort sets by outcome, errors first.

    :param shown: examples of each group.
    """
    groups: dict[str, list[tuple[float, Example]]] = {}
    for compared in sets:
        titles = _ALONE if compared.baseline is None else _TITLES
        groups = groups or {title: [] for title in titles.values()}
        for mine, other in compared.pairs():
            title = titles.get((mine.all_right, other.all_right if other else None))
            if title:
                groups[title].append((_badness(mine), _example(compared, mine, other)))
    grouped = []
    for title, members in groups.items():
        members.sort(key=lambda member: (member[0], member[1].set_id))
        examples = tuple(example for _, example in members[:shown])
        grouped.append(ExampleGroup(title, len(members), examples))
    return grouped


# (model right, baseline right); sets that both get right are not shown.
_TITLES: dict[tuple[bool, bool | None], str] = {
    (False, True): "Lost: the baseline gets every view right, the model does not",
    (False, False): "Still wrong: neither gets every view right",
    (True, False): "Won: the model gets every view right, the baseline does not",
}
_ALONE: dict[tuple[bool, bool | None], str] = {
    (False, None): "Wrong: the model does not get every view right"
}


def shown_place(view: ViewOutcome) -> str:
    """Say which rank the wanted passage has among all of its source."""
    if view.place is None:
        return ""
    rank = f"{view.place.rank}" if view.place.rank else f"beyond {MRR_CUT}"
    return f"{rank} of all" + (", after one that is ruled out" if view.place.violating_first else "")


def _badness(outcome: SetOutcome) -> float:
    """Order by the worst view: its margin, or by ranks where scores have none."""
    margins = [view.margin for view in outcome.views]
    known = [margin for margin in margins if margin is not None]
    return min(known) if known else -float(max(view.rank for view in outcome.views))


def _example(compared: ComparedSets, mine: SetOutcome, other: SetOutcome | None) -> Example:
    one, documents = mine.candidate_set, compared.benchmark.documents
    return Example(
        set_id=one.set_id,
        source=one.source,
        query=one_line(one.query),
        levers=tuple(dict.fromkeys(view.lever for view in one.views if view.lever)),
        views=tuple(
            ExampleView(
                query=one_line(view.view.query),
                instruction=one_line(view.view.instruction),
                wanted=shorten(documents[view.view.positive], _CHARACTERS),
                right=view.right,
                rank=view.rank,
                place=shown_place(view),
                baseline_right=other.views[number].right if other else None,
                baseline_rank=other.views[number].rank if other else None,
                baseline_place=shown_place(other.views[number]) if other else "",
            )
            for number, view in enumerate(mine.views)
        ),
    )
