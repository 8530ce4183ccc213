"""Rule-based opposite of an instruction: right, or none.

No model is used. Each rule in ``rules`` covers one way to state a constraint in English, and its reverse.
There is no suggestion if no rule matches, or if the instruction states more than the rule reverses, as the
result could then contradict itself.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flip.text.contrast import names_both_sides, swap_sides
from flip.text.rules import PLAIN_RULES, WEAK_RULES, Rewrite

_TIERS = [
    [(re.compile(pattern, re.IGNORECASE), rewrite) for pattern, rewrite in rules]
    for rules in (PLAIN_RULES, WEAK_RULES)
]

#: Words of another constraint, or of a condition on this one.
_MORE = re.compile(
    r"\b(?:no|not|nor|neither|never|none|nothing|nobody|without|only|rather|instead|except|unless|either|both|"
    r"(?<!^)but|although|though|however|because|since(?! \d)|provided|already|enough|plenty|fill of|by heart|"
    r"if|at all|(?<=and )(?:tell|show|give|find|keep|go|concentrate|focus|stick|look|use)|beside the point|"
    r"off[ -]topic|irrelevant|unwanted)\b|n't\b|, so\b|, and (?!leave out\b|skip\b)|"
    # A pronoun stands for what another sentence says.
    r"\b(?:those|these|them|both)(?=[.,;:!?]|$)",
    re.IGNORECASE,
)
#: A sentence that only says who asks.
_BACKGROUND = re.compile(r"(?:I|We|My|Our)\b")
#: A sentence about the reader in which a "no" may be a circumstance, unless it says what is wanted.
_CIRCUMSTANCE = re.compile(r"(?:I|We|My|Our|You|The reader)\b", re.IGNORECASE)
_WANTS = re.compile(
    r"\b(?:want|need|accept|trust|read|use|care|look|looking|prefer|like|interested|asking)\b", re.IGNORECASE
)
_SENTENCE = re.compile(r"[^.;:!?]+[.;:!?]*(?: |$)")
#: Words before a constraint that want nothing themselves.
_OPENING = re.compile(r"(?:(?:but|so|and|please|can you|could you|I|we)?,? ?)*", re.IGNORECASE)
#: Words of an instruction whose meaning a vague rule can be trusted with.
_FEW_WORDS = 14


@dataclass(frozen=True)
class Opposite:
    """A suggested instruction, and the words of the original one that were reversed."""

    instruction: str
    turned: str


def suggest_opposite(instruction: str) -> Opposite | None:
    """Reverse the constraint of an English instruction.

    :return: None if no rule matches, or the instruction has more than one constraint.
    """
    text = " ".join(instruction.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    if names_both_sides(text):
        swapped = swap_sides(text)
        return Opposite(swapped, text) if swapped else None
    for rules in _TIERS:
        if rules is _TIERS[1] and len(text.split()) > _FEW_WORDS:
            break
        found = [
            (match.start(), order, match, rewrite)
            for order, (pattern, rewrite) in enumerate(rules)
            if (match := pattern.search(text))
        ]
        for _, _, match, rewrite in sorted(found, key=lambda item: item[:2]):
            result = _rewritten(text, match, rewrite)
            if result and result.lower() != text.lower():
                return Opposite(result, match[0].strip()) if _is_all(text, match, result) else None
    return None


def _is_all(text: str, match: re.Match[str], result: str) -> bool:
    """Check that an instruction states no other constraint than the one that a rule matched."""
    restricts = "only" in result.lower() and "only" not in text.lower()
    for sentence in _SENTENCE.finditer(text):
        if sentence.end() <= match.start() or match.end() <= sentence.start():
            if not _BACKGROUND.match(sentence[0]) or _MORE.search(sentence[0]) or _WANTS.search(sentence[0]):
                return False
        elif restricts and not _OPENING.fullmatch(text[sentence.start() : match.start()]):
            # "Its history, nothing on its price": "only" would exclude what the first part wants.
            return False
        elif _CIRCUMSTANCE.match(sentence[0]) and not _WANTS.search(text[sentence.start() : match.end()]):
            return False
    # "For adults only" is one constraint.
    after = text[match.end() :].removeprefix(" only")
    return _MORE.search(f"{text[: match.start()]} {after}".strip()) is None


def _rewritten(text: str, match: re.Match[str], rewrite: Rewrite) -> str:
    turned = match.expand(rewrite) if isinstance(rewrite, str) else rewrite(match)
    tail = " ".join(f"{turned}{text[match.end() :]}".split())
    first = tail[:1].upper() if match[0][:1].isupper() else tail[:1].lower()
    return f"{text[: match.start()]}{first}{tail[1:]}".strip()
