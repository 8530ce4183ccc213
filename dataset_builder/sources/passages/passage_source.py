"""The items of passages that came without queries.

Design:

- Sections under one title or heading answer a query about it, and their headings tell them apart: they are an
  attributed topic.
- The other passages are grouped by names and expressions that several of them are about, see
  :mod:`~dualview.dataset_builder.sources.shared_phrases`; where the passages of a group differ in an
  attribute, the group is an attributed topic too.
- A passage is in one item at most: else all items would hang together, and have to be in one split.
"""

from __future__ import annotations

import sqlite3
from collections import Counter
from collections.abc import Callable, Iterator, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.cards.text import shorten
from dualview.dataset_builder.phrases.corpus import UNKNOWN, guess_language
from dualview.dataset_builder.phrases.word_lists import known_languages
from dualview.dataset_builder.schema import AnswerSet, AttributedTopic
from dualview.dataset_builder.sources.documents.tally import Tally
from dualview.dataset_builder.sources.passages.attribute_choice import AttributeChoice
from dualview.dataset_builder.sources.passages.heading_topics import HEADING, topics_of
from dualview.dataset_builder.sources.passages.record import Record
from dualview.dataset_builder.sources.passages.store import PassageStore
from dualview.dataset_builder.sources.shared_phrases import SharedPhrases
from dualview.dataset_builder.sources.source_protocol import SourceFacts

_READ_TO_GUESS = 20
_SHOWN_CHARACTERS = 300
#: Writers that add pairs to a topic beside the one that takes it.
ALSO = ("contrasts",)
#: The language in which attributes are put into words.
WORDED = "en"


@dataclass
class PassageSource:
    """Attributed topics and answer sets made of passages.

    :param read: reads the records; called once.
    :param digests: name and SHA-256 of what is read.
    :param named: attributes that the user chose; None to choose by their values.
    """

    facts: SourceFacts
    read: Callable[[Tally], Iterator[Record]]
    digests: Callable[[], tuple[tuple[str, str], ...]]
    named: Sequence[str] | None = None

    def __iter__(self) -> Iterator[AttributedTopic | AnswerSet]:
        """The topics of headings, then the groups; the passages are read once.

        :raises InputError: if they cannot be read, or nothing can be made of them.
        """
        yield from self._found.items()

    def describe(self) -> SourceFacts:
        """The facts with the digests."""
        return replace(self.facts, files=self.digests())

    @cached_property
    def _found(self) -> _Found:
        try:
            return self._find()
        except sqlite3.OperationalError as error:
            raise InputError(
                f"{self.facts.name}: no room for its passages in the folder of temporary files ({error}); "
                "set TMPDIR to a larger one"
            ) from error

    def _find(self) -> _Found:
        tally, choice, store = Tally(), AttributeChoice(self.named), PassageStore()
        for record in store.fill(self.read(tally), tally):
            choice.learn(record)
        language = self._language(store)
        if language not in known_languages():
            what = "its language" if language == UNKNOWN else f"'{language}'"
            write_line(
                f"{self.facts.name}: {what} has no table of words; names, years and numbers are used. "
                f"There are tables for {', '.join(known_languages())}."
            )
        found = _Found(self.facts, store, choice, language)
        for line in (*found.lines(tally), *tally.lines(), *choice.lines()):
            write_line(f"{self.facts.name}: {line}.")
        found.check(tally)
        return found

    def _language(self, store: PassageStore) -> str:
        if self.facts.languages:
            return self.facts.languages[0]
        language = guess_language(" ".join(one.passage.encoded for one in store.first(_READ_TO_GUESS)))
        if store.passages and language != UNKNOWN:
            write_line(
                f"{self.facts.name}: taken to be in the language '{language}'; --language names another."
            )
        return language


class _Found:
    """What was read, and what is made of it."""

    def __init__(
        self, facts: SourceFacts, store: PassageStore, choice: AttributeChoice, language: str
    ) -> None:
        self._facts = facts
        self._store = store
        self._chosen = choice.chosen()
        self._missing = choice.missing()
        self._known = list(choice.counts)
        self._language = language
        # The wordings of attributes are English.
        self._worded = language == WORDED
        self._in_topics: Counter[str] = Counter()
        for topic in self._topics():
            store.take(topic.answers)
            self._in_topics["topics"] += 1
            self._in_topics["passages"] += len(topic.answers)
        self._groups = SharedPhrases(store.rest, facts.name, facts.license, language)
        self._in_groups: Counter[str] = Counter()
        for group in self._groups:
            self._in_groups["groups"] += 1
            self._in_groups["passages"] += len(group.answers)

    def items(self) -> Iterator[AttributedTopic | AnswerSet]:
        """Topics, then groups."""
        yield from self._topics()
        for group in self._groups:
            yield self._with_attributes(group)

    def lines(self, tally: Tally) -> Iterator[str]:
        """What was read, and what was made of it."""
        read = " and ".join(_counted(count, what) for what, count in tally.read.items())
        gave = _counted(self._store.passages, "passages")
        yield f"{read} gave {gave}" if read else "nothing in it could be read"
        topics, groups = self._in_topics, self._in_groups
        if topics:
            yield f"{topics['passages']:,} passages under headings, in {topics['topics']:,} topics"
        if groups:
            yield (
                f"{groups['passages']:,} passages that share a name or an expression, in "
                f"{groups['groups']:,} groups"
            )
        alone = self._store.passages - topics["passages"] - groups["passages"]
        if not self._worded and (topics or self._chosen):
            yield "headings and attributes are put into words in English only; names and numbers are used"
        if alone and (topics or groups):
            yield f"left out {alone:,}: passages that share no heading, name or expression with another one"

    def check(self, tally: Tally) -> None:
        """Refuse a source that gives no item.

        :raises InputError: with the reason.
        """
        name = self._facts.name
        if self._missing:
            known = shorten(", ".join(self._known), _SHOWN_CHARACTERS) or "none"
            raise InputError(
                f"{name}: no passage has '{self._missing[0]}', named by --attributes; there are {known}"
            )
        if self._in_topics or self._in_groups:
            return
        reasons = "; ".join(f"{reason} ({count:,})" for reason, count in tally.left_out.items())
        left = f" (left out: {reasons})" if reasons else ""
        if self._store.passages == 0:
            raise InputError(f"{name}: holds no passage{left}; give text, Markdown, HTML or a table")
        few = "holds one passage, so " if self._store.passages == 1 else ""
        raise InputError(
            f"{name}: {few}no two passages are about the same heading, name or expression{left}; give more "
            "of them, or queries with their answers"
        )

    def _topics(self) -> Iterator[AttributedTopic | AnswerSet]:
        for records in self._store.topics():
            for topic in topics_of(records, self._facts, self._language):
                headings = {heading for one in topic.attributes for heading in one.get(HEADING, ())}
                worded = self._worded and len(headings) > 1
                yield replace(topic, also=ALSO) if worded else _without_attributes(topic)

    def _with_attributes(self, group: AnswerSet) -> AttributedTopic | AnswerSet:
        """The group as a topic, where two of its passages differ in an attribute."""
        found = [self._store.attributes(passage) for passage in group.answers]
        kept = [{name: known[name] for name in self._chosen if name in known} for known in found]
        values = (Counter(known[name] for known in kept if name in known) for name in self._chosen)
        if not self._worded or all(len(different) < 2 for different in values):
            return group
        return AttributedTopic(
            query_id=group.query_id,
            query=group.query,
            passages=group.answers,
            attributes=tuple(kept),
            source=group.source,
            license=group.license,
            also=ALSO,
        )


def _counted(count: int, things: str) -> str:
    """A number of things that are named in the plural, such as "1 file"."""
    return f"{count:,} {things.removesuffix('s') if count == 1 else things}"


def _without_attributes(topic: AttributedTopic) -> AnswerSet:
    return AnswerSet(
        set_id=topic.query_id,
        query_id=topic.query_id,
        query=topic.query,
        answers=topic.passages,
        source=topic.source,
        license=topic.license,
    )
