"""Rules that reverse an English constraint: pairs of a pattern and its replacement.

Patterns ignore case. Of all matching rules, the one with the earliest match in the text is used.
"""

from __future__ import annotations

import re
from collections.abc import Callable

from flip.text.phrases import (
    ABOUT,
    ADDED,
    CHILDREN,
    CONFINE,
    DIGITS,
    DO_NOT_GIVE,
    EXPERTS,
    FREE,
    LEAVE_OUT,
    LEAVING_OUT,
    LEFT_OUT,
    MEANT,
    NO_PRONOUN,
    NOVICES,
    NUMBER,
    START,
    STATED,
    SUBJECT,
    UNWANTED,
    VAGUE,
    VERBS,
    WHATEVER,
    YEAR,
    any_of,
)

Rewrite = str | Callable[[re.Match[str]], str]
Rules = list[tuple[str, Rewrite]]


def _only(match: re.Match[str]) -> str:
    """Turn "anything on rust" into "only texts on rust", and "rust" into "only rust"."""
    subject = re.sub(rf"^(?:{WHATEVER} (?:that|which)|whatever)\b", "what", match[1], flags=re.IGNORECASE)
    subject = re.sub(rf"^{VAGUE}(?= (?:{ABOUT}|\w+ing)\b)", "texts", subject, flags=re.IGNORECASE)
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
    (rf"\b(?:(?:no|not) more than|at most|up to|a maximum of){NUMBER}", "more than"),
    (rf"\b(?:(?:no|not) (?:less|fewer) than|at least|a minimum of){DIGITS}", "less than"),
    (rf"\b(?:(?:no|not) (?:less|fewer) than|at least|a minimum of){NUMBER}", "fewer than"),
    (rf"\b(?:more than|over|above|exceeding|upwards of){NUMBER}", "at most"),
    (rf"\b(?:less than|fewer than|under|below){NUMBER}", "at least"),
    (r"\b(?:(?:no|not) later than|not after) (?=\S)", "after "),
    (r"\b(?:(?:no|not) earlier than|not before) (?=\S)", "before "),
    (rf"\b(?:before|until|prior to|up to){YEAR}", "since"),
    (r"\bfrom (\d{3,4}) on(?:wards?)?\b", r"before \1"),
    (rf"\b(?:after|since|later than|from){YEAR}", "before"),
]
_AUDIENCES: Rules = [
    (rf"\bfor {NOVICES}\b", "for experts"),
    (rf"\bfor {EXPERTS}\b", "for beginners"),
    (rf"\b({MEANT}) {CHILDREN}\b", r"\1 adults"),
    (rf"\b({MEANT}) (?:adults|grown-ups)\b", r"\1 children"),
    (
        r"\b(?:in )?(?:layman's terms|(?:plain|simple|everyday) (?:language|words|English))\b",
        "in technical language",
    ),
    (r"\bin technical (?:language|terms)\b", "in plain words"),
]
_EXCLUSIONS: Rules = [
    (rf"\b{DO_NOT_GIVE} (?:anything|everything) (?:that|which)\b", r"only \1\2 what"),
    (rf"\b{DO_NOT_GIVE} {VAGUE} (?={ABOUT}\b)", r"only \1\2 texts "),
    (rf"\b{DO_NOT_GIVE}", r"only \1\2"),
    (rf"\b(?:do not|don't) (?={VERBS}\b)", ""),
    (rf"\b(?:does not|doesn't) ({VERBS})\b", _third_person),
    (rf"\b{LEAVE_OUT} (?:(?:anything|everything) (?:that|which)|whatever) (?=\w)", "show only what "),
    (rf"\b{LEAVE_OUT} {VAGUE} (?={ABOUT}\b)", "show only texts "),
    (rf"\b{LEAVE_OUT} (?!any |every |each |all ){NO_PRONOUN}(?=\w)", "show only "),
    (rf"\b{LEAVING_OUT} (?=\w)", "showing only "),
    (r"\b(?:anything|everything|nothing|all) (?:but|except|other than|apart from) (?=\w)", "only "),
    (r"\bwithout (?=\w+ing\b)", ""),
    (r"\b(?:without|with no) (?:any )?(?=\w)", "with "),
    (rf"\b((?:(?!have){VERBS}|want)s?) no (?=\w)", r"\1 "),
    (rf"{FREE}nothing (?:that|which)\b", "only what"),
    (rf"{FREE}nothing ({ABOUT})\b {NO_PRONOUN}", r"only texts \1 "),
    (
        rf"\bnot (about|on|for|from|by|{any_of('aimed at', 'meant for', 'written for', 'related to')}|"
        r"concerned with|involving|based on|using)\b",
        r"only \1",
    ),
    (r"\b(must|should|may) (?:not|never)\b", lambda m: "must" if m[1].lower() == "may" else m[1]),
    (rf"{SUBJECT},? (is|are) {UNWANTED}\b(?: here)?{ADDED}", _wanted),
    (
        rf"{SUBJECT},? (?:can|may|should|must) be {LEFT_OUT}\b{ADDED}",
        lambda m: f"{_only(m)} will do",
    ),
    (
        rf"{SUBJECT} (?:do|does) not (?:belong|count|qualify|help|interest me)\b(?: there| here)?{ADDED}",
        lambda m: f"{_only(m)} will do",
    ),
]
_INCLUSIONS: Rules = [
    (r"(?<!not )\bonly (for|in|on|from|by|about|with|if|when|where|those|what)\b", r"not \1"),
    (
        rf"{START}only ([^.;!?]+?) (is|are) (?:relevant|wanted|of use|of interest)\b",
        r"\1 \2 not wanted",
    ),
    (r"\b(for [\w -]+?) only\b", r"not \1"),
    (r"\bonly (want|need|accept|trust|read|use|care about|look for|looking for)\b", r"\1 anything but"),
    (r"(?<!not )\b(?:only|solely|exclusively) (?!a\b|one\b|the\b|few\b)(?=\w)", "anything but "),
    (rf"{START}([^.;!?,]+?) only(?=[.!]|$)", _but),
    (rf"\b{CONFINE} (?=\w)", "leave out "),
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
    (rf"\b(must|should) (?={STATED}\b)", r"\1 not "),
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
