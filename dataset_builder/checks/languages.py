"""Tells languages apart where a short text allows it: by script, and in Latin script by function words.

A doubtful text has no language here. A query of three keywords, a name or a formula must never be the reason
why a good instruction is dropped.
"""

from __future__ import annotations

import re
import unicodedata
from collections import Counter
from functools import lru_cache

from dataset_builder.checks.words import FUNCTION_WORDS

_TOKEN = re.compile(r"[^\W\d_]+(?:['\u2019][^\W\d_]+)?")
_ELISION = re.compile(r"^(?:l|d|qu|n|s|j|c|m)['\u2019]")
# Japanese mixes three of Unicode's scripts, and a short text may hold only one of them.
_EAST_ASIAN = frozenset({"CJK", "HIRAGANA", "KATAKANA"})
_SURE_SHARE = 0.8
_FEWEST_LETTERS = 4
# So many different words that only one of the languages has.
_FEWEST_OWN = 3
_OWN_WORDS = {
    language: words
    - frozenset().union(*(FUNCTION_WORDS[other] for other in FUNCTION_WORDS if other != language))
    for language, words in FUNCTION_WORDS.items()
}
# Queries and original instructions come again with each pair of their set.
_KEPT = 1024


def differ_in_language(text: str, reference: str) -> str | None:
    """How the languages of two texts differ, for a reader; None where they agree or nobody can tell."""
    scripts = main_script(text), main_script(reference)
    if None not in scripts and scripts[0] != scripts[1]:
        return f"the script is {str(scripts[0]).lower()}, not {str(scripts[1]).lower()}"
    languages = guess_language(text), guess_language(reference)
    if None not in languages and languages[0] != languages[1]:
        return f"the language is {languages[0]}, not {languages[1]}"
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
def guess_language(text: str) -> str | None:
    """The language of a text in Latin script by its function words, such as ``de``; None in doubt."""
    tokens = [_ELISION.sub("", token) for token in _TOKEN.findall(text.casefold())]
    hits = {language: sum(token in words for token in tokens) for language, words in FUNCTION_WORDS.items()}
    (best, most), (_, second) = Counter(hits).most_common(2)
    own = _OWN_WORDS[best].intersection(tokens)
    # A third of running text are function words; a list of titles or names has fewer.
    if len(own) < _FEWEST_OWN or most < 0.2 * len(tokens) or most < 1.5 * second:
        return None
    return best


def _script(character: str) -> str:
    script = unicodedata.name(character, "UNKNOWN").split()[0]
    return "EAST ASIAN" if script in _EAST_ASIAN else script
