"""Types of the values in an API call, which arrive as any JSON."""

from __future__ import annotations

from flip.types import FlipError


def text_argument(value: object, name: str) -> str:
    """Return a text.

    :raises FlipError: if it is anything else.
    """
    if not isinstance(value, str):
        raise FlipError(f"the value {name} must be a text in quotes; this call has {_kind(value)}.")
    return value


def texts_argument(value: object, name: str) -> list[str]:
    """Return a list of texts.

    :raises FlipError: if it is no list, or an item is no text.
    """
    if not isinstance(value, list):
        raise FlipError(f"the value {name} must be a list of texts; this call has {_kind(value)}.")
    for number, item in enumerate(value, 1):
        if not isinstance(item, str):
            raise FlipError(f"the value {name} must be a list of texts; item {number} is {_kind(item)}.")
    return value


def number_argument(value: object, name: str) -> int:
    """Return a whole number; null counts as 0, which means not given.

    :raises FlipError: if it is anything else.
    """
    if value is None:
        return 0
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, bool) or not isinstance(value, int):
        raise FlipError(f"the value {name} must be a whole number; this call has {_kind(value)}.")
    return value


def _kind(value: object) -> str:
    """Name a JSON type in plain words."""
    kinds = {bool: "true or false", str: "a text", list: "a list", dict: "an object", type(None): "null"}
    if isinstance(value, float):
        return f"the number {value}"
    return kinds.get(type(value), "a number")
