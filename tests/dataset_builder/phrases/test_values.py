"""Years, amounts and versions of a text."""

from __future__ import annotations

import pytest

from dualview.dataset_builder.phrases.values import (
    AMOUNT,
    VERSION,
    YEAR,
    Quantity,
    read_values,
    value_between,
)
from dualview.dataset_builder.phrases.word_lists import load_words

MINUTES, EUROS, POUNDS = (Quantity(AMOUNT, form) for form in ("{n} minutes", "€{n}", "£{n}"))


@pytest.mark.parametrize(
    ("text", "values"),
    [
        ("In 1931 or 2024, not 31/1999, 1,950 or #1950.", {Quantity(YEAR): {1931, 2024}}),
        ("It takes 20 minutes, at most 25-30 min.", {MINUTES: {20, 25, 30}}),
        ("€95 or 1,200 euros, and 3.50 EUR", {EUROS: {95, 1200, 3.5}}),
        ("£39 and not GBP-like 40", {POUNDS: {39}}),
        ("From version 3.10 on, v4, release 5", {Quantity(VERSION): {3.1, 4, 5}}),
        ("Nothing at all, and 42.", {}),
        ("Turkish letters: 5 m\u0131nutes and 5 M\u0130NUTES, and 6 minutes.", {MINUTES: {6}}),
    ],
)
def test_reads_values_by_what_they_measure(text: str, values: dict[Quantity, set[float]]) -> None:
    assert read_values(text, load_words("en")) == {key: frozenset(found) for key, found in values.items()}


def test_a_limit_is_round_and_strictly_between() -> None:
    year, amount = Quantity(YEAR), EUROS
    assert value_between(year, 1931, 1987) == 1950
    assert value_between(year, 2018, 2019) is None
    assert value_between(year, 2018, 2020) == 2019
    assert value_between(amount, 39, 68) == 50
    assert value_between(amount, 1, 2) == 1.5
    assert (year.write(1950), amount.write(1.5), amount.write(12_000)) == ("1950", "€1.5", "€12,000")
