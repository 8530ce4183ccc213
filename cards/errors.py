"""Input errors: bad input, a bad setting or a busy Hub, in one line that names the place and the remedy."""

from __future__ import annotations


class InputError(Exception):
    """Bad input or a bad setting; its text is shown as it is, without a traceback, with exit code 2.

    Every error that a user can correct is one of these, so that a command catches this class alone.
    """


class CardError(InputError):
    """A card cannot be written or read; the message names the file and the remedy."""


class HubError(InputError):
    """Something on the Hub cannot be read or written; the message is one line and names the remedy."""
