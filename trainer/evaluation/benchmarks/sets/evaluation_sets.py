"""Candidate sets to evaluate on: queries, and the views of each set."""

from __future__ import annotations

from dataclasses import dataclass, field, replace


@dataclass
class EvaluationQuery:
    """A bare query, its answers and its hard negatives.

    :param text: empty where the views have wordings of their own and there is no bare query.
    """

    text: str
    source: str
    answers: dict[str, None] = field(default_factory=dict)
    hard_negatives: dict[str, None] = field(default_factory=dict)

    @property
    def candidates(self) -> tuple[str, ...]:
        """All documents known for the query: the fixed candidate list of its rankings."""
        return (*self.answers, *self.hard_negatives)


@dataclass(frozen=True)
class EvaluationView:
    """One instruction and the document it makes relevant.

    :param lever: what the reversal turns on; empty for the original view.
    :param style: how the instruction is put, where that is known.
    :param query: where the view has a wording of its own; otherwise empty, and the set's query counts.
    :param rejects: documents that the instruction rules out, as the data say.
    :param kind: ``exclusion``, ``inclusion``, ``both`` or ``other``; empty where that is not known.
    :param lever_group: group of what the instruction turns on, for figures by lever; empty for none.
    """

    instruction: str
    positive: str
    lever: str = ""
    style: str = ""
    query: str = ""
    rejects: tuple[str, ...] = ()
    kind: str = ""
    lever_group: str = ""


@dataclass
class EvaluationSet:
    """The views of one candidate set; the first is the original one, the others are reversed."""

    set_id: str
    query_id: str
    query: str
    source: str
    views: list[EvaluationView] = field(default_factory=list)

    @property
    def positives(self) -> list[str]:
        """The document ids that the views want, one a view."""
        return [view.positive for view in self.views]

    def add(self, view: EvaluationView) -> None:
        """Add a view; one with its wording and its document, if it is there, gets the rejects of both."""
        same = (view.query, view.instruction, view.positive)
        for place, one in enumerate(self.views):
            if (one.query, one.instruction, one.positive) == same:
                rejects = tuple(dict.fromkeys((*one.rejects, *view.rejects)))
                self.views[place] = replace(one, rejects=rejects, kind=one.kind or view.kind)
                return
        self.views.append(view)
