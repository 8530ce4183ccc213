"""Cuts the text of a section into passages of about one length, between paragraphs or else sentences."""

from __future__ import annotations

import re
from collections.abc import Iterable, Iterator, Sequence

from dualview.dataset_builder.checks.sentences import split_sentences

#: Words of a passage, about.
WORDS = 200
# A passage may be longer by this factor before it is cut.
_SLACK = 1.25
# What is left over joins the passage before it if it is shorter than this share.
_SMALL = 0.25
# Chinese, Japanese, Thai, Lao and Khmer put no space between words; about two characters make one.
_NO_SPACES = re.compile("[\u0e00-\u0eff\u1780-\u17ff\u3040-\u30ff\u3400-\u9fff\uf900-\ufaff]")


def cut_passages(paragraphs: Sequence[str], words: int = WORDS) -> list[str]:
    """The paragraphs of a section as texts of about so many words.

    A paragraph that is longer is divided between sentences, and a sentence never.
    """
    passages = list(_pack(_pieces(paragraphs, words * _SLACK), words))
    if len(passages) > 1 and count_words(passages[-1]) < words * _SMALL:
        last = passages.pop()
        passages[-1] = f"{passages[-1]}\n{last}"
    return passages


def count_words(text: str) -> int:
    """Number of words, also in scripts that put no space between them."""
    words = len(text.split())
    return words if text.isascii() else words + len(_NO_SPACES.findall(text)) // 2


def _pieces(paragraphs: Iterable[str], most: float) -> Iterator[tuple[str, str]]:
    """Paragraphs, or the sentences of long ones, each with what joins it to the piece before."""
    for paragraph in paragraphs:
        if count_words(paragraph) <= most:
            yield "\n", paragraph
            continue
        for line in paragraph.splitlines():
            for number, sentence in enumerate(split_sentences(line)):
                yield " " if number else "\n", sentence


def _pack(pieces: Iterable[tuple[str, str]], words: int) -> Iterator[str]:
    text: list[str] = []
    count = 0
    for gap, piece in pieces:
        more = count_words(piece)
        if count and (count >= words or count + more > words * _SLACK):
            yield "".join(text)
            text, count = [], 0
        text.append(gap + piece if text else piece)
        count += more
    if text:
        yield "".join(text)
