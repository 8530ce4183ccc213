"""The most frequent kinds of something, and the rest put together."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from typing import TypeVar

OTHERS = "all others"
_Member = TypeVar("_Member")


def most_frequent(groups: Mapping[str, Sequence[_Member]], shown: int) -> list[tuple[str, Sequence[_Member]]]:
    """Order groups by size, then by name; from the ``shown``-th on they are one.

    :param groups: members by name.
    """
    ordered = sorted(groups.items(), key=lambda item: (-len(item[1]), item[0]))
    if len(ordered) <= shown:
        return ordered
    rest = [member for _, members in ordered[shown - 1 :] for member in members]
    return [*ordered[: shown - 1], (OTHERS, rest)]
