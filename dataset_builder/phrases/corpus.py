"""The corpus of a build as its writers know it: languages of the sources, and frequencies of words."""

from __future__ import annotations

from collections.abc import Iterable, Iterator, Mapping
from functools import cache
from typing import TypeVar

from dualview.dataset_builder.checks.languages import guess_languages, main_script
from dualview.dataset_builder.phrases.frequencies import Frequencies
from dualview.dataset_builder.phrases.reading import Lexicon, read_passage
from dualview.dataset_builder.phrases.word_lists import load_words
from dualview.dataset_builder.schema import SourceItem

_Item = TypeVar("_Item", bound=SourceItem)
_DEFAULT = "en"
_OF_SCRIPT = {"CYRILLIC": "ru", "LATIN": _DEFAULT}
#: The code of a language that cannot be told.
UNKNOWN = "und"
_READ_CHARACTERS = 2_000


class Corpus:
    """What one reading of all items tells: it can be sent to another machine.

    :param languages: source -> code of its language, where the source states one. The others' is guessed from
        their first item.
    :ivar frequencies: document frequencies, over all sources.
    """

    def __init__(self, languages: Mapping[str, str]) -> None:
        self.frequencies = Frequencies()
        self._languages = dict(languages)

    def learn(self, items: Iterable[_Item]) -> Iterator[_Item]:
        """Pass items on, and count their words."""
        for item in items:
            if item.source not in self._languages:
                texts = [item.query, *(passage.encoded for passage in item.all_passages())]
                self._languages[item.source] = guess_language(" ".join(texts))
            lexicon = lexicon_of(self._languages[item.source])
            for passage in item.all_passages():
                self.frequencies.add(read_passage(passage, lexicon))
            yield item

    def language(self, source: str) -> str:
        """The code of a source's language, such as ``en``."""
        return self._languages.get(source, _DEFAULT)


@cache
def lexicon_of(language: str) -> Lexicon:
    """The words of a language, shared by all that read texts of it."""
    return Lexicon(load_words(language))


def guess_language(text: str) -> str:
    """The code of a text's language, :data:`UNKNOWN` if it cannot be told; short texts are English."""
    text = text[:_READ_CHARACTERS]
    guessed = guess_languages(text)
    if len(guessed) == 1:
        return next(iter(guessed))
    script = main_script(text)
    return _DEFAULT if script is None or _DEFAULT in guessed else _OF_SCRIPT.get(script, UNKNOWN)
