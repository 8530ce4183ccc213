"""Whether two files of weights hold the same numbers, without loading a model."""

from __future__ import annotations

import json
import mmap
from pathlib import Path
from typing import Any

WEIGHTS = "model.safetensors"
#: Counting numbers that older releases stored beside the weights.
_NO_WEIGHTS = ("__metadata__", "position_ids")


def same_weights(one: Path, other: Path) -> bool:
    """Compare two safetensors files by name, form and bytes of each tensor."""
    if not (one.is_file() and other.is_file()):
        return False
    with one.open("rb") as left, other.open("rb") as right:
        first = mmap.mmap(left.fileno(), 0, access=mmap.ACCESS_READ)
        second = mmap.mmap(right.fileno(), 0, access=mmap.ACCESS_READ)
        with first, second, memoryview(first) as these, memoryview(second) as those:
            here, there = _tensors(these), _tensors(those)
            return here.keys() == there.keys() and all(
                here[name][:2] == there[name][:2]
                and these[slice(*here[name][2])] == those[slice(*there[name][2])]
                for name in here
            )


def _tensors(data: memoryview) -> dict[str, tuple[str, list[int], tuple[int, int]]]:
    """Return kind, form and place of each tensor: eight bytes with the size of a JSON header come first."""
    size = int.from_bytes(data[:8], "little")
    header: dict[str, Any] = json.loads(bytes(data[8 : 8 + size]))
    return {
        name: (found["dtype"], found["shape"], (8 + size + begin, 8 + size + end))
        for name, found in header.items()
        if not name.endswith(_NO_WEIGHTS)
        for begin, end in [found["data_offsets"]]
    }
