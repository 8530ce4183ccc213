"""Rules that reverse an English constraint: pairs of a pattern and its replacement.

Patterns ignore case. Of all matching rules, the one with the earliest match in the text is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable

Rewrite = str | Callable[[re.Match[str]], str]
Rules = list[tuple[str, Rewrite]]


def _any(*words: str) -> str:
    return f"(?:{'|'.join(words)})"


_SMALL_NUMBERS = ("one", "two", "three", "four", "five", "six", "seven", "eight", "nine", "ten", "twelve")
_NUMBERS = (*_SMALL_NUMBERS, "twenty", "thirty", "forty", "fifty", "half", "hundred", "a dozen")
_SPANS = ("an hour", "a day", "a week", "a month", "a year", "a hundred", "a thousand")
_NUMBER = rf"(?=\s+(?:[$€£~]?\s?\d|{_any(*_NUMBERS, *_SPANS)}\b))"
_DIGITS = r"(?=\s+[$€£~]?\d)"
_YEAR = r"(?= (?:the )?(?:year )?\d{3,4}\b(?! (?:to|until|and|-)))"
_NOVICES = r"(?:complete |absolute |total )?" + _any(
    "beginners?", "novices?", "newcomers?", "lay ?people", "lay readers?", "lay persons?",
    "non-?specialists?", "non-?experts?", "amateurs?", "the general public", "general readers?",
)  # fmt: skip
_EXPERTS = _any(
    "experts?",
    "specialists?",
    "professionals?",
    "practitioners?",
    "researchers?",
    "academics?",
    "scientists?",
)
_CHILDREN = (
    r"(?:(?:small |young |primary-school )?(?:children|kids|pupils|toddlers)|"
    rf"(?:a |my )?{_any(*_SMALL_NUMBERS)}-year-olds?)"
)
_MEANT = _any("for", "by", "suited to", "suitable for", "aimed at", "written for")
_VERBS = _any(
    "mention", "discuss", "cover", "use", "contain", "include", "require", "need", "involve", "deal with",
    "refer to", "rely on", "describe", "explain", "give", "name", "cite", "quote", "concern", "call for",
    "have", "show", "list", "talk about",
)  # fmt: skip
_GIVE = _any("include", "show", "give", "return", "list", "bring", "offer", "recommend", "suggest", "tell")
_LEAVE_OUT = _any(
    "leave out", "exclude", "omit", "skip", "avoid", "drop", "ignore", "disregard", "rule out", "keep out",
    "pass over", "reject", "filter out",
)  # fmt: skip
_LEAVING_OUT = _any("leaving out", "excluding", "omitting", "skipping", "avoiding", "ignoring")
_LEFT_OUT = _any("left out", "left aside", "ignored", "skipped", "excluded", "omitted", "avoided", "dropped")
_UNWANTED = _any(
    "off[ -]topic", "irrelevant", "not relevant", "not wanted", "unwanted", "not needed", "not welcome",
    "unwelcome", "out of scope", "out", "of no (?:use|interest|help)(?: to (?:me|us))?", f"to be {_LEFT_OUT}",
)  # fmt: skip
_STATED = _any(
    "be", "come", "have", "give", "name", "explain", "mention", "contain", "include", "state", "cover",
    "deal", "involve", "report", "describe", "show", "say", "list", "rest", "draw", "date", "compare", "use",
    "treat", "tell", "address", "apply", "go", "appear",
)  # fmt: skip
_ABOUT = _any("about", "on", "that", "which", "with", "from", "for", "in", "concerned", "to do with")
_VAGUE = _any(
    "anything", "everything", "any texts?", "all texts", "pages?", "texts?", "documents?", "whatever"
)
# The verb before it may say something about the reader or a text: "have nothing to do with".
_FREE = (
    "".join(rf"(?<!\b{word} )" for word in ("have", "has", "had", "say", "says", "is", "are", "with")) + r"\b"
)
_DO_NOT_GIVE = rf"(?:please )?(?:do not|don't|never) ({_GIVE})\b( me)?"
# Followed by "that" and a singular verb.
_WHATEVER = _any("anything", "everything", "whatever")
_CONFINE = _any(
    "confine (?:yourself|it|them) to", "restrict (?:yourself|it|them) to", "limit (?:yourself|it|them) to",
    "stick to", r"keep to(?! \w+sel)", "focus on", "concentrate on",
)  # fmt: skip
# Such a word refers to another sentence, so this sentence cannot be reversed by itself.
_NO_PRONOUN = r"(?!(?:[\w'-]+ ){0,3}(?:both|either|neither|those|these|them)\b)"
_START = r"(?:(?<=^)|(?<=[.;!?] ))"
# The subject of a sentence, up to its first verb or conjunction, and the additions after the verdict.
_STOP = _any(
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
_SUBJECT = rf"{_START}{_NO_PRONOUN}((?:(?! {_STOP} )[^.;!?])+?)"
_ADDED = r"(?:,? (?:nor|as (?:is|are|should|does|do)|and so|and neither|however|not even)\b[^.;!?]*)?"


def _only(match: re.Match[str]) -> str:
    """Turn "anything on rust" into "only texts on rust", and "rust" into "only rust"."""
    subject = re.sub(rf"^(?:{_WHATEVER} (?:that|which)|whatever)\b", "what", match[1], flags=re.IGNORECASE)
    subject = re.sub(rf"^{_VAGUE}(?= (?:{_ABOUT}|\w+ing)\b)", "texts", subject, flags=re.IGNORECASE)
    return f"only {subject[:1].lower()}{subject[1:]}"


def _wanted(match: re.Match[str]) -> str:
    """Turn "anything on rust is irrelevant" into "only texts on rust are wanted"."""
    subject = _only(match)
    return f"{subject} {'are' if subject.startswith('only texts ') else match[2]} wanted"


def _but(match: re.Match[str]) -> str:
    """Turn "papers only" into "anything but papers"."""
    return f"anything but {match[1][:1].lower()}{match[1][1:]}"


def _third_person(match: re.Match[str]) -> str:
    """Turn "does not mention" into "mentions", "does not have" into "has"."""
    head, _, tail = match[1].partition(" ")
    verb = "has" if head.lower() == "have" else f"{head}s"
    return f"{verb} {tail}".rstrip()


def _swapped(*pairs: tuple[str, str]) -> Rules:
    """Return rules for both directions of each pair of words."""
    both = [*pairs, *((right, left) for left, right in pairs)]
    return [(rf"\b{re.escape(left)}\b", right) for left, right in both]


_LIMITS: Rules = [
    (rf"\b(?:(?:no|not) more than|at most|up to|a maximum of){_NUMBER}", "more than"),
    (rf"\b(?:(?:no|not) (?:less|fewer) than|at least|a minimum of){_DIGITS}", "less than"),
    (rf"\b(?:(?:no|not) (?:less|fewer) than|at least|a minimum of){_NUMBER}", "fewer than"),
    (rf"\b(?:more than|over|above|exceeding|upwards of){_NUMBER}", "at most"),
    (rf"\b(?:less than|fewer than|under|below){_NUMBER}", "at least"),
    (r"\b(?:(?:no|not) later than|not after) (?=\S)", "after "),
    (r"\b(?:(?:no|not) earlier than|not before) (?=\S)", "before "),
    (rf"\b(?:before|until|prior to|up to){_YEAR}", "since"),
    (r"\bfrom (\d{3,4}) on(?:wards?)?\b", r"before \1"),
    (rf"\b(?:after|since|later than|from){_YEAR}", "before"),
]
_AUDIENCES: Rules = [
    (rf"\bfor {_NOVICES}\b", "for experts"),
    (rf"\bfor {_EXPERTS}\b", "for beginners"),
    (rf"\b({_MEANT}) {_CHILDREN}\b", r"\1 adults"),
    (rf"\b({_MEANT}) (?:adults|grown-ups)\b", r"\1 children"),
    (
        r"\b(?:in )?(?:layman's terms|(?:plain|simple|everyday) (?:language|words|English))\b",
        "in technical language",
    ),
    (r"\bin technical (?:language|terms)\b", "in plain words"),
]
_EXCLUSIONS: Rules = [
    (rf"\b{_DO_NOT_GIVE} (?:anything|everything) (?:that|which)\b", r"only \1\2 what"),
    (rf"\b{_DO_NOT_GIVE} {_VAGUE} (?={_ABOUT}\b)", r"only \1\2 texts "),
    (rf"\b{_DO_NOT_GIVE}", r"only \1\2"),
    (rf"\b(?:do not|don't) (?={_VERBS}\b)", ""),
    (rf"\b(?:does not|doesn't) ({_VERBS})\b", _third_person),
    (rf"\b{_LEAVE_OUT} (?:(?:anything|everything) (?:that|which)|whatever) (?=\w)", "show only what "),
    (rf"\b{_LEAVE_OUT} {_VAGUE} (?={_ABOUT}\b)", "show only texts "),
    (rf"\b{_LEAVE_OUT} (?!any |every |each |all ){_NO_PRONOUN}(?=\w)", "show only "),
    (rf"\b{_LEAVING_OUT} (?=\w)", "showing only "),
    (r"\b(?:anything|everything|nothing|all) (?:but|except|other than|apart from) (?=\w)", "only "),
    (r"\bwithout (?=\w+ing\b)", ""),
    (r"\b(?:without|with no) (?:any )?(?=\w)", "with "),
    (rf"\b((?:(?!have){_VERBS}|want)s?) no (?=\w)", r"\1 "),
    (rf"{_FREE}nothing (?:that|which)\b", "only what"),
    (rf"{_FREE}nothing ({_ABOUT})\b {_NO_PRONOUN}", r"only texts \1 "),
    (
        rf"\bnot (about|on|for|from|by|{_any('aimed at', 'meant for', 'written for', 'related to')}|"
        r"concerned with|involving|based on|using)\b",
        r"only \1",
    ),
    (r"\b(must|should|may) (?:not|never)\b", lambda m: "must" if m[1].lower() == "may" else m[1]),
    (rf"{_SUBJECT},? (is|are) {_UNWANTED}\b(?: here)?{_ADDED}", _wanted),
    (
        rf"{_SUBJECT},? (?:can|may|should|must) be {_LEFT_OUT}\b{_ADDED}",
        lambda m: f"{_only(m)} will do",
    ),
    (
        rf"{_SUBJECT} (?:do|does) not (?:belong|count|qualify|help|interest me)\b(?: there| here)?{_ADDED}",
        lambda m: f"{_only(m)} will do",
    ),
]
_INCLUSIONS: Rules = [
    (r"(?<!not )\bonly (for|in|on|from|by|about|with|if|when|where|those|what)\b", r"not \1"),
    (
        rf"{_START}only ([^.;!?]+?) (is|are) (?:relevant|wanted|of use|of interest)\b",
        r"\1 \2 not wanted",
    ),
    (r"\b(for [\w -]+?) only\b", r"not \1"),
    (r"\bonly (want|need|accept|trust|read|use|care about|look for|looking for)\b", r"\1 anything but"),
    (r"(?<!not )\b(?:only|solely|exclusively) (?!a\b|one\b|the\b|few\b)(?=\w)", "anything but "),
    (rf"{_START}([^.;!?,]+?) only(?=[.!]|$)", _but),
    (rf"\b{_CONFINE} (?=\w)", "leave out "),
    (r"\b(?:limited|restricted|confined) to (?=\w)", "not about "),
]

PLAIN_RULES: Rules = [*_LIMITS, *_AUDIENCES, *_EXCLUSIONS, *_INCLUSIONS]

# Used only if no plain rule matches: these phrases often state no constraint.
WEAK_RULES: Rules = [
    (
        r"(?<!have )(?<!has )(?<!had )(?<!am )(?<!is )(?<!are )(?<!be )\bno "
        r"(?!(?:one|longer|more|less|fewer|matter|doubt|idea|way|such|later|earlier|time)\b)(?=\w)",
        "only ",
    ),
    (rf"\b(must|should) (?={_STATED}\b)", r"\1 not "),
    (r"\bnot (?!only\b|in (?:\w+ )?(?:language|English|French|German)\b)", ""),
    (r"\bbefore(?= (?!(?:or|I|we|you|each|every|long)\b)\w)", "after"),
    (
        r"(?<!look )(?<!looking )(?<!looks )(?<!looked )(?<!sought )(?<!sought-)(?<!day )(?<!named )"
        r"\bafter(?= (?!(?:all|I|we|you|each|every)\b)\w)",
        "before",
    ),
    *_swapped(
        ("advantages", "drawbacks"), ("benefits", "risks"), ("causes", "effects"),
        ("prevention", "treatment"), ("indoors", "outdoors"), ("indoor", "outdoor"), ("urban", "rural"),
        ("online", "offline"),
        ("qualitative", "quantitative"), ("in favour of", "against"), ("theoretical", "practical"),
        ("beginner", "expert"), ("introductory", "advanced"), ("recent", "older"), ("modern", "historical"),
        ("short", "detailed"), ("cheap", "expensive"), ("domestic", "foreign"), ("public", "private"),
    ),
    (r"\b(?:latest|newest|current|up-to-date)\b", "older"),
    (r"\b(?:brief|concise)\b", "detailed"),
]  # fmt: skip
