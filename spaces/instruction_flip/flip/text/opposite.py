"""Rule-based opposite of an instruction: the first constraint that a rule matches is reversed.

No model is used. Each rule in ``rules`` covers one way to state a constraint in English, and its reverse; if
no rule matches, there is no suggestion.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

from flip.text.rules import PLAIN_RULES, WEAK_RULES, Rewrite

_TIERS = [
    [(re.compile(pattern, re.IGNORECASE), rewrite) for pattern, rewrite in rules]
    for rules in (PLAIN_RULES, WEAK_RULES)
]


@dataclass(frozen=True)
class Opposite:
    """A suggested instruction, and the words of the original one that were reversed."""

    instruction: str
    turned: str


def suggest_opposite(instruction: str) -> Opposite | None:
    """Reverse the first constraint of an English instruction.

    :return: None if no rule matches.
    """
    text = " ".join(instruction.replace("\N{RIGHT SINGLE QUOTATION MARK}", "'").split())
    for rules in _TIERS:
        found = [
            (match.start(), order, match, rewrite)
            for order, (pattern, rewrite) in enumerate(rules)
            if (match := pattern.search(text))
        ]
        for _, _, match, rewrite in sorted(found, key=lambda item: item[:2]):
            result = _rewritten(text, match, rewrite)
            if result and result.lower() != text.lower():
                return Opposite(result, match[0].strip())
    return None


def _rewritten(text: str, match: re.Match[str], rewrite: Rewrite) -> str:
    turned = match.expand(rewrite) if isinstance(rewrite, str) else rewrite(match)
    tail = " ".join(f"{turned}{text[match.end() :]}".split())
    first = tail[:1].upper() if match[0][:1].isupper() else tail[:1].lower()
    return f"{text[: match.start()]}{first}{tail[1:]}".strip()
