"""Why a passage is where it is: what each phrase of the instruction does to its score (leave-one-out)."""

from __future__ import annotations

import re
from dataclasses import dataclass

import numpy as np

from flip.engine.compare import TextEncoder
from flip.types import Example

#: Phrases of an instruction; a longer one has longer phrases.
MAX_PHRASES = 12
#: Words that mean nothing alone and go with the next one.
_LEADS = frozenset(
    """
    a an the its their his her my our your this that these those of on in at to for from by with
    about into and or but not no nor without than rather instead as is are was be it i me we us you
    they there what how which who please show give tell only any anything everything nothing do
    does don't must should can will would want need
    """.split()  # noqa: SIM905 - a list of words reads better as text
)


@dataclass(frozen=True)
class PhraseEffect:
    """What one phrase does.

    :param score: the passage's score with the phrase, less that without it.
    """

    phrase: str
    score: float


def phrases(instruction: str) -> list[str]:
    """Split an instruction into phrases; joined with spaces, they are the instruction again.

    A word that leads to another one begins a phrase ("not its price" is one), and no phrase goes beyond a
    comma or the end of a sentence.
    """
    parts: list[list[str]] = []
    for word in instruction.split():
        last = parts[-1][-1] if parts else ""
        if not parts or re.search(r"[,;:.!?]$", last) or (_leads(word) and not _leads(last)):
            parts.append([])
        parts[-1].append(word)
    # Words that lead nowhere belong to the phrase before them.
    if len(parts) > 1 and all(map(_leads, parts[-1])):
        parts[-2:] = [parts[-2] + parts[-1]]
    while len(parts) > MAX_PHRASES:
        # Join the two neighbours that are shortest together.
        place = min(range(len(parts) - 1), key=lambda n: len(parts[n]) + len(parts[n + 1]))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return [" ".join(part) for part in parts]


def _leads(word: str) -> bool:
    return word.lower().strip("“”\"',;:.!?") in _LEADS


def explain(example: Example, encoder: TextEncoder, view: int, docid: str) -> list[PhraseEffect]:
    """Return the effect of each phrase on the score of a passage.

    One batch of queries, each without one phrase; the passage's vector is in the cache.

    :param view: index of the instruction.
    """
    parts = phrases(example.views[view].instruction)
    lines = [" ".join(parts[:number] + parts[number + 1 :]) for number in range(len(parts))]
    whole = encoder.join(example.query, example.views[view].instruction)
    queries = [whole, *(encoder.join(example.query, line) if line else example.query for line in lines)]
    passage = encoder.encode([example.passage(docid).joined], "passage")[0]
    scores: np.ndarray = encoder.encode(queries, "query") @ passage
    return [
        PhraseEffect(part, float(scores[0] - score)) for part, score in zip(parts, scores[1:], strict=True)
    ]
