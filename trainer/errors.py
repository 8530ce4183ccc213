"""Errors a user can mend: one line that names the place and the remedy."""

from __future__ import annotations


class InputError(Exception):
    """Bad input or a bad setting; its text is shown as it is, without a traceback, with exit code 2."""
