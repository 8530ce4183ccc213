"""Numbers of options, refused in one clear message where they are out of range or no numbers."""

from __future__ import annotations

import argparse


def positive_int(text: str) -> int:
    """Read a whole number above 0."""
    return _whole_number(text, 1, "above 0")


def count(text: str) -> int:
    """Read a whole number from 0 on."""
    return _whole_number(text, 0, "from 0 on")


def _whole_number(text: str, lowest: int, range_: str) -> int:
    try:
        number = int(text)
    except ValueError:
        number = lowest - 1
    if number < lowest:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number {range_}")
    return number
