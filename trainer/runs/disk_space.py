"""Recognition of a full disk in the errors of several libraries."""

from __future__ import annotations

import errno

_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# torch and safetensors write through code of their own, which reports in words.
_OUT_OF_SPACE_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "file write failed",
    "failed writing file",
)


def is_out_of_space(error: BaseException | None) -> bool:
    """Return whether an error, or its cause, is a full disk, in one of the ways that libraries report it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _OUT_OF_SPACE:
            return True
        if any(words in str(error).lower() for words in _OUT_OF_SPACE_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False
