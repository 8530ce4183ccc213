"""Finds words about the task for which an instruction was written: people who search do not know it."""

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
    # "the passage of time", "the passage from India" are not about the task
    | \bthe[ ]passages?\b(?![ ](?:of|from|through|to|into|across|between|tomb|grave|about|where|in[ ]which)\b)
    # "passages that explain", but not the Bible's, which the query would name
    | \bpassages?(?=[ ](?:that|which|where|who|describ|discuss|mention|explain|contain|cover|say|deal))
    | \A\W*(?:only[ ]|just[ ]|any[ ]|all[ ]|no[ ])?passages?\b(?![ ](?:of|through|to)\b)
    | \bpassages?[ ](?-i:[A-Z])\b
    | \bthe[ ](?:forbidden|wanted|unwanted|relevant|excluded|desired|correct|right|wrong)[ ]passages?\b
    | \bthe[ ]instruction\b(?![ ](?:manual|book|leaflet|sheet|set|cache|pipeline|pointer|level|of)\b)
    | \bpassage[ ](?:no\.?[ ]?|number[ ]|\#)?\d+\b
    | \b(?:original|reversed|new|above|previous|first|old|given)[ ]instructions?\b
    | \b(?:no|there[ ]is[ ]an)[ ]instructions?[ ](?:that|which|can|could|meets?|fits?|is|are)\b
    # "A does not mention prices", where A is a passage; "A do-it-yourself repair" and "C does" may be said
    | \A\W*(?-i:[ABD-H])[ ](?:does|mentions|describes|discusses|says|explains|covers|lacks)\b
    | \b(?:bare|original|given)[ ]query\b
    | \b(?:relevance[ ]labels?|(?:doc|document|passage)[ _-]?ids?|candidate[ ]sets?)\b
    | </?(?:answer|new_instruction|think)>
    """,
    re.IGNORECASE | re.VERBOSE,
)
# One of these is in all of the above, and quickly found.
_TOPIC = re.compile(
    r"passage|doc|text|sample|instruction|negative|query|label|candidate|<|\A\W*[ABD-H] ", re.IGNORECASE
)
# Names of passages in prompts: N1, P+, D2, [3], "document 2".
_LABEL = re.compile(
    r"(?<![\w-])(?:[NPD][1-9]\d?|[NP][+*]|[NP]_\w|\[\d{1,2}\]"
    r"|(?i:doc(?:ument)?|text|candidate)[ _#]?\d{1,3})(?![\w-])"
)
_HAS_LETTER_AND_DIGIT = re.compile(r"(?=.*[^\W\d_])(?=.*\d)")


def find_task_talk(written: Written) -> str | None:
    """Find words about the task, or None.

    Words of the query or of a passage are allowed: "N1" is also a visa and a level of Japanese.
    """
    patterns = (_TALK, _LABEL) if _TOPIC.search(written.text) else (_LABEL,)
    ids = (passage.docid for passage in written.passages if _looks_like_an_id(passage.docid))
    suspects = chain(
        (found[0] for pattern in patterns for found in pattern.finditer(written.text)),
        (docid for docid in ids if _has_word(written.text, docid)),
    )
    return next((words for words in suspects if not _is_in_texts(words, written)), None)


def _looks_like_an_id(docid: str) -> bool:
    """Tell whether an id is neither a short number nor a plain word, which instructions have by chance."""
    return len(docid) >= 4 and bool(
        _HAS_LETTER_AND_DIGIT.match(docid) or (docid.isdigit() and len(docid) >= 6)
    )


def _is_in_texts(words: str, written: Written) -> bool:
    texts = (written.query, *(passage.encoded for passage in written.passages))
    return any(_has_word(text, words) for text in texts)


def _has_word(text: str, word: str) -> bool:
    # An id in each passage would be a pattern to compile for each.
    if text.isascii() and word.isascii() and word.lower() not in text.lower():
        return False
    return re.search(rf"(?<!\w){re.escape(word)}(?!\w)", text, re.IGNORECASE) is not None
