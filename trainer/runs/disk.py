"""Recognising a full disk, in the several ways in which libraries report it."""

from __future__ import annotations

import errno

_ERRNOS = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# torch and safetensors write through code of their own, which reports in words.
_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "file write failed",
    "failed writing file",
)


def is_out_of_space(error: BaseException | None) -> bool:
    """Say whether an error, or what caused it, is that nothing more can be written."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _ERRNOS:
            return True
        if any(words in str(error).lower() for words in _WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
