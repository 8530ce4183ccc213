"""Distinguishes languages where a short text allows it: by script, and in Latin script by function words.

A doubtful text has no language here. A query of three keywords, a name or a formula must never be the reason
for dropping a good instruction.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from dualview.dataset_builder.checks.words import FUNCTION_WORDS

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ELISION = re.compile(r"^(?:l|d|qu|n|s|j|c|m)['\u2019]")
# Japanese mixes three of Unicode's scripts, and a short text may hold only one of them.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA"})
_SURE_SHARE = 0.8
_FEWEST_LETTERS = 4
# A language is likely that has this share of the hits of the likeliest; one with fewer is ruled out.
_LIKELY_SHARE = 0.6
_FEWEST_SHARE = 0.25
# So many different function words must be known before anything is ruled out.
_FEWEST_WORDS = 4
_LANGUAGES_OF = {
    word: [language for language, words in FUNCTION_WORDS.items() if word in words]
    for word in frozenset().union(*FUNCTION_WORDS.values())
}
# Queries and original instructions come again with each pair of their set.
_KEPT = 1024


def differ_in_language(text: str, reference: str) -> str | None:
    """Describe the difference in language of two texts; None where they agree or it is unclear."""
    scripts = main_script(text), main_script(reference)
    if None not in scripts and scripts[0] != scripts[1]:
        return f"the script is {str(scripts[0]).lower()}, not {str(scripts[1]).lower()}"
    languages, expected = guess_languages(text), guess_languages(reference)
    if languages and expected and not languages & expected:
        return f"the language is {' or '.join(sorted(languages))}, not {' or '.join(sorted(expected))}"
    return None


@lru_cache(maxsize=_KEPT)
def main_script(text: str) -> str | None:
    """The script of nearly all letters, such as ``LATIN``; None for few letters or mixed ones."""
    if text.isascii():
        return "LATIN" if sum(map(str.isalpha, text)) >= _FEWEST_LETTERS else None
    counts = Counter(_script(character) for character in text if character.isalpha())
    if sum(counts.values()) < (2 if counts["EAST ASIAN"] else _FEWEST_LETTERS):
        return None
    script, count = counts.most_common(1)[0]
    return script if count >= _SURE_SHARE * sum(counts.values()) else None


@lru_cache(maxsize=_KEPT)
def guess_languages(text: str) -> frozenset[str]:
    """The languages that a text in Latin script may be in by its function words, such as ``de``.

    Neighbours such as Spanish and Portuguese often stay together; in doubt, the set is empty.
    """
    tokens = [
        token if token.isalpha() else _ELISION.sub("", token) for token in _TOKEN.findall(text.casefold())
    ]
    hits = dict.fromkeys(FUNCTION_WORDS, 0)
    for token in tokens:
        for language in _LANGUAGES_OF.get(token, ()):
            hits[language] += 1
    most = max(hits.values())
    likely = frozenset(language for language, count in hits.items() if count >= _LIKELY_SHARE * most)
    known = max(len(FUNCTION_WORDS[language].intersection(tokens)) for language in likely)
    # A third of running text are function words; a list of titles or names has fewer.
    return likely if known >= _FEWEST_WORDS and most >= _FEWEST_SHARE * len(tokens) else frozenset()


def _script(character: str) -> str:
    script = unicodedata.name(character, "UNKNOWN").split()[0]
    return "EAST ASIAN" if script in _EAST_ASIAN else script
