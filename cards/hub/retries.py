"""Retries of steps while the Hub is busy; the clients retry only some of their calls."""

from __future__ import annotations

import contextlib
import math
import random
import time
from collections.abc import Callable
from dataclasses import dataclass
from email.utils import parsedate_to_datetime
from typing import TypeVar

from huggingface_hub.errors import HfHubHTTPError
from huggingface_hub.utils import parse_ratelimit_headers

from dualview.cards.errors import HubError
from dualview.cards.hub.errors import chain, explain, is_conflict, is_transient

Result = TypeVar("Result")
Say = Callable[[str], None]


@dataclass(frozen=True)
class Patience:
    """Limits of the retries of one step.

    :param tries: largest number of tries.
    :param first: seconds before the second try; each further wait is twice as long.
    :param longest: largest number of seconds of one wait; the Hub's ``Retry-After`` may be longer.
    :param total: largest number of seconds of all waits together.
    :param sleep: waits this many seconds.
    """

    tries: int = 8
    first: float = 1.0
    longest: float = 30.0
    total: float = 300.0
    sleep: Callable[[float], None] = time.sleep


def persist(patience: Patience, step: Callable[[], Result], repo_id: str, kind: str, say: Say) -> Result:
    """Run a step, with retries after errors that may pass, and return its result.

    A step that writes must first check if it was done already: an answer can be lost after the work.

    :raises HubError: if the step fails for good, or the limits are reached.
    """
    waited = 0.0
    for tried in range(1, patience.tries + 1):
        try:
            return step()
        except HubError:
            raise
        except Exception as error:
            message = explain(error, repo_id, kind)
            if not (is_transient(error) or is_conflict(error)):
                raise HubError(message) from error
            seconds = _seconds_asked_for(error)
            if seconds is None:
                # At random, because all clients that were refused come again.
                seconds = min(patience.longest, patience.first * 2 ** (tried - 1)) * random.uniform(0.5, 1)
            if tried == patience.tries or waited + seconds > patience.total:
                raise HubError(f"{message} (given up after {tried} tries)") from error
            say(f"{message}: waiting {seconds:.1f} s")
        patience.sleep(seconds)
        waited += seconds
    raise AssertionError("every try returns or raises")


def _seconds_asked_for(error: BaseException) -> float | None:
    """Return the wait that the Hub's answer asks for, in seconds, or None."""
    for link in chain(error):
        if isinstance(link, HfHubHTTPError) and link.response is not None:
            headers = link.response.headers
            with contextlib.suppress(ValueError, OverflowError):
                limit = parse_ratelimit_headers(headers)
                if limit is not None and limit.remaining == 0:
                    return float(limit.reset_in_seconds)
            return _parsed(headers.get("Retry-After"))
    return None


def _parsed(retry_after: str | None) -> float | None:
    """Read a number of seconds or a date; None for values that no clock or calendar has."""
    if not retry_after:
        return None
    with contextlib.suppress(ValueError):
        seconds = float(retry_after)
        return max(0.0, seconds) if math.isfinite(seconds) else None
    with contextlib.suppress(ValueError, TypeError, OverflowError, OSError):
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    return None
