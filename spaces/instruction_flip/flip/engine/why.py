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

    Words that lead to another one go with it ("not its price" is one phrase), and no phrase goes beyond a
    comma or the end of a sentence.
    """
    found: list[list[str]] = [[]]
    for word in instruction.split():
        found[-1].append(word)
        if word.lower().strip("“”\"'") not in _LEADS or re.search(r"[,;:.!?]$", word):
            found.append([])
    parts = [part for part in found if part]
    # Words that lead nowhere belong to the phrase before them.
    if len(parts) > 1 and all(word.lower() in _LEADS for word in parts[-1]):
        last = parts.pop()
        parts[-1] += last
    while len(parts) > MAX_PHRASES:
        # Join the two neighbours that are shortest together.
        place = min(range(len(parts) - 1), key=lambda n: len(parts[n]) + len(parts[n + 1]))
        parts[place : place + 2] = [parts[place] + parts[place + 1]]
    return [" ".join(part) for part in parts]


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
