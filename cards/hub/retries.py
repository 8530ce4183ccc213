"""Waits and tries again where the Hub is busy: the clients do so for some of their calls only."""

from __future__ import annotations

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
    """How long to go on.

    :param tries: of one step, at most.
    :param first: seconds before the second try; each further one waits twice as long.
    :param longest: seconds of one wait, at most; the Hub's own ``Retry-After`` may be longer.
    :param total: seconds of all waits of one step together, at most.
    :param sleep: waits so many seconds.
    """

    tries: int = 8
    first: float = 1.0
    longest: float = 30.0
    total: float = 300.0
    sleep: Callable[[float], None] = time.sleep


def persist(patience: Patience, step: Callable[[], Result], repo_id: str, kind: str, say: Say) -> Result:
    """Do a step, again and again where that may help, and return what it returns.

    A step that writes must look first whether it has been done: an answer can be lost after the work.

    :raises HubError: if it cannot be done, or not in that time.
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
                # Not all at the same time: whoever else was turned away comes again as well.
                seconds = min(patience.longest, patience.first * 2 ** (tried - 1)) * random.uniform(0.5, 1)
            if tried == patience.tries or waited + seconds > patience.total:
                raise HubError(f"{message} (given up after {tried} tries)") from error
            say(f"{message}: waiting {seconds:.1f} s")
        patience.sleep(seconds)
        waited += seconds
    raise AssertionError("every try returns or raises")


def _seconds_asked_for(error: BaseException) -> float | None:
    """What the Hub's answer says to wait, in seconds, or None."""
    for link in chain(error):
        if isinstance(link, HfHubHTTPError) and link.response is not None:
            headers = link.response.headers
            limit = parse_ratelimit_headers(headers)
            if limit is not None and limit.remaining == 0:
                return float(limit.reset_in_seconds)
            return _parsed(headers.get("Retry-After"))
    return None


def _parsed(retry_after: str | None) -> float | None:
    """Seconds from a number of them or from a date."""
    if not retry_after:
        return None
    try:
        return max(0.0, float(retry_after))
    except ValueError:
        pass
    try:
        return max(0.0, parsedate_to_datetime(retry_after).timestamp() - time.time())
    except ValueError:
        return None
