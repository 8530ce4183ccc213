"""Explains failed requests: whether to try again, to give this request up, or to stop them all."""

from __future__ import annotations

import contextlib
import datetime
import email.utils
import json
from collections.abc import Mapping
from dataclasses import dataclass, replace
from typing import Literal

import httpx2
from huggingface_hub.errors import HfHubHTTPError, InferenceTimeoutError

from dualview.cards.text import shorten
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, Server
from dualview.dataset_builder.llm.flow.turns import MadeRoomError
from dualview.dataset_builder.llm.wire.redirects import RedirectError
from dualview.dataset_builder.llm.wire.tls import TlsError

#: ``again``: the next try may succeed. ``refused``: this request never will. ``stop``: no request will.
Remedy = Literal["again", "refused", "stop"]

_AGAIN = (408, 409, 425, 429, 529)
_STOP = {
    401: f"it does not accept the API key of {KEY_VARIABLE}",
    402: "it asks for payment",
    403: "the API key may not use it",
    404: "it knows no such model or address",
    405: "it knows no such address",
    407: "the proxy asks for a password",
}
# A server or a gateway that is there, while its model is not ready yet.
_NOT_READY = (429, 502, 503, 504)
# Of these, the ones that do not depend on the request: 504 may be the time that its answer takes.
_AWAY = (502, 503)
# llama-server's words, with status 500, for JSON that `max_tokens` cut off.
_CUT_OFF = "does not match the expected"
# Characters of a server's words that are looked at, and that are shown.
_READ, _SHOWN = 100_000, 300
# A server that asks for more has made a mistake.
_LONGEST_WAIT = 366 * 86_400.0


class BrokenReplyError(Exception):
    """A response that is no chat completion."""


class NoAnswerError(Exception):
    """A chat completion without an answer in it.

    :ivar failure: its meaning, with the tokens that the server has counted.
    """

    def __init__(self, failure: Failure) -> None:
        super().__init__(failure.detail)
        self.failure = failure


@dataclass(frozen=True)
class Failure:
    """One try that failed.

    :param reason: one word in snake case: ``timeout``, ``connection``, ``tls``, ``rate_limit``,
        ``server_error``, ``broken_reply``, ``empty_reply``, ``cut_off``, ``refusal``, ``content_filter``,
        ``refused``.
    :param detail: the server's words, in one line and without the API key.
    :param retry_after: seconds for which the server asks to be left alone, or None.
    :param gone: the fault seems to be the server's state rather than this one request.
    :param not_ready: the server, or a gateway before it, answers that it cannot serve yet.
    :param away: no request can succeed for now: nothing listens at the address, or the model is being loaded.
    :param made_room: the request was given up for older ones; the server may be at work on those.
    :param prompt_tokens: tokens that the server has counted for the try, and ``completion_tokens`` likewise.
    """

    remedy: Remedy
    reason: str
    detail: str
    retry_after: float | None = None
    gone: bool = False
    not_ready: bool = False
    away: bool = False
    made_room: bool = False
    prompt_tokens: int = 0
    completion_tokens: int = 0


def explain_failure(error: Exception, server: Server) -> Failure:
    """Explain an exception of :meth:`dualview.dataset_builder.llm.wire.chat.ChatClient.complete`.

    The detail holds the server's words and never the request, whose headers hold the key. The key is removed
    before the words are shortened, so that no part of it is left at the cut.
    """
    failure = _explain(error, server)
    return replace(failure, detail=shorten(server.redact(failure.detail[:_READ]), _SHOWN))


def retry_after_seconds(value: str | None) -> float | None:
    """Read a header ``Retry-After``, in seconds or as a date, as seconds from now.

    None where it is empty, cannot be read, or names a time more than a year away.
    """
    text = (value or "").strip()
    if not text:
        return None
    try:
        seconds = float(text)
    except ValueError:
        try:
            moment = email.utils.parsedate_to_datetime(text)
            if moment.tzinfo is None:
                moment = moment.replace(tzinfo=datetime.UTC)
            seconds = (moment - datetime.datetime.now(datetime.UTC)).total_seconds()
        except (ValueError, OverflowError, TypeError, IndexError):
            return None
    return max(0.0, seconds) if seconds <= _LONGEST_WAIT else None


def _explain(error: Exception, server: Server) -> Failure:
    if isinstance(error, (HfHubHTTPError, httpx2.HTTPStatusError)):
        return _explain_status(error.response)
    if isinstance(error, TlsError):
        return Failure("stop", "tls", str(error))
    if isinstance(error, httpx2.ConnectError):
        return Failure("again", "connection", str(error) or type(error).__name__, gone=True, away=True)
    if isinstance(error, (TimeoutError, InferenceTimeoutError, httpx2.TimeoutException)):
        late = f"no reply within {server.timeout:g} s; a longer --timeout or a lower --concurrency may help"
        return Failure("again", "timeout", late, gone=True, made_room=isinstance(error, MadeRoomError))
    if isinstance(error, (httpx2.UnsupportedProtocol, RedirectError)):
        return Failure("stop", "connection", str(error))
    if isinstance(error, httpx2.RemoteProtocolError):
        return Failure("again", "broken_reply", str(error))
    if isinstance(error, httpx2.TransportError):
        return Failure("again", "connection", str(error) or type(error).__name__, gone=True)
    if isinstance(error, NoAnswerError):
        return error.failure
    if isinstance(error, BrokenReplyError):
        return Failure("again", "broken_reply", str(error))
    # The client reads the body with `json` and fills its classes; a strange body may cause any error.
    return Failure("again", "broken_reply", f"the response is no chat completion ({type(error).__name__})")


def _explain_status(response: httpx2.Response) -> Failure:
    status = response.status_code
    words = _words(response)
    wait = retry_after_seconds(response.headers.get("retry-after"))
    if status in _STOP:
        return Failure("stop", "refused", f"{_STOP[status]} (status {status}{words})")
    if status == 429:
        return Failure("again", "rate_limit", f"status 429{words}", wait, not_ready=True)
    if status == 500 and _CUT_OFF in words:
        return Failure("refused", "cut_off", f"status {status}{words}")
    if status in _AGAIN or status >= 500:
        not_ready = status in _NOT_READY
        return Failure(
            "again",
            "server_error",
            f"status {status}{words}",
            wait,
            gone=not_ready,
            not_ready=not_ready,
            away=status in _AWAY,
        )
    return Failure("refused", "refused", f"status {status}{words}")


def _words(response: httpx2.Response) -> str:
    """The server's own words: the message of a JSON error, or the whole body."""
    try:
        text = response.text[:_READ].strip()
    except (httpx2.HTTPError, httpx2.StreamError, UnicodeError, LookupError):
        return ""
    with contextlib.suppress(ValueError, RecursionError):
        text = _message(json.loads(text)) or text
    return f": {text}" if text else ""


def _message(body: object) -> str:
    """The message in the usual forms of an error in JSON; empty where there is none."""
    for name in ("error", "message", "detail"):
        found = body.get(name) if isinstance(body, Mapping) else None
        if isinstance(found, str) and found.strip():
            return found
        if isinstance(found, Mapping) and (words := _message(found)):
            return words
    return ""
