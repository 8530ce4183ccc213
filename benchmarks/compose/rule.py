"""A rule that finds what an instruction excludes: the baseline that composes without any training."""

from __future__ import annotations

import re
from dataclasses import dataclass

_CUE = (
    r"\b(?:except(?: for)?|excluding|exclude|apart from|aside from|other than|rather than|instead of|"
    r"leav(?:e|ing) out|keep out|omit(?:ting)?|skip(?:ping)?|avoid(?:ing)?|spare me|minus|sans|save for|"
    r"free of|without|nothing (?:on|about|of|from|to do with)|nothing|but not|not (?:on|about)|neither|nor|"
    r"(?:do not|don't|does not|doesn't|must not|should not) (?:\w+ )?(?:about|on|to)?|not|no|never|none of)\b"
)
# Not an exclusion, though it looks like one.
_LEFT_ALONE = re.compile(
    r"\b(?:not only|not just|nothing but|no (?:more|less|fewer|later|sooner|earlier) than|not (?:un|with)\w*|"
    r"whether or not|no matter|no-\w+|nothing beats|without which|not until)\b",
    re.IGNORECASE,
)
# A comma goes on with the list unless a new clause opens behind it.
_END = (
    r"(?=$|[;:!?()]|\.(?!\d)|\bbut\b|,? (?:and |or |nor |, )?"
    + _CUE
    + r"|, (?:and |so )?(?:I|it|we|you|they|my|the rest|please|just|only|so|thank you)\b)"
)
_CLAUSE = re.compile(_CUE + r"(?P<what>[^;:!?()]*?)" + _END, re.IGNORECASE)
_LEAD = re.compile(
    r"^(?:\W*(?:any(?:thing|body|one|where)?|that|which|who|whatever|texts?|documents?|pages?|about|on|the|an?|of|"
    r"with|is|are|for|those|mention|want|deals? with)\b)+\s*",
    re.IGNORECASE,
)


@dataclass(frozen=True)
class Parsed:
    """The text without its exclusions, and what they exclude."""

    wanted: str
    excluded: tuple[str, ...]


def parse(text: str) -> Parsed:
    """Split a query with instructions at its exclusions.

    The scope of a cue ends with its clause. Texts in which nothing is found are left as they are.
    """
    hidden = _LEFT_ALONE.sub(lambda match: re.sub(r"[a-zA-Z]", "\1", match.group()), text)
    excluded: list[str] = []
    kept: list[str] = []
    end = 0
    for match in _CLAUSE.finditer(hidden):
        after = match.end()
        # In front, a comma ends the exclusion, and the query comes after it.
        if match.start() == 0 and after == len(text) and "," in match.group("what"):
            after = text.index(",", match.start("what"))
        what = _LEAD.sub("", text[match.start("what") : after].strip(" ,-"))
        if "\1" in match.group("what") or not re.search(r"\w", what):
            continue
        kept.append(text[end : match.start()])
        end = after
        excluded.append(what)
    if not excluded:
        return Parsed(text, ())
    wanted = re.sub(r"\s+", " ", " ".join([*kept, text[end:]])).strip(" ,.;:-")
    return Parsed(wanted or text, tuple(excluded))
