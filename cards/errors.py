"""Input errors: one line for the user that names the place and the remedy."""

from __future__ import annotations


class InputError(Exception):
    """Bad input or a bad setting; a command shows its text without a traceback and ends with exit code 2.

    Every error that a user can correct is of this class.
    """


class CardError(InputError):
    """A card cannot be written or read; the message names the file and the remedy."""


class HubError(InputError):
    """Something on the Hub cannot be read or written; the message is one line and names the remedy."""


def reason_of(error: BaseException) -> str:
    """Return the first line of an error, without a full stop; the name of its class if it has no text."""
    return next(iter(str(error).strip().splitlines()), type(error).__name__).rstrip(".")
