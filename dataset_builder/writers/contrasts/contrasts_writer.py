"""The writer ``contrasts``: passages of one query that differ in what they mention give both instructions."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from itertools import combinations

from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import (
    SPLITS,
    Evidence,
    Item,
    Mention,
    Outcome,
    Passage,
    Rejection,
    ViewPair,
    Writer,
)
from dualview.dataset_builder.schema.evidence import MENTIONS, VALUES
from dualview.dataset_builder.writers.contrasts.ranges import Range, find_ranges, kind_of
from dualview.dataset_builder.writers.contrasts.reading import Known, Reader, read_query
from dualview.dataset_builder.writers.contrasts.views import PhraseView, TellingPhrases, draw_view
from dualview.dataset_builder.writers.contrasts.wording_table import (
    ABOVE,
    BELOW,
    Wordings,
    load_wordings,
)
from dualview.dataset_builder.writers.facets.draws import Draw

_WRITER = Writer(kind="contrasts")
_NO_CONTRAST = (
    "no two of its passages answer the query and differ in a phrase that one is about and the other "
    "mentions in no form"
)
# Of so many pairs of passages, the values of one are compared before its phrases.
_RANGES = 5
# So many pairs of instructions for two passages.
_ROUNDS = 4


@dataclass(frozen=True)
class _Task:
    """An item as it is written.

    :ivar known: its passages, read.
    """

    item: Item
    telling: TellingPhrases
    known: list[Known]
    table: Wordings
    split: str


class ContrastsWriter:
    """Writes view pairs about phrases and values that one of two passages has and the other has not.

    It asks no model and needs no attributes: the labels are proven by the words of the passages, and the
    proof stands in the column ``checks``. Phrases and wordings are those of the item's split alone.

    Relations: ``facets`` writes about attributes that passages come with.

    :param seed: draws other pairs, phrases and wordings.
    :param most: most pairs of an item.
    :param corpus: languages and frequencies of the build; see :meth:`use_corpus`.
    :param instructed: whether to take items that bring an instruction of their own, which is then not used.
    """

    kind = _WRITER.kind

    def __init__(
        self, seed: int = 0, most: int = 6, corpus: Corpus | None = None, instructed: bool = True
    ) -> None:
        self._instructed = instructed
        self._seed = str(seed)
        self._most = most
        self.use_corpus(corpus or Corpus({}))

    def use_corpus(self, corpus: Corpus) -> None:
        """Take the corpus that the build has learned."""
        self.corpus = corpus
        self._reader = Reader(corpus)

    def accepts(self, item: Item) -> bool:
        """Tell whether the item has two passages that may answer its query."""
        if not self._instructed and item.instruction is not None:
            return False
        return len(item.answers) + len(getattr(item, "candidates", ())) > 1

    def write(self, item: Item) -> Iterator[Outcome]:
        """The view pairs of an item of the training split."""
        return self.write_in_split(item, SPLITS[0])

    def write_in_split(self, item: Item, split: str) -> Iterator[Outcome]:
        """The view pairs of an item with the phrases and wordings of its split."""
        language = self.corpus.language(item.source)
        query = read_query(item.query, language)
        known = self._reader.answers(item, language, query)
        task = _Task(item, TellingPhrases(query, split), known, load_wordings(language), split)
        written = 0
        for outcome in self._pairs(task):
            yield outcome
            written += 1
            if written == self._most:
                return
        if not written:
            yield Rejection.of_item(item, "no_contrast", _NO_CONTRAST, writer_kind=self.kind)

    def describe(self) -> Writer:
        """The writer as the card names it."""
        return _WRITER

    def _pairs(self, task: _Task) -> Iterator[ViewPair]:
        """Pairs over two passages after the other, in a drawn order, then further ones over the same two."""
        order = Draw(self._seed, task.item.set_id, task.item.query_id)
        left = list(combinations(range(len(task.known)), 2))
        chosen: list[tuple[int, int]] = []
        while left and len(chosen) < self._most:
            chosen.append(left.pop(order.below(len(left))))
        for number in range(_ROUNDS):
            for first, second in chosen:
                one, other = task.known[first], task.known[second]
                draw = Draw(self._seed, task.item.set_id, one.passage.docid, other.passage.docid, str(number))
                if draw.below(2):
                    one, other = other, one
                pair = self._pair(task, one, other, number, draw)
                if pair is not None:
                    yield pair

    def _pair(self, task: _Task, one: Known, other: Known, number: int, draw: Draw) -> ViewPair | None:
        set_id = f"{task.item.set_id}:contrasts:{one.passage.docid}:{other.passage.docid}:{number}"
        if draw.below(_RANGES) == 0 and (ranges := find_ranges(one, other)):
            return _range_pair(task, one, other, draw.pick(ranges), set_id, draw)
        table, split = task.table, task.split
        original = draw_view(one, other, task.telling, table, split, draw)
        reverse = original and draw_view(other, one, task.telling, table, split, draw)
        if original is None or reverse is None or original.text == reverse.text:
            return None
        others = (known for known in task.known if known is not one and known is not other)
        pair = ViewPair.of_item(
            task.item,
            positive=one.passage,
            reversed_positive=other.passage,
            instruction=original.text,
            reversed_instruction=reverse.text,
            writer=_WRITER,
            others=tuple(
                known.passage for known in others if original.breaks(known) and reverse.breaks(known)
            ),
            lever=reverse.lever,
            style=f"contrast {original.kind}",
            set_id=set_id,
        )
        return replace(
            pair,
            answers=_answers(task),
            kind=original.kind,
            reversed_kind=reverse.kind,
            original_lever=original.lever,
            evidence=Evidence(MENTIONS, tuple(_mentions(original, reverse, one, other))),
        )


def _range_pair(task: _Task, one: Known, other: Known, limits: Range, set_id: str, draw: Draw) -> ViewPair:
    side, opposite = (BELOW, ABOVE) if one is limits.low else (ABOVE, BELOW)
    original = limits.write(side, task.table, task.split, draw)
    reverse = limits.write(opposite, task.table, task.split, draw)
    pair = ViewPair.of_item(
        task.item,
        positive=one.passage,
        reversed_positive=other.passage,
        instruction=original,
        reversed_instruction=reverse,
        writer=_WRITER,
        lever=limits.lever,
        style="contrast range",
        set_id=set_id,
    )
    return replace(
        pair,
        answers=_answers(task),
        kind=kind_of(original, task.table),
        reversed_kind=kind_of(reverse, task.table),
        original_lever=limits.lever,
        evidence=Evidence(VALUES, tuple(limits.mentions(one, other))),
    )


def _mentions(original: PhraseView, reverse: PhraseView, one: Known, other: Known) -> Iterator[Mention]:
    """The phrases of both instructions with their counts in the two passages, each phrase once."""
    found = {
        weighed.phrase.stems: weighed.phrase for view in (original, reverse) for weighed in view.phrases()
    }
    for stems, phrase in found.items():
        yield Mention(phrase.text, one.read.count(stems), other.read.count(stems))


def _answers(task: _Task) -> tuple[Passage, ...]:
    """The passages known to answer, with the candidates that were found to."""
    return tuple(known.passage for known in task.known)
