"""Values from YAML, the command line or a call, as the type of their setting."""

from __future__ import annotations

import os
from typing import Any, get_args, get_origin

from dualview.cards.errors import InputError
from dualview.trainer.option import shown

# Larger whole numbers are typing errors, and too large for what they would be used for.
_LARGEST = 10**12
_WORDS = {bool: "true or false", float: "a number", int: "a whole number", str: "text"}


def convert(place: str, value: object, kind: Any) -> Any:  # noqa: ANN401 - any value of any setting
    """Convert a value to the type of a setting.

    5e-5 is a string to YAML, 1 is fine for 1.0, a single name for a list of one, ``a=2`` for a mapping.

    :param place: where the value was given, for the message.
    :raises InputError: if the value is of another kind.
    """
    if get_origin(kind) is list:
        items = value if isinstance(value, (list, tuple)) else [value]
        return [convert(place, item, get_args(kind)[0]) for item in items]
    if get_origin(kind) is dict:
        return _mapping(place, value, get_args(kind)[1])
    if kind is str and isinstance(value, os.PathLike):
        return os.fspath(value)
    if kind in (int, float) and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        number = _number(value, kind)
        if number is not None:
            return number
    elif type(value) is kind:
        return value
    raise InputError(f"{place} is {shown(value)}; it must be {_WORDS[kind]}")


def _number(value: int | float | str, kind: type[int] | type[float]) -> int | float | None:
    try:
        number = float(value)
        if kind is float:
            return number
        return int(number) if number.is_integer() and abs(number) <= _LARGEST else None
    except (ValueError, OverflowError):
        return None


def _mapping(place: str, value: object, kind: Any) -> dict[str, Any]:  # noqa: ANN401 - as above
    if isinstance(value, dict):
        pairs = list(value.items())
    else:
        items = value if isinstance(value, (list, tuple)) else [value]
        pairs = [str(item).rpartition("=")[::2] for item in items]
    return {str(name): convert(place, number, kind) for name, number in pairs}
