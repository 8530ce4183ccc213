"""Whether an instruction only says again what another one says.

Design:

- A reversal may share nearly every word with its original: "its history, not its cost" and "its cost, not
  its history" are opposites. Similarity of words or letters therefore decides nothing; what counts is which
  content words stand after which *turn* (not, without, instead of, more, before …).
- Two instructions say the same if they make the same turns, and after each of them the content words are the
  same, or those of one are those of the other and a word or two more ("really", "useful"), but not more words
  than they share.
- Content words and turns are known for English only. Elsewhere, only the same words in the same order are the
  same.
"""

from __future__ import annotations

import re

from dataset_builder.checks.languages import guess_languages
from dataset_builder.checks.words import FILLERS, TURNS

_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)?")
_MOST_EXTRA_WORDS = 2
_FEWEST_COMMON_WORDS = 4
_FEWEST_COMMON_SHARE = 0.3


def says_the_same(text: str, other: str) -> bool:
    """Whether one instruction is the other in trivially different words."""
    if has_the_same_words(text, other):
        return True
    ours, theirs = _turns(text), _turns(other)
    if [turn for turn, _ in ours] != [turn for turn, _ in theirs] or not _are_english(text, other):
        return False
    pairs = list(zip((words for _, words in ours), (words for _, words in theirs), strict=True))
    one_sided = all(a <= b for a, b in pairs) or all(b <= a for a, b in pairs)
    extra, common = sum(len(a ^ b) for a, b in pairs), sum(len(a & b) for a, b in pairs)
    return one_sided and extra <= min(_MOST_EXTRA_WORDS, common)


def has_the_same_words(text: str, other: str) -> bool:
    """Whether two instructions differ in nothing but case and punctuation."""
    return _tokens(text) == _tokens(other)


def _turns(text: str) -> list[tuple[str, frozenset[str]]]:
    """The content words of an instruction, cut at its turns: the words before the first, then after each."""
    parts: list[tuple[str, set[str]]] = [("", set())]
    for token in _tokens(text):
        negated = token.endswith(("n't", "n\u2019t"))
        if negated or token in TURNS:
            parts.append(("not" if negated else token, set()))
        elif token not in FILLERS:
            parts[-1][1].add(_stem(token))
    return [(turn, frozenset(words)) for turn, words in parts]


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _stem(word: str) -> str:
    """The word without the ending of a plural, a genitive or a third person."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _are_english(*texts: str) -> bool:
    """Whether nothing speaks against English, and common English words for it."""
    tokens = [token for text in texts for token in _tokens(text)]
    common = [token for token in tokens if token in FILLERS or token in TURNS]
    if len(set(common)) < _FEWEST_COMMON_WORDS or len(common) < _FEWEST_COMMON_SHARE * len(tokens):
        return False
    return all("en" in guess for guess in map(guess_languages, texts) if guess)
