"""Reads the passages of items for the writer: phrases by weight, and values."""

from __future__ import annotations

from dataclasses import dataclass
from functools import cached_property, lru_cache

from dualview.dataset_builder.phrases.choosing import Weighed, choose_phrases
from dualview.dataset_builder.phrases.corpus import Corpus, lexicon_of
from dualview.dataset_builder.phrases.dealing import phrase_split
from dualview.dataset_builder.phrases.reading import ReadPassage, read_passage, read_text
from dualview.dataset_builder.phrases.values import Values, read_values
from dualview.dataset_builder.schema import AnswerSet, Item, Passage

_PHRASES = 40
# A passage comes again with each neighbour of an item, and in the items near to it.
_KEPT_PASSAGES = 2_048


@dataclass(eq=False)
class Known:
    """A passage with what the writer knows of it.

    :ivar phrases: split -> the phrases that may be used there, by weight.
    """

    passage: Passage
    read: ReadPassage
    phrases: dict[str, list[Weighed]]
    language: str

    @cached_property
    def values(self) -> Values:
        """The years, amounts and versions of the text."""
        return read_values(self.read.text, lexicon_of(self.language).words)


class Reader:
    """Reads passages against the corpus of a build."""

    def __init__(self, corpus: Corpus) -> None:
        self._corpus = corpus
        self._known = lru_cache(maxsize=_KEPT_PASSAGES)(self._read)

    def read(self, passage: Passage, language: str) -> Known:
        """The passage with its phrases."""
        return self._known(passage, language)

    def answers(self, item: Item, language: str, query: ReadPassage) -> list[Known]:
        """The passages that answer an item's query.

        A candidate, which a search found, counts as an answer where it has every content word of the query.
        """
        known = [self.read(passage, language) for passage in item.answers]
        if isinstance(item, AnswerSet):
            wanted = set(query.content_stems)
            candidates = (self.read(passage, language) for passage in item.candidates)
            known += [found for found in candidates if wanted and wanted <= found.read.known_stems]
        return known

    def _read(self, passage: Passage, language: str) -> Known:
        read = read_passage(passage, lexicon_of(language))
        phrases: dict[str, list[Weighed]] = {}
        for weighed in choose_phrases(read, self._corpus.frequencies, _PHRASES):
            phrases.setdefault(phrase_split(weighed.phrase), []).append(weighed)
        return Known(passage, read, phrases, language)


def read_query(query: str, language: str) -> ReadPassage:
    """The bare query, read."""
    return read_text(query, lexicon_of(language))
