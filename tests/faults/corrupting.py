"""Damages a file in one of the ways in which disks, copies and people damage files."""

from __future__ import annotations

import random
from pathlib import Path

_PAGE = 4096


def corrupt(path: Path, chance: random.Random) -> str:
    """Damage a file in place; the same damage for the same seed.

    :returns: the kind of damage, for the message of a test.
    """
    data = bytearray(path.read_bytes())
    kind = chance.choice(["bit", "bytes", "page", "swapped pages", "cut", "zeros", "longer", "text"])
    place = chance.randrange(len(data))
    page = place // _PAGE * _PAGE
    if kind == "bit":
        data[place] ^= 1 << chance.randrange(8)
    elif kind == "bytes":
        for _ in range(chance.randint(2, 50)):
            data[chance.randrange(len(data))] = chance.randrange(256)
    elif kind == "page":
        data[page : page + _PAGE] = chance.randbytes(_PAGE)
    elif kind == "swapped pages":
        other = chance.randrange(len(data)) // _PAGE * _PAGE
        data[page : page + _PAGE], data[other : other + _PAGE] = (
            data[other : other + _PAGE],
            data[page : page + _PAGE],
        )
    elif kind == "cut":
        del data[place:]
    elif kind == "zeros":
        data[place : place + chance.randint(1, 3 * _PAGE)] = bytes(chance.randint(1, 3 * _PAGE))
    elif kind == "longer":
        data += chance.randbytes(chance.randint(1, 2 * _PAGE))
    else:
        # Letters that SQLite stores as they are: only what we check ourselves can notice it.
        found = data.find(b"Only ", place)
        if found >= 0:
            data[found : found + 5] = b"Each "
    path.write_bytes(data)
    return kind
