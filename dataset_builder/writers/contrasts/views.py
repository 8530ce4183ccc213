"""Views about a phrase that one of two passages mentions and the other in no form."""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from itertools import islice

from dualview.dataset_builder.phrases.candidates import TERM, YEAR, Phrase
from dualview.dataset_builder.phrases.choosing import Weighed
from dualview.dataset_builder.phrases.proof import occurs, other_forms
from dualview.dataset_builder.phrases.reading import ReadPassage
from dualview.dataset_builder.writers.contrasts.reading import Known
from dualview.dataset_builder.writers.contrasts.wording_table import (
    BOTH,
    EXCLUSION,
    INCLUSION,
    Wordings,
    fill,
)
from dualview.dataset_builder.writers.facets.draws import Draw

# Phrases of a passage from which one is drawn: those of the largest weight that tell it from another passage.
_CHOICE = 4
_LOWER_CASE = 3  # one in so many
# Of ten views, so many only exclude, and so many only include.
_EXCLUDE, _INCLUDE = 6, 2
_LEVERS = {TERM: "aspect", YEAR: "time"}


@dataclass(frozen=True)
class PhraseView:
    """An instruction that wants one of two passages by what they mention.

    :ivar wanted: a phrase that must be mentioned; ``unwanted`` is one that must not; one of them may be None.
    """

    kind: str
    text: str
    wanted: Weighed | None
    unwanted: Weighed | None

    @property
    def lever(self) -> str:
        """What the instruction turns on."""
        phrase = self.unwanted or self.wanted
        assert phrase is not None
        return _LEVERS.get(phrase.phrase.kind, "entity")

    def phrases(self) -> Iterator[Weighed]:
        """The phrases of the instruction."""
        return (phrase for phrase in (self.wanted, self.unwanted) if phrase is not None)

    def breaks(self, known: Known) -> bool:
        """Tell whether a passage surely breaks the instruction."""
        if self.unwanted is not None and known.read.count(self.unwanted.phrase.stems):
            return True
        return self.wanted is not None and not _may_mention(self.wanted.phrase, known.read, known.read)


class TellingPhrases:
    """The phrases that tell the passages of an item apart, each looked for once.

    :param query: its topic is no such phrase.
    :param split: whose phrases are used.
    """

    def __init__(self, query: ReadPassage, split: str) -> None:
        self._query = query
        self._split = split
        self._found: dict[tuple[Known, Known, bool], list[Weighed]] = {}

    def of(self, one: Known, other: Known, about: bool) -> list[Weighed]:
        """Phrases of a passage that the other one mentions in no form and that are not the query's topic.

        :param about: only those that the passage is about, and does not merely mention.
        """
        asked = (one, other, about)
        if asked not in self._found:
            self._found[asked] = list(islice(self._find(one, other, about), _CHOICE))
        return self._found[asked]

    def _find(self, one: Known, other: Known, about: bool) -> Iterator[Weighed]:
        for weighed in one.phrases.get(self._split, ()):
            if (
                (weighed.about or not about)
                and not _may_mention(weighed.phrase, other.read, one.read)
                and not _may_mention(weighed.phrase, self._query, one.read)
            ):
                yield weighed


def draw_view(
    wanted: Known, unwanted: Known, telling: TellingPhrases, table: Wordings, split: str, draw: Draw
) -> PhraseView | None:
    """A view that makes one passage relevant and the other not; None where no phrase tells them apart.

    About half of the views only exclude; what is excluded is something that the unwanted passage is about.
    """
    drawn = draw.below(10)
    if drawn < _EXCLUDE:
        absent = telling.of(unwanted, wanted, about=True)
        return _view(EXCLUSION, None, draw.pick(absent), table, split, draw) if absent else None
    mentioned = telling.of(wanted, unwanted, about=False)
    # Whoever asks for a single word that a text has in passing has something else in mind.
    present = [one for one in mentioned if one.about or one.phrase.kind != TERM or len(one.phrase.stems) > 1]
    about = [phrase for phrase in present if phrase.about]
    if about and drawn >= _EXCLUDE + _INCLUDE:
        absent = telling.of(unwanted, wanted, about=True)
        if absent:
            return _view(BOTH, draw.pick(about), draw.pick(absent), table, split, draw)
    return _view(INCLUSION, draw.pick(about or present), None, table, split, draw) if present else None


def _view(
    kind: str, wanted: Weighed | None, unwanted: Weighed | None, table: Wordings, split: str, draw: Draw
) -> PhraseView:
    cue = draw.pick(table.behind_query(kind, split))
    lower = draw.below(_LOWER_CASE) == 0
    texts = [
        phrase.phrase.text.lower() if lower else phrase.phrase.text for phrase in (wanted, unwanted) if phrase
    ]
    slots = dict(zip(("t", "u"), texts, strict=False))
    return PhraseView(kind, fill(cue, **slots), wanted, unwanted)


def _may_mention(phrase: Phrase, other: ReadPassage, one: ReadPassage) -> bool:
    """Tell whether a text may mention a phrase, also under a name that either text introduces for it."""
    if occurs(phrase, other):
        return True
    return any(_has_form(form, other) for read in {one, other} for form in other_forms(phrase, read))


def _has_form(form: str, read: ReadPassage) -> bool:
    words: Sequence[str] = form.casefold().split()
    return f" {' '.join(words)} " in read.normal_text or (len(words) == 1 and form in read.capitals)
