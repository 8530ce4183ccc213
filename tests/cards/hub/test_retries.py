"""Waits that a Hub asks for are kept to, and values that no clock or calendar has are ignored."""

from __future__ import annotations

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from dualview.cards.errors import HubError
from dualview.cards.hub.retries import Patience, persist


def waits_for(headers: dict[str, str]) -> list[float]:
    """Return the waits of a step that is refused once with these headers."""
    waits: list[float] = []
    tries = iter([True, False])

    def step() -> None:
        if next(tries):
            request = httpx2.Request("GET", "http://127.0.0.1/api")
            raise HfHubHTTPError("busy", response=httpx2.Response(429, headers=headers, request=request))

    persist(Patience(sleep=waits.append), step, "org/m", "model", lambda line: None)
    return waits


@pytest.mark.parametrize(
    ("value", "seconds"),
    [("7", 7.0), ("0.5", 0.5), ("-3", 0.0), ("Wed, 21 Oct 2015 07:28:00 GMT", 0.0)],
)
def test_a_wait_is_kept_to(value: str, seconds: float) -> None:
    assert waits_for({"Retry-After": value}) == [seconds]


@pytest.mark.parametrize(
    "value",
    [
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2015 07:28:00 +9999",
        "soon",
        "",
        "nan",
        "inf",
    ],
)
def test_a_wait_that_cannot_be_is_ignored(value: str) -> None:
    waits = waits_for({"Retry-After": value})
    assert len(waits) == 1 and 0.4 < waits[0] <= 1.0


@pytest.mark.parametrize("reset", ["9" * 400, "-1", "x"])
def test_a_rate_limit_that_cannot_be_is_ignored(reset: str) -> None:
    headers = {"ratelimit": f'"api";r=0;t={reset}', "Retry-After": "2"}
    assert waits_for(headers) == [2.0]


def test_a_wait_of_many_years_is_not_begun() -> None:
    with pytest.raises(HubError, match="given up after 1 tries"):
        waits_for({"Retry-After": "1e300"})
