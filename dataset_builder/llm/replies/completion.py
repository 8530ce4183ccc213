"""Reads a chat completion as a reply, in the many forms that servers send."""

from __future__ import annotations

import json
import re
from collections.abc import Iterator, Mapping
from typing import Any

from dualview.cards.text import one_line
from dualview.dataset_builder.llm.budget import estimate_tokens
from dualview.dataset_builder.llm.connection import Server
from dualview.dataset_builder.llm.failures import BrokenReplyError, Failure, NoAnswerError, Remedy
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest, TokenChoice

_SURROGATES = re.compile("[\\ud800-\\udfff]")
# A judge reads the logarithms of the first word only.
_KEPT_LOGPROBS = 8
# More than any model can read; a server that counts more has made a mistake.
_MOST_TOKENS = 10**8
_LONGEST_FINISH = 40
_CUT_OFF = ("length", "max_tokens")


def read_completion(
    completion: Mapping[str, Any], request: LlmRequest, seconds: float, server: Server
) -> LlmReply:
    """Read the reply in a chat completion, as text that can be stored; its cost is left to the caller.

    The API key is removed from every field. Where the server counts no tokens, or an absurd number, they are
    estimated.

    :raises BrokenReplyError: if there is no message in it.
    :raises NoAnswerError: if the message holds no answer: it is empty, was cut off before the answer, or the
        model refuses.
    """
    choice, message = _first_choice(completion)
    finish = server.redact(_storable(choice.get("finish_reason") or ""))
    finish = one_line(finish)[:_LONGEST_FINISH]
    text = server.redact(_storable(read_text(message)))
    if not text.strip() and request.schema is not None and finish not in _CUT_OFF:
        # Thoughts may hold the answer where it has a form that can be told from them.
        text = server.redact(_storable(_thoughts(message)))
    usage = completion.get("usage")
    prompt_tokens = _count(usage, "prompt_tokens")
    completion_tokens = _count(usage, "completion_tokens")
    if prompt_tokens is None:
        prompt_tokens = estimate_tokens(request)
    if completion_tokens is None:
        completion_tokens = len(text.encode()) // 4
    if not text.strip():
        raise NoAnswerError(_why_empty(message, finish, prompt_tokens, completion_tokens))
    return LlmReply(
        text=text,
        finish_reason=finish,
        prompt_tokens=prompt_tokens,
        completion_tokens=completion_tokens,
        seconds=seconds,
        logprobs=_logprobs(choice.get("logprobs"), server) if request.top_logprobs else (),
        cached_tokens=_cached(completion, prompt_tokens),
    )


def read_text(message: Mapping[str, Any]) -> str:
    """The answer in a message: its content, as text or as a list of parts, or what it calls a tool with."""
    text = "".join(_parts(message.get("content")))
    return text if text.strip() else "".join(_tool_arguments(message.get("tool_calls")))


def first_text(completion: Mapping[str, Any]) -> str:
    """The answer in the first choice of a completion.

    :raises BrokenReplyError: if there is no message in it.
    """
    return read_text(_first_choice(completion)[1])


def count_reply_tokens(completion: Mapping[str, Any], text: str) -> int:
    """Count the tokens of a completion's answer, as the server counts them; at least 1.

    :param text: the answer, to estimate them where the server counts none.
    """
    counted = _count(completion.get("usage"), "completion_tokens")
    return max(1, len(text.encode()) // 4 if counted is None else counted)


def _first_choice(completion: Mapping[str, Any]) -> tuple[Mapping[str, Any], Mapping[str, Any]]:
    choices = completion.get("choices")
    if not isinstance(choices, list) or not choices or not isinstance(choices[0], Mapping):
        error = completion.get("error")
        words = f": {json.dumps(error, ensure_ascii=False, default=str)}" if error else ""
        raise BrokenReplyError(f"the response holds no choices{words}")
    message = choices[0].get("message")
    if not isinstance(message, Mapping):
        raise BrokenReplyError("the response holds no message")
    return choices[0], message


def _parts(content: object) -> Iterator[str]:
    """The text in a content; parts that are thoughts, refusals or pictures are left out."""
    if isinstance(content, str):
        yield content
    for part in content if isinstance(content, list) else []:
        if isinstance(part, str):
            yield part
        elif isinstance(part, Mapping) and part.get("type") in (None, "text", "output_text"):
            text = part.get("text")
            if isinstance(text, str):
                yield text


def _tool_arguments(calls: object) -> Iterator[str]:
    for call in calls if isinstance(calls, list) else []:
        function = call.get("function") if isinstance(call, Mapping) else None
        arguments = function.get("arguments") if isinstance(function, Mapping) else None
        if isinstance(arguments, str):
            yield arguments
        elif isinstance(arguments, Mapping):
            yield json.dumps(arguments, ensure_ascii=False, default=str)


def _thoughts(message: Mapping[str, Any]) -> str:
    for name in ("reasoning_content", "reasoning"):
        text = "".join(_parts(message.get(name)))
        if text.strip():
            return text
    return ""


def _refusal(message: Mapping[str, Any]) -> str:
    given = message.get("refusal")
    if isinstance(given, str) and given.strip():
        return given
    content = message.get("content")
    parts = [part for part in content if isinstance(part, Mapping)] if isinstance(content, list) else []
    return "".join(str(part["refusal"]) for part in parts if part.get("refusal"))


def _why_empty(
    message: Mapping[str, Any], finish: str, prompt_tokens: int, completion_tokens: int
) -> Failure:
    remedy: Remedy = "refused"
    if refusal := _refusal(message):
        reason, words = "refusal", f"the model refuses: {_storable(refusal)}"
    elif finish in _CUT_OFF:
        reason = "cut_off"
        words = "the reply was cut off before the answer; a higher --max-tokens leaves room for it"
    elif finish == "content_filter":
        reason, words = "content_filter", "the server's content filter held the answer back"
    else:
        remedy, reason, words = "again", "empty_reply", "the reply is empty"
    return Failure(remedy, reason, words, prompt_tokens=prompt_tokens, completion_tokens=completion_tokens)


def _storable(value: object) -> str:
    """The value as text without halves of surrogate pairs, which JSON may bring and no file can hold."""
    return _SURROGATES.sub("\ufffd", str(value))


def _count(usage: object, name: str) -> int | None:
    value = usage.get(name) if isinstance(usage, Mapping) else None
    if isinstance(value, float) and value.is_integer():
        value = int(value)
    if isinstance(value, int) and not isinstance(value, bool) and 0 <= value <= _MOST_TOKENS:
        return value
    return None


def _cached(completion: Mapping[str, Any], prompt_tokens: int) -> int | None:
    """The tokens of the prompt that came from the server's cache, in OpenAI's or llama.cpp's words."""
    usage = completion.get("usage")
    details = usage.get("prompt_tokens_details") if isinstance(usage, Mapping) else None
    found = _count(details, "cached_tokens")
    if found is None:
        found = _count(completion.get("timings"), "cache_n")
    return None if found is None else min(found, prompt_tokens)


def _logprobs(given: object, server: Server) -> tuple[TokenChoice, ...]:
    """The first tokens with their alternatives; nothing where the server's form is not OpenAI's."""
    content = given.get("content") if isinstance(given, Mapping) else None
    if not isinstance(content, list):
        return ()
    try:
        return tuple(
            TokenChoice(
                server.redact(_storable(entry["token"])),
                {
                    server.redact(_storable(way["token"])): float(way["logprob"])
                    for way in entry.get("top_logprobs") or [entry]
                },
            )
            for entry in content[:_KEPT_LOGPROBS]
        )
    except (KeyError, TypeError, ValueError, AttributeError, OverflowError):
        return ()
