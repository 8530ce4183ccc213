"""Faults of a network and a busy Hub, which tests switch on."""

from __future__ import annotations

import random
import re
from collections import Counter
from dataclasses import dataclass, field

KINDS = ("status", "rate", "drop", "lose", "slow", "race")


@dataclass
class Fault:
    """One kind of fault.

    ``status``: answered with a code. ``rate``: 429 with ``Retry-After``. ``drop``: the connection ends before
    the request is worked on. ``lose``: it ends after that, so the work is done and the answer lost. ``slow``:
    the answer takes its time. ``race``: another user commits to the branch just before the request does.

    :param on: regular expression, searched in "METHOD /path".
    :param times: how often at most, or None.
    :param chance: how likely a matching request is hit.
    :param seconds: of ``slow``, how long; of ``rate``, the ``Retry-After``.
    """

    kind: str
    on: str = ""
    times: int | None = 1
    chance: float = 1.0
    seconds: float = 0.0
    code: int = 503

    def __post_init__(self) -> None:
        if self.kind not in KINDS:
            raise ValueError(f"a fault is one of {', '.join(KINDS)}, not {self.kind!r}")


@dataclass
class Faults:
    """Active faults.

    :param seed: of the draws; with the same requests in the same order, the same faults.
    :param done: number of faults of each kind.
    """

    seed: int = 0
    active: list[Fault] = field(default_factory=list)
    done: Counter[str] = field(default_factory=Counter)

    def __post_init__(self) -> None:
        self._random = random.Random(self.seed)

    def switch_on(self, *faults: Fault) -> None:
        self.active += faults

    def switch_off(self) -> None:
        self.active.clear()

    def pick(self, method: str, path: str) -> Fault | None:
        """Return the fault for this request, or None."""
        for fault in self.active:
            if fault.kind == "race" and "/commit/" not in path:
                continue
            if fault.times == 0 or not re.search(fault.on, f"{method} {path}"):
                continue
            if self._random.random() < fault.chance:
                if fault.times is not None:
                    fault.times -= 1
                self.done[fault.kind] += 1
                return fault
        return None


def parse_faults(text: str) -> list[Fault]:
    """Read faults from a line such as ``status=0.1,rate=0.05,race=0.2``: kinds with their chances.

    :raises ValueError: if a part is not of that form.
    """
    faults = []
    for part in filter(None, text.split(",")):
        kind, _, chance = part.partition("=")
        seconds = {"slow": 0.5, "rate": 1.0}.get(kind, 0.0)
        faults.append(Fault(kind, times=None, chance=float(chance or 1), seconds=seconds))
    return faults
