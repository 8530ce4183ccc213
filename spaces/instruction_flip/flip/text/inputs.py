"""Validation of typed text: cleaning, limits, and splitting into passages."""

from __future__ import annotations

import re
from collections.abc import Sequence

from flip.types import Example, FlipError, Passage, View

MAX_PASSAGES = 200
MAX_PASSAGE_CHARS = 20_000
MAX_TOTAL_CHARS = 1_000_000
MAX_QUERY_CHARS = 1_000
MAX_INSTRUCTION_CHARS = 2_000
#: A first line up to this length, followed by more lines, is a title.
MAX_TITLE_CHARS = 120

# Unicode category Cc, except newline and tab; and byte-order marks, which pasted files begin with.
_CONTROLS = dict.fromkeys({*range(32), *range(127, 160), 0xFEFF} - {ord("\n"), ord("\t")})

LIMITS = (
    f"2 to {MAX_PASSAGES} passages, {MAX_PASSAGE_CHARS:,} characters each and {MAX_TOTAL_CHARS:,} in all; "
    f"query up to {MAX_QUERY_CHARS:,} and instructions up to {MAX_INSTRUCTION_CHARS:,} characters"
)


def clean(text: str | None) -> str:
    """Remove control characters and lone surrogates, and normalize line ends."""
    plain = (text or "").replace("\r\n", "\n").replace("\r", "\n")
    plain = plain.encode("utf-8", "replace").decode("utf-8")
    return plain.translate(_CONTROLS).strip()


def one_line(text: str | None, what: str, limit: int) -> str:
    """Return a cleaned query or instruction on one line.

    :raises FlipError: if it is empty or longer than ``limit`` characters.
    """
    if text is not None and len(text) > 2 * limit:
        raise FlipError(f"{what} has {len(text):,} characters; the limit is {limit:,}. Shorten it.")
    line = " ".join(clean(text).split())
    if not line:
        raise FlipError(f"{what} is empty. Enter some text.")
    if len(line) > limit:
        raise FlipError(f"{what} has {len(line):,} characters; the limit is {limit:,}. Shorten it.")
    return line


def split_passages(text: str | None) -> list[str]:
    """Split pasted text into paragraphs at blank lines.

    :raises FlipError: if the text is longer than ``MAX_TOTAL_CHARS``.
    """
    check_total(len(text or ""))
    return [part for part in re.split(r"\n[ \t]*\n", clean(text)) if part.strip()]


def make_passages(texts: Sequence[str]) -> tuple[Passage, ...]:
    """Turn paragraphs into passages; a short first line followed by more text is the title.

    :raises FlipError: if there are fewer than two, too many, or one is empty or too long.
    """
    _check_count(len(texts))
    check_total(sum(len(text) for text in texts))
    passages = []
    for number, raw in enumerate(texts, 1):
        text = clean(raw)
        if not text:
            raise FlipError(f"Passage {number} is empty. Remove it or enter some text.")
        if len(text) > MAX_PASSAGE_CHARS:
            raise FlipError(
                f"Passage {number} has {len(text):,} characters; the limit is {MAX_PASSAGE_CHARS:,}. "
                "Split it with blank lines."
            )
        first, _, rest = text.partition("\n")
        title, body = (first.strip(), rest.strip()) if rest and len(first) <= MAX_TITLE_CHARS else ("", text)
        passages.append(Passage(f"p{number:03d}", title, body))
    return tuple(passages)


def passage_choices(text: str | None) -> list[tuple[str, int]]:
    """Return the passages of pasted text as choices: number and first words, and the number; 0 for none."""
    try:
        texts = split_passages(text)[:MAX_PASSAGES]
    except FlipError:
        texts = []
    named = [
        (f"{number}: {' '.join(one.split(chr(10), 1)[0].split())[:60]}", number)
        for number, one in enumerate(texts, 1)
    ]
    return [("not given", 0), *named]


def check_question(
    query: str | None, instruction_a: str | None, instruction_b: str | None
) -> tuple[str, str, str]:
    """Return query and instructions, each cleaned and on one line.

    :raises FlipError: if one is empty or too long, or both instructions are the same.
    """
    line = one_line(query, "The query", MAX_QUERY_CHARS)
    first = one_line(instruction_a, "Instruction A", MAX_INSTRUCTION_CHARS)
    second = one_line(instruction_b, "Instruction B", MAX_INSTRUCTION_CHARS)
    if first == second:
        raise FlipError("Both instructions are the same, so the ranking cannot change. Change one of them.")
    return line, first, second


def make_example(
    query: str | None,
    instruction_a: str | None,
    instruction_b: str | None,
    texts: Sequence[str],
    wanted_a: float | None = None,
    wanted_b: float | None = None,
) -> Example:
    """Build an example from the user's own text.

    :param wanted_a: 1-based number of the passage that is relevant under instruction A, or None.
    :param wanted_b: the same for instruction B.
    :raises FlipError: if anything is missing, too long or contradictory.
    """
    line, first, second = check_question(query, instruction_a, instruction_b)
    passages = make_passages(texts)
    labels = (_wanted(wanted_a, "A", passages), _wanted(wanted_b, "B", passages))
    if labels[0] is not None and labels[0] == labels[1]:
        raise FlipError("Both instructions want the same passage. Choose two different passages.")
    if None in labels:
        labels = (None, None)
    views = (View(first, labels[0]), View(second, labels[1]))
    return Example("own", line, views, passages, source="your text", kind="own")


def _wanted(number: float | None, name: str, passages: Sequence[Passage]) -> str | None:
    if not number:
        return None
    if number not in range(1, len(passages) + 1):
        raise FlipError(f"The passage number for {name} must be a whole number from 1 to {len(passages)}.")
    return passages[int(number) - 1].docid


def _check_count(count: int) -> None:
    if count == 0:
        raise FlipError("There are no passages. Paste at least two, with a blank line between them.")
    if count == 1:
        raise FlipError("There is only one passage, so nothing to rank. Put a blank line between passages.")
    if count > MAX_PASSAGES:
        raise FlipError(f"There are {count:,} passages; the limit is {MAX_PASSAGES}. Remove some.")


def check_total(count: int) -> None:
    """Check the total number of characters.

    :raises FlipError: if there are more than ``MAX_TOTAL_CHARS``.
    """
    if count > MAX_TOTAL_CHARS:
        raise FlipError(
            f"The passages have {count:,} characters; the limit is {MAX_TOTAL_CHARS:,}. Remove some."
        )
