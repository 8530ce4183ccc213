"""Numbers of options, and the message for what is none."""

from __future__ import annotations

import argparse

import pytest

from dualview.dataset_builder.number_types import count, positive_int


def test_numbers_in_range_are_read() -> None:
    assert (positive_int("1"), positive_int("20"), count("0"), count("7")) == (1, 20, 0, 7)


@pytest.mark.parametrize("text", ["0", "-1", "1.5", "many", ""])
def test_anything_else_is_no_whole_number_above_0(text: str) -> None:
    with pytest.raises(argparse.ArgumentTypeError, match=f"'{text}' is not a whole number above 0"):
        positive_int(text)


def test_a_count_is_not_negative() -> None:
    with pytest.raises(argparse.ArgumentTypeError, match="'-1' is not a whole number from 0 on"):
        count("-1")
