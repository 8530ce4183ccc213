"""Types of the values in API calls."""

from __future__ import annotations

import pytest
from flip.text.arguments import number_argument, text_argument, texts_argument
from flip.types import FlipError


def test_values_of_the_right_type_pass() -> None:
    assert text_argument("", "query") == ""
    assert texts_argument(["a", "b"], "passages") == ["a", "b"]
    assert [number_argument(value, "wanted_a") for value in (2, 2.0, 0, None)] == [2, 2, 0, 0]


@pytest.mark.parametrize(
    ("check", "value", "message"),
    [
        (text_argument, None, "the value x must be a text in quotes; this call has null."),
        (text_argument, 5, "a text in quotes; this call has a number."),
        (text_argument, {}, "this call has an object."),
        (texts_argument, "a", "a list of texts; this call has a text."),
        (texts_argument, None, "a list of texts; this call has null."),
        (texts_argument, ["a", 2], "a list of texts; item 2 is a number."),
        (texts_argument, [["a"]], "item 1 is a list."),
        (number_argument, "1", "a whole number; this call has a text."),
        (number_argument, True, "this call has true or false."),
        (number_argument, 1.5, "this call has the number 1.5."),
        (number_argument, float("inf"), "this call has the number inf."),
        (number_argument, float("nan"), "this call has the number nan."),
    ],
)
def test_other_types_are_refused_in_words(check, value, message: str) -> None:
    with pytest.raises(FlipError) as caught:
        check(value, "x")
    assert message in str(caught.value)
