"""Instructions varied while training, against learning by heart: words left out, two joined into one."""

from __future__ import annotations

import random
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from dualview.trainer.composition.cue_table import load_cues
from dualview.trainer.composition.words import read_words


@dataclass(frozen=True)
class Variation:
    """Shares by which the instructions of a training row are varied.

    :param dropped_words: share of an instruction's words that are left out. Words of at most three letters
        and those of English cues stay, since without them an instruction says something else.
    :param joined: share of the instructions that are joined with another one of the row that wants the same
        passages; what either of them excludes is excluded.
    """

    dropped_words: float = 0.0
    joined: float = 0.0

    def __bool__(self) -> bool:
        return self.dropped_words > 0 or self.joined > 0

    def of(self, row: Mapping[str, Any], batch: str) -> dict[str, Any]:
        """Return a row with varied instructions.

        :param row: from :func:`dualview.trainer.data.candidate_rows.candidate_rows`.
        :param batch: a text that identifies the batch: the same one draws the same again.
        """
        draws = random.Random(f"{batch}\x1f{row['query_id']}")
        texts, negatives = list(row["instructions"]), [list(places) for places in row["negative"]]
        for view, relevant in enumerate(row["relevant"]):
            if not row["instructions"][view]:
                continue
            others = [
                other
                for other, wanted in enumerate(row["relevant"])
                if other != view and wanted == relevant and row["instructions"][other]
            ]
            if others and draws.random() < self.joined:
                other = draws.choice(others)
                texts[view] = f"{texts[view].rstrip(' .;,')}; {row['instructions'][other]}"
                negatives[view] = sorted({*negatives[view], *row["negative"][other]})
            if self.dropped_words:
                texts[view] = _thinned(texts[view], self.dropped_words, draws)
        return {**row, "instructions": texts, "negative": negatives}


def _thinned(text: str, share: float, draws: random.Random) -> str:
    cues = load_cues("en").words
    kept = [
        word
        for word in text.split()
        if len(word) <= 3 or any(part.key in cues for part in read_words(word)) or draws.random() >= share
    ]
    return " ".join(kept) or text
