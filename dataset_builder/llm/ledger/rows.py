"""Rows of the ledger with a reply: their columns, their checksum, and how they become a reply again."""

from __future__ import annotations

import json
import zlib
from collections.abc import Sequence
from typing import Any

from dualview.dataset_builder.llm.messages import LlmReply, TokenChoice

#: Columns that :func:`read_row` reads, in this order.
KEPT = (
    "reply, finish_reason, prompt_tokens, completion_tokens, seconds, attempts, cost, logprobs, checksum, "
    "cached_tokens"
)


def checksum(key: str, *texts: str | None) -> int:
    """Compute the checksum of a row: CRC-32 of the key, the reply, the finish reason and the logarithms."""
    return zlib.crc32(json.dumps([key, *texts]).encode())


def read_row(key: str, row: Sequence[Any]) -> LlmReply:
    """Read the reply in a row of the columns ``KEPT``.

    :raises TypeError: if a value is of another type than was written.
    :raises ValueError: if the logarithms are no JSON of the form that was written, or the checksum is wrong.
    """
    text, finish_reason, prompt_tokens, completion_tokens, seconds, attempts, cost, logprobs = row[:8]
    written, cached_tokens = row[8:10]
    choices = json.loads(logprobs) if logprobs else []
    texts, counts = (text, finish_reason), (prompt_tokens, completion_tokens, attempts)
    if not (
        all(isinstance(value, str) for value in texts)
        and all(isinstance(value, int) for value in counts)
        and isinstance(seconds, float)
        and isinstance(cost, float | None)
        and isinstance(cached_tokens, int | None)
    ):
        raise TypeError("a value of another type")
    # Rows of format 1 have none.
    if written is not None and written != checksum(key, text, finish_reason, logprobs):
        raise ValueError("another checksum")
    return LlmReply(
        text=text,
        finish_reason=finish_reason,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        seconds=seconds,
        attempts=attempts,
        cost=cost,
        logprobs=tuple(TokenChoice(token, dict(ways.items())) for token, ways in choices),
        cached_tokens=cached_tokens,
    )
