"""Detects instructions that only repeat another one in other words.

Design:

- A reversal may share nearly every word with its original: "its history, not its cost" and "its cost, not
  its history" are opposites. Similarity of words or letters therefore decides nothing; what counts is which
  content words stand after which *turn* (not, without, instead of, more, before …).
- Two instructions mean the same if they have the same turns, and after each of them the content words are the
  same, or those of one are those of the other and a word or two more ("really", "useful"), but not more words
  than they share.
- Where two stretches of words have changed places, the words between them decide: "cost and price" is
  "price and cost", but "trains to planes" is not "planes to trains".
- Content words and turns are known for English only. Elsewhere, only the same words in the same order are the
  same.
- The operators of search engines turn a text as words do: "< 1900" is not "> 1900".
"""

from __future__ import annotations

import re
from collections.abc import Container, Sequence

from dualview.dataset_builder.checks.languages import guess_languages
from dualview.dataset_builder.checks.words import FILLERS, TURNS

_TOKEN = re.compile(r"\w+(?:['\u2019]\w+)?")
# A hyphen is one before a word alone: it is often a dash.
_OPERATOR = re.compile(r"[+<>=\u00ac\u220b\u220c\u2260\u227a\u227b\u2a7d\u2a7e]|(?<!\S)\(?-(?=[\w)])")
_MOST_EXTRA_WORDS = 2
_FEWEST_COMMON_WORDS = 4
_FEWEST_COMMON_SHARE = 0.3
# Words that join the entries of a list, whose order means nothing.
_JOINING = frozenset({"and", "or", "nor", "plus"})
_ADVERBS = frozenset({"also", "as", "too", "well"})
_ARTICLES = frozenset({"a", "an", "the"})


def means_the_same(text: str, other: str) -> bool:
    """Tell whether one instruction is the other in trivially different words."""
    if _OPERATOR.findall(text) != _OPERATOR.findall(other):
        return False
    if has_the_same_words(text, other):
        return True
    ours, theirs = _turns(text), _turns(other)
    if [turn for turn, _ in ours] != [turn for turn, _ in theirs] or not _are_english(text, other):
        return False
    pairs = list(zip((words for _, words in ours), (words for _, words in theirs), strict=True))
    one_sided = all(a <= b for a, b in pairs) or all(b <= a for a, b in pairs)
    extra, common = sum(len(a ^ b) for a, b in pairs), sum(len(a & b) for a, b in pairs)
    if not one_sided or extra > min(_MOST_EXTRA_WORDS, common):
        return False
    # Words that come several times may be cut in several ways: in one order, it is the same either way.
    return not _is_turned_by_swap(*sorted((text, other)))


def has_the_same_words(text: str, other: str) -> bool:
    """Tell whether two instructions differ only in case and punctuation."""
    return _tokens(text) == _tokens(other) and _OPERATOR.findall(text) == _OPERATOR.findall(other)


def _is_turned_by_swap(text: str, other: str) -> bool:
    """Tell whether the texts differ in two stretches that changed places, and their order matters.

    It does not matter where the words of a list are between them ("and", "and also with"), or where a phrase
    only moved: then one word is before it in one text and another word in the other.
    """
    ours, theirs = _content(text), _content(other)
    common = {word for word, _ in ours} & {word for word, _ in theirs}
    ours, theirs = ([entry for entry in entries if entry[0] in common] for entries in (ours, theirs))
    found = _find_swap([word for word, _ in ours], [word for word, _ in theirs])
    if found is None:
        return False
    start, first, between, last = found
    links = []
    for tokens, places, before in ((_tokens(text), ours, first), (_tokens(other), theirs, last)):
        left, right = places[start + before - 1][1], places[start + before + between][1]
        link = [word for word in tokens[left + 1 : right] if word not in _ARTICLES]
        if not link or _is_list(link, {*tokens[:left], *tokens[right + 1 :]}):
            return False
        links.append(link)
    return between > 0 or links[0] == links[1]


def _find_swap(ours: Sequence[str], theirs: Sequence[str]) -> tuple[int, int, int, int] | None:
    """Find two stretches that changed places: the words before them, in the first, between, in the last."""
    if len(ours) != len(theirs):
        return None
    start = _count_common(ours, theirs)
    end = len(ours) - _count_common(ours[start:][::-1], theirs[start:][::-1])
    for first in range(1, end - start):
        if theirs[end - first : end] != ours[start : start + first]:
            continue
        for last in range(1, end - start - first + 1):
            middle = theirs[start + last : end - first]
            if (
                theirs[start : start + last] == ours[end - last : end]
                and middle == ours[start + first : end - last]
            ):
                return start, first, len(middle), last
    return None


def _count_common(ours: Sequence[str], theirs: Sequence[str]) -> int:
    """Number of words that are the same from the start."""
    count = 0
    while count < min(len(ours), len(theirs)) and ours[count] == theirs[count]:
        count += 1
    return count


def _is_list(link: Sequence[str], around: Container[str]) -> bool:
    """Tell whether the words between two stretches only join them, with words that are also around them."""
    joined = any(word in _JOINING for word in link)
    return joined and all(word in _JOINING or word in around or word in _ADVERBS for word in link)


def _turns(text: str) -> list[tuple[str, frozenset[str]]]:
    """The content words of an instruction, cut at its turns: the words before the first, then after each."""
    parts: list[tuple[str, set[str]]] = [("", set())]
    for word, _ in _content(text):
        if word in TURNS:
            parts.append((word, set()))
        else:
            parts[-1][1].add(word)
    return [(turn, frozenset(words)) for turn, words in parts]


def _content(text: str) -> list[tuple[str, int]]:
    """The turns and the stems of the content words, each with its place among all words."""
    found = []
    for place, token in enumerate(_tokens(text)):
        if token.endswith(("n't", "n\u2019t")):
            found.append(("not", place))
        elif token in TURNS:
            found.append((token, place))
        elif token not in FILLERS:
            found.append((_stem(token), place))
    return found


def _tokens(text: str) -> list[str]:
    return _TOKEN.findall(text.casefold())


def _stem(word: str) -> str:
    """The word without the ending of a plural, a genitive or a third person."""
    word = word.removesuffix("'s").removesuffix("\u2019s")
    if word.endswith("ies") and len(word) > 5:
        return word[:-3] + "y"
    return word[:-1] if word.endswith("s") and not word.endswith("ss") and len(word) > 3 else word


def _are_english(*texts: str) -> bool:
    """Tell whether texts have common English words and no sign of another language."""
    tokens = [token for text in texts for token in _tokens(text)]
    common = [token for token in tokens if token in FILLERS or token in TURNS]
    if len(set(common)) < _FEWEST_COMMON_WORDS or len(common) < _FEWEST_COMMON_SHARE * len(tokens):
        return False
    return all("en" in guess for guess in map(guess_languages, texts) if guess)
