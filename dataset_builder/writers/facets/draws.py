"""Random draws from a hash of names alone: the same set gets the same words in every build."""

from __future__ import annotations

import hashlib
from collections.abc import Sequence
from typing import TypeVar

T = TypeVar("T")


class Draw:
    """Draws from 512 bits of a hash; one pair of views takes some 150 of them."""

    __slots__ = ("_state",)

    def __init__(self, *names: str) -> None:
        digest = hashlib.blake2b("\0".join(names).encode("utf-8", "surrogatepass"))
        self._state = int.from_bytes(digest.digest(), "little")

    def below(self, limit: int) -> int:
        """A number from 0 to ``limit - 1``."""
        self._state, drawn = divmod(self._state, limit)
        return drawn

    def pick(self, options: Sequence[T]) -> T:
        """One of the options."""
        return options[self.below(len(options))]

    def another(self, taken: int, limit: int) -> int:
        """A number from 0 to ``limit - 1`` other than ``taken``, where there is another."""
        return (taken + 1 + self.below(limit - 1)) % limit if limit > 1 else 0
