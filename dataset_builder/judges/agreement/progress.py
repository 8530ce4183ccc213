"""Progress of a judge over views: a bar on a terminal, a line a minute elsewhere."""

from __future__ import annotations

import sys
import time
from types import TracebackType

import numpy as np
from tqdm import tqdm

from dualview.cards.terminal import write_line
from dualview.dataset_builder.judges.agreement.judged_pairs import Scores
from dualview.dataset_builder.judges.agreement.known_labels import KnownSet
from dualview.dataset_builder.llm.pacing import duration

_SECONDS = 60.0


class JudgingProgress:
    """Counts judged views, and tells how often the judge was right so far.

    :param views: number of views in all.
    """

    def __init__(self, views: int) -> None:
        self._views = views
        self._done = self._right = 0
        self._began = self._told = time.monotonic()
        self._bar = tqdm(total=views, desc="Judging", unit=" views", file=sys.stderr, disable=None)

    def __enter__(self) -> JudgingProgress:
        return self

    def __exit__(
        self, kind: type[BaseException] | None, error: BaseException | None, trace: TracebackType | None
    ) -> None:
        self._bar.close()

    def add(self, known: KnownSet, scores: Scores) -> None:
        """Count the views of a set.

        :param scores: of shape (views, passages).
        """
        for row, target in zip(scores, known.targets, strict=True):
            self._done += 1
            self._right += bool(len(row) > 1 and row[target] > np.delete(row, target).max())
        self._bar.update(len(known.targets))
        so_far = f"{self._right / self._done:.0%} right first"
        self._bar.set_postfix_str(so_far)
        now = time.monotonic()
        if self._bar.disable and now - self._told >= _SECONDS and self._done < self._views:
            self._told = now
            left = (now - self._began) / self._done * (self._views - self._done)
            write_line(f"Judging: {self._done} of {self._views} views, {so_far}; {duration(left)} left.")
