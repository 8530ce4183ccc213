"""Gathers topics for compositions from the items of a build: queries, phrases, and sentences."""

from __future__ import annotations

import hashlib
import heapq
import re
from collections.abc import Iterator
from dataclasses import dataclass

from dualview.dataset_builder.phrases.choosing import choose_phrases
from dualview.dataset_builder.phrases.corpus import Corpus, lexicon_of
from dualview.dataset_builder.phrases.dealing import phrase_split
from dualview.dataset_builder.phrases.proof import occurs
from dualview.dataset_builder.phrases.reading import ReadPassage, read_passage, read_text
from dualview.dataset_builder.schema import SPLITS, SourceItem
from dualview.dataset_builder.writers.contrasts.wording_table import EXCLUSION, load_wordings

_PHRASES_OF_PASSAGE = 10
_READ_PASSAGES = 6
_SENTENCES_OF_TOPIC = 2
_SENTENCE = re.compile(r"(?<=[.!?])\s+(?=\w)")
_FEWEST_WORDS, _MOST_WORDS = 4, 25


@dataclass(frozen=True, order=True)
class Topic:
    """A bare query with what its passages say.

    :ivar drawn: the place in a random order, which depends on the query alone.
    :ivar phrases: phrases of its passages that are dealt out to the split and are not of the query itself.
    :ivar sentences: of its passages; those with a word that excludes elsewhere come first.
    """

    drawn: int
    query: str
    language: str
    phrases: tuple[str, ...]
    sentences: tuple[str, ...]


class TopicSample:
    """The topics of each split that come first in a random order: memory does not grow with the corpus.

    :param most: how many topics of a split are kept.
    """

    def __init__(self, corpus: Corpus, most: int, seed: int) -> None:
        self._corpus = corpus
        self._most = most
        self._seed = seed
        self._kept: dict[str, list[tuple[int, Topic]]] = {split: [] for split in SPLITS}
        self._known: dict[str, set[int]] = {split: set() for split in SPLITS}
        self.seen = dict.fromkeys(SPLITS, 0)

    def add(self, split: str, item: SourceItem) -> None:
        """Take the topic of an item into account; a query that comes again counts once while it is kept."""
        kept, known = self._kept[split], self._known[split]
        drawn = _drawn(self._seed, item.query)
        if drawn in known:
            return
        self.seen[split] += 1
        if len(kept) >= self._most and drawn > -kept[0][0]:
            return
        known.add(drawn)
        heapq.heappush(kept, (-drawn, self._topic(split, drawn, item)))
        if len(kept) > self._most:
            known.discard(-heapq.heappop(kept)[0])

    def topics(self, split: str) -> list[Topic]:
        """The topics of a split, in the random order."""
        return sorted(topic for _, topic in self._kept[split])

    def _topic(self, split: str, drawn: int, item: SourceItem) -> Topic:
        language = self._corpus.language(item.source)
        lexicon = lexicon_of(language)
        query = read_text(item.query, lexicon)
        phrases: dict[str, str] = {}
        sentences: list[str] = []
        for passage in item.all_passages()[:_READ_PASSAGES]:
            read = read_passage(passage, lexicon)
            for found in choose_phrases(read, self._corpus.frequencies, _PHRASES_OF_PASSAGE):
                if phrase_split(found.phrase) == split and not occurs(found.phrase, query):
                    phrases.setdefault(found.phrase.text.casefold(), found.phrase.text)
            sentences += _sentences(passage.text, read)
        return Topic(
            drawn=drawn,
            query=item.query,
            language=language,
            phrases=tuple(phrases.values()),
            sentences=tuple(_telling_first(sentences, language)[:_SENTENCES_OF_TOPIC]),
        )


def _sentences(text: str, read: ReadPassage) -> Iterator[str]:
    for sentence in _SENTENCE.split(text):
        if _FEWEST_WORDS <= len(sentence.split()) <= _MOST_WORDS and "\n" not in sentence:
            yield sentence.strip()


def _telling_first(sentences: list[str], language: str) -> list[str]:
    """The sentences, first those with a word of training by which a wording excludes."""
    telling = load_wordings(language).carriers[EXCLUSION]["train"]
    return sorted(sentences, key=lambda one: not any(f" {word} " in one for word in telling))


def _drawn(seed: int, query: str) -> int:
    digest = hashlib.blake2b(f"{seed} {query}".encode("utf-8", "surrogatepass"), digest_size=8).digest()
    return int.from_bytes(digest)
