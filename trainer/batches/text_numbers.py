"""A number for a query or a text, by which the loss tells them apart."""

from __future__ import annotations

import hashlib


def number_of(text: str) -> int:
    """Number a text with 64 bits, the same in every process."""
    return int.from_bytes(hashlib.sha256(text.encode("utf-8", "surrogatepass")).digest()[:8], signed=True)
