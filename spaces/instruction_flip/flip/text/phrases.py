"""Words and phrases of the rules that reverse a constraint, as patterns of regular expressions."""

from __future__ import annotations


def any_of(*words: str) -> str:
    """Return a pattern for one of several patterns."""
    return f"(?:{'|'.join(words)})"


_SMALL_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_NUMBERS = (*_SMALL_NUMBERS, "twenty", "thirty", "forty", "fifty", "half", "hundred", "a dozen")
_SPANS = ("an hour", "a day", "a week", "a month", "a year", "a hundred", "a thousand")
NUMBER = rf"(?=\s+(?:[$€£~]?\s?\d|{any_of(*_NUMBERS, *_SPANS)}\b))"
DIGITS = r"(?=\s+[$€£~]?\d)"
YEAR = r"(?= (?:the )?(?:year )?\d{3,4}\b(?! (?:to|until|and|-)))"
NOVICES = r"(?:complete |absolute |total )?" + any_of(
    "beginners?", "novices?", "newcomers?", "lay ?people", "lay readers?", "lay persons?",
    "non-?specialists?", "non-?experts?", "amateurs?", "the general public", "general readers?",
)  # fmt: skip
EXPERTS = any_of(
    "experts?",
    "specialists?",
    "professionals?",
    "practitioners?",
    "researchers?",
    "academics?",
    "scientists?",
)
CHILDREN = (
    r"(?:(?:small |young |primary-school )?(?:children|kids|pupils|toddlers)|"
    rf"(?:a |my )?{any_of(*_SMALL_NUMBERS)}-year-olds?)"
)
MEANT = any_of("for", "by", "suited to", "suitable for", "aimed at", "written for")
VERBS = any_of(
    "mention", "discuss", "cover", "use", "contain", "include", "require", "need", "involve", "deal with",
    "refer to", "rely on", "describe", "explain", "give", "name", "cite", "quote", "concern", "call for",
    "have", "show", "list", "talk about",
)  # fmt: skip
_GIVE = any_of("include", "show", "give", "return", "list", "bring", "offer", "recommend", "suggest", "tell")
LEAVE_OUT = any_of(
    "leave out", "exclude", "omit", "skip", "avoid", "drop", "ignore", "disregard", "rule out", "keep out",
    "pass over", "reject", "filter out",
)  # fmt: skip
LEAVING_OUT = any_of("leaving out", "excluding", "omitting", "skipping", "avoiding", "ignoring")
LEFT_OUT = any_of("left out", "left aside", "ignored", "skipped", "excluded", "omitted", "avoided", "dropped")
UNWANTED = any_of(
    "off[ -]topic", "irrelevant", "not relevant", "not wanted", "unwanted", "not needed", "not welcome",
    "unwelcome", "out of scope", "out", "of no (?:use|interest|help)(?: to (?:me|us))?", f"to be {LEFT_OUT}",
)  # fmt: skip
STATED = any_of(
    "be", "come", "have", "give", "name", "explain", "mention", "contain", "include", "state", "cover",
    "deal", "involve", "report", "describe", "show", "say", "list", "rest", "draw", "date", "compare", "use",
    "treat", "tell", "address", "apply", "go", "appear",
)  # fmt: skip
ABOUT = any_of("about", "on", "that", "which", "with", "from", "for", "in", "concerned", "to do with")
VAGUE = any_of(
    "anything", "everything", "any texts?", "all texts", "pages?", "texts?", "documents?", "whatever"
)
# The verb before it may say something about the reader or a text: "have nothing to do with".
FREE = (
    "".join(rf"(?<!\b{word} )" for word in ("have", "has", "had", "say", "says", "is", "are", "with")) + r"\b"
)
DO_NOT_GIVE = rf"(?:please )?(?:do not|don't|never) ({_GIVE})\b( me)?"
# Followed by "that" and a singular verb.
WHATEVER = any_of("anything", "everything", "whatever")
CONFINE = any_of(
    "confine (?:yourself|it|them) to", "restrict (?:yourself|it|them) to", "limit (?:yourself|it|them) to",
    "stick to", r"keep to(?! \w+sel)", "focus on", "concentrate on",
)  # fmt: skip
# Such a word refers to another sentence, so this sentence cannot be reversed by itself.
NO_PRONOUN = r"(?!(?:[\w'-]+ ){0,3}(?:both|either|neither|those|these|them)\b)"
START = r"(?:(?<=^)|(?<=[.;!?] ))"
# The subject of a sentence, up to its first verb or conjunction, and the additions after the verdict.
_STOP = any_of(
    "is",
    "are",
    "do",
    "does",
    "so",
    "because",
    "but",
    "and I",
    "while",
    "can",
    "may",
    "must",
    "should",
    "has to",
    "have to",
)
SUBJECT = rf"{START}{NO_PRONOUN}((?:(?! {_STOP} )[^.;!?])+?)"
ADDED = r"(?:,? (?:nor|as (?:is|are|should|does|do)|and so|and neither|however|not even)\b[^.;!?]*)?"
