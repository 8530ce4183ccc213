"""What can go wrong with a request, and what helps: try again, give this request up, or stop them all."""

from __future__ import annotations

import datetime
import email.utils
import math
from dataclasses import dataclass, replace
from typing import Literal

import httpx2
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

from dualview.dataset_builder.llm.connection import Server

#: ``again``: the next try may succeed. ``refused``: this request never will. ``stop``: no request will.
Remedy = Literal["again", "refused", "stop"]

_AGAIN = (408, 409, 425, 429, 529)
_STOP = {
    401: "it does not accept the API key",
    402: "it asks for payment",
    403: "the API key may not use it",
    404: "it knows no such model or address",
    405: "it knows no such address",
}
# What llama-server says, with status 500, of JSON that `max_tokens` cut off.
_CUT_OFF = "does not match the expected"
_DETAIL = 300


class BrokenReplyError(Exception):
    """A response that is no chat completion."""


@dataclass(frozen=True)
class Failure:
    """One try that went wrong.

    :param reason: one word in snake case: ``timeout``, ``connection``, ``rate_limit``, ``server_error``,
        ``broken_reply``, ``cut_off``, ``refused``.
    :param retry_after: seconds the server asks to be left alone, or None.
    :param gone: whether it looks as if nobody is there, rather than as if this one request is at fault.
    """

    remedy: Remedy
    reason: str
    detail: str
    retry_after: float | None = None
    gone: bool = False


def explain_failure(error: Exception, server: Server) -> Failure:
    """What an exception of ``AsyncInferenceClient.chat_completion`` means.

    The detail holds what the server said and never the request, whose headers hold the key; nor the key,
    should the server repeat it.
    """
    failure = _explain(error)
    return replace(failure, detail=server.without_key(failure.detail))


def retry_after_seconds(value: str | None) -> float | None:
    """The header ``Retry-After``, in seconds or as a date, as seconds from now; None if it says nothing."""
    text = (value or "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
        except ValueError:
            return None
        if moment.tzinfo is None:
            moment = moment.replace(tzinfo=datetime.UTC)
        seconds = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
    return max(0.0, seconds) if seconds < math.inf else None


def _explain(error: Exception) -> Failure:
    if isinstance(error, HfHubHTTPError):
        return _explain_status(error)
    if isinstance(error, (InferenceTimeoutError, httpx2.TimeoutException)):
        return Failure("again", "timeout", "no reply in time", gone=True)
    if isinstance(error, httpx2.UnsupportedProtocol):
        return Failure("stop", "connection", str(error))
    if isinstance(error, httpx2.TransportError):
        return Failure("again", "connection", str(error) or type(error).__name__, gone=True)
    if isinstance(error, BrokenReplyError):
        return Failure("again", "broken_reply", str(error))
    # The client reads the body with `json` and fills its classes; anything may come of a strange one.
    return Failure("again", "broken_reply", f"the response is no chat completion ({type(error).__name__})")


def _explain_status(error: HfHubHTTPError) -> Failure:
    response = error.response
    status = response.status_code
    said = _said(response)
    wait = retry_after_seconds(response.headers.get("retry-after"))
    if status in _STOP:
        return Failure("stop", "refused", f"{_STOP[status]} (status {status}{said})")
    if status == 429:
        return Failure("again", "rate_limit", f"status 429{said}", wait)
    if status == 500 and _CUT_OFF in said:
        return Failure("refused", "cut_off", f"status {status}{said}")
    if status in _AGAIN or status >= 500:
        return Failure(
            "again", "server_error", f"status {status}{said}", wait, gone=status in (502, 503, 504)
        )
    return Failure("refused", "refused", f"status {status}{said}")


def _said(response: httpx2.Response) -> str:
    try:
        text = " ".join(response.text.split())
    except (httpx2.HTTPError, httpx2.StreamError, UnicodeError, LookupError):
        return ""
    return f": {text[:_DETAIL]}" if text else ""
