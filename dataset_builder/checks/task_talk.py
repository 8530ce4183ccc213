"""Whether an instruction speaks of the task it was written for: a person who searches knows nothing of it."""

from __future__ import annotations

import re
from itertools import chain

from dualview.dataset_builder.checks.written import Written

_TALK = re.compile(
    r"""
    \b(?:instruction|hard)[ ]negatives?\b
    | \b(?:positive|negative|candidate|target|irrelevant[ ]candidate)[ ]+(?:passage|document|doc|sample)s?\b
    | \b(?:the|this|that|these|those)[ ](?:(?:above|following|given|provided|first|second|third|other|same|
          original|remaining|previous|listed|selected|chosen|supplied)[ ])+(?:passage|document|text|doc)s?\b
    | \b(?:passage|document|doc)s?[ ](?:above|below|provided|given[ ]above|listed)\b
    # "the passage of time", "the passage from India" are no talk of the task
    | \bthe[ ]passages?\b(?![ ](?:of|from|through|to|into|across|between|tomb|grave|about|where|in[ ]which)\b)
    | \bpassage[ ](?:no\.?[ ]?|number[ ]|\#)?\d+\b
    | \b(?:original|reversed|new|above|previous|first|old|given)[ ]instructions?\b
    | \b(?:bare|original|given)[ ]query\b
    | \b(?:relevance[ ]labels?|(?:doc|document|passage)[ _-]?ids?|candidate[ ]sets?)\b
    | </?(?:answer|new_instruction|think)>
    """,
    re.IGNORECASE | re.VERBOSE,
)
# One of these is in all of the above, and quickly found.
_TOPIC = re.compile(r"passage|doc|text|sample|instruction|negative|query|label|candidate|<", re.IGNORECASE)
# What prompts call passages: N1, P+, D2, [3], "document 2".
_LABEL = re.compile(
    r"(?<![\w-])(?:[NPD][1-9]\d?|[NP][+*]|[NP]_\w|\[\d{1,2}\]"
    r"|(?i:doc(?:ument)?|text|candidate)[ _#]?\d{1,3})(?![\w-])"
)
_HAS_LETTER_AND_DIGIT = re.compile(r"(?=.*[^\W\d_])(?=.*\d)")


def find_task_talk(written: Written) -> str | None:
    """The words that speak of the task, or None.

    What the query or a passage says itself is their matter: "N1" is also a visa and a level of Japanese.
    """
    patterns = (_TALK, _LABEL) if _TOPIC.search(written.text) else (_LABEL,)
    ids = (passage.docid for passage in written.passages if _looks_like_an_id(passage.docid))
    suspects = chain(
        (found[0] for pattern in patterns for found in pattern.finditer(written.text)),
        (docid for docid in ids if _has_word(written.text, docid)),
    )
    return next((words for words in suspects if not _is_said(words, written)), None)


def _looks_like_an_id(docid: str) -> bool:
    """Short numbers and plain words are ids in many corpora, and stand in instructions by chance."""
    return len(docid) >= 4 and bool(
        _HAS_LETTER_AND_DIGIT.match(docid) or (docid.isdigit() and len(docid) >= 6)
    )


def _is_said(words: str, written: Written) -> bool:
    said = (written.query, *(passage.encoded for passage in written.passages))
    return any(_has_word(text, words) for text in said)


def _has_word(text: str, word: str) -> bool:
    # An id in each passage would be a pattern to compile for each.
    if text.isascii() and word.isascii() and word.lower() not in text.lower():
        return False
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
