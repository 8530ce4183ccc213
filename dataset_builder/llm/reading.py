"""Reads what `AsyncInferenceClient` gives as a reply, whatever the server has put into it."""

from __future__ import annotations

import re
from collections.abc import Mapping
from typing import Any

from dualview.dataset_builder.llm.budget import estimate_tokens
from dualview.dataset_builder.llm.connection import Server
from dualview.dataset_builder.llm.failures import BrokenReplyError
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest, TokenChoice

_SURROGATES = re.compile("[\\ud800-\\udfff]")
# The logarithms a judge reads are those of the first word.
_KEPT_LOGPROBS = 8


def read_completion(
    completion: Mapping[str, Any], request: LlmRequest, seconds: float, server: Server
) -> LlmReply:
    """The reply in a chat completion, as text that can be stored; its cost is left to the caller.

    Where the server counts no tokens, they are estimated.

    :raises BrokenReplyError: if there is no message in it.
    """
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        raise BrokenReplyError("the response holds no choices")
    choice = choices[0]
    message = choice.get("message")
    if not isinstance(message, Mapping):
        raise BrokenReplyError("the response holds no message")
    content = message.get("content")
    text = _storable(content) if isinstance(content, str) else ""
    usage = completion.get("usage")
    prompt_tokens = _count(usage, "prompt_tokens")
    completion_tokens = _count(usage, "completion_tokens")
    return LlmReply(
        text=server.without_key(text),
        finish_reason=_storable(choice.get("finish_reason") or ""),
        prompt_tokens=estimate_tokens(request) if prompt_tokens is None else prompt_tokens,
        completion_tokens=len(text.encode()) // 4 if completion_tokens is None else completion_tokens,
        seconds=seconds,
        logprobs=_logprobs(choice.get("logprobs")) if request.top_logprobs else (),
    )


def _storable(value: object) -> str:
    """The value as text without halves of surrogate pairs, which JSON may bring and no file can hold."""
    return _SURROGATES.sub("\ufffd", str(value))


def _count(usage: object, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, Mapping) else None
    return value if isinstance(value, int) and value >= 0 else None


def _logprobs(given: object) -> tuple[TokenChoice, ...]:
    """The first tokens with their alternatives; nothing where the server's form is not OpenAI's."""
    content = given.get("content") if isinstance(given, Mapping) else None
    if not isinstance(content, list):
        return ()
    try:
        return tuple(
            TokenChoice(
                _storable(entry["token"]),
                {
                    _storable(way["token"]): float(way["logprob"])
                    for way in entry.get("top_logprobs") or [entry]
                },
            )
            for entry in content[:_KEPT_LOGPROBS]
        )
    except (KeyError, TypeError, ValueError, AttributeError):
        return ()
