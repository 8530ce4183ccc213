"""Reads replies about relevance: one word with its probability, or a list of numbers."""

from __future__ import annotations

import math
import re

from dualview.dataset_builder.llm.messages import LlmReply, TokenChoice
from dualview.dataset_builder.llm.replies.parsing import find_object

_END_OF_THOUGHTS = "</think>"
_WORD = re.compile(r"\b(yes|no)\b", re.IGNORECASE)
_MAX_CHARACTERS = 50_000


def read_probability(reply: LlmReply) -> float | None:
    """Probability of "yes" against "no", from the logarithms of the first token that is one of them.

    None where the server gave no logarithms, or no token is one of the two.
    """
    for choice in reply.logprobs:
        if _word(choice.token) is not None:
            yes, no = _weight(choice, "yes"), _weight(choice, "no")
            return yes / (yes + no) if yes + no > 0 else None
    return None


def read_word(reply: LlmReply) -> bool | None:
    """Read yes or no from a reply; None where it has neither, or both.

    The first word counts where it is one of the two, as models go on to explain it.
    """
    answer = reply.text[:_MAX_CHARACTERS].rpartition(_END_OF_THOUGHTS)[2].strip("*_`\"'.!([{ \n\t")
    if first := _WORD.match(answer):
        return first[1].lower() == "yes"
    words = {word.lower() for word in _WORD.findall(answer)}
    return words == {"yes"} if len(words) == 1 else None


def read_numbers(reply: LlmReply, count: int) -> frozenset[int] | None:
    """The places, from 0, of the passages that the reply calls relevant; None where it cannot be understood.

    :param count: number of passages that were shown.
    """
    answer = reply.text[:_MAX_CHARACTERS].rpartition(_END_OF_THOUGHTS)[2]
    # The last object counts: models quote the form before they answer.
    numbers = (find_object(answer, ("relevant",)) or {}).get("relevant")
    if isinstance(numbers, list) and all(_is_number(number, count) for number in numbers):
        return frozenset(int(number) - 1 for number in numbers)
    return None


def _is_number(value: object, count: int) -> bool:
    if isinstance(value, str) and value.isascii() and value.isdigit() and len(value) < 4:
        value = int(value)
    return isinstance(value, int) and not isinstance(value, bool) and 1 <= value <= count


def _weight(choice: TokenChoice, word: str) -> float:
    """The probability of all ways to write a word, such as ``yes``, `` Yes`` and ``YES``."""
    found = [logarithm for token, logarithm in choice.alternatives.items() if _word(token) == word]
    return sum(math.exp(min(logarithm, 0.0)) for logarithm in found if not math.isnan(logarithm))


def _word(token: str) -> str | None:
    # Tokenizers mark the space before a word by one of these.
    text = token.strip("\u2581\u0120*_`\"'.,:!([{ \n\t").lower()
    return text if text in ("yes", "no") else None
