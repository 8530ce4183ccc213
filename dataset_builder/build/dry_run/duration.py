"""The duration of a build that asks language models, from what was measured on their servers."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dualview.dataset_builder.llm.servers.speed import measure_pace, read_speed
from dualview.dataset_builder.llm.setup import ClientSettings
from dualview.dataset_builder.llm.usage import Load, measure_judging, measure_writing

_NO_LIMIT = float("inf")


@dataclass(frozen=True)
class Part:
    """The requests of the writer or of the judge.

    :param judges: whether they are the judge's.
    """

    load: Load
    client: ClientSettings
    ledger: Path
    judges: bool

    def seconds(self) -> tuple[float, float] | None:
        """The duration with all requests in flight at once, and at the pace so far; None where none is known.

        Replies in the ledger have a pace. Where there are none, the server's probe has timed a short reply,
        and the pace is that of one request after the other.
        """
        requests, at_once = self.load.requests, self.client.concurrency * len(self.client.server_names)
        model = self.client.model
        pace = measure_pace(self.ledger, model, self.judges)
        if pace is not None:
            measured = (measure_judging if self.judges else measure_writing)(self.ledger, model)
            best, usual = requests * measured.seconds / at_once, requests / pace
            return min(best, usual), usual
        speeds = [
            speed
            for server in self.client.server_names
            if model and (speed := read_speed(self.ledger, server, model)) is not None
        ]
        if not speeds or not requests:
            return None
        each = speeds[0].seconds_of(self.load.reply_tokens / requests)
        return requests * each / at_once, requests * each


def estimate_seconds(parts: Sequence[Part]) -> tuple[float, float | None]:
    """The shortest and the longest duration of a build: writer and judge work at the same time.

    Clients of one server share its limits a minute.

    :returns: what the limits a minute allow, and None, where the speed of one of the servers is not known.
    """
    loads = [part.load for part in parts]
    if len({part.client.server_names for part in parts}) == 1:
        loads = [sum(loads, Load())]
    limited = max(_limited(load, parts[0].client) for load in loads)
    spans = [span for part in parts if (span := part.seconds()) is not None]
    if len(spans) < len(parts):
        return limited, None
    return (
        max(limited, *(shortest for shortest, _ in spans)),
        max(limited, sum(longest for _, longest in spans)),
    )


def _limited(load: Load, limits: ClientSettings) -> float:
    """The duration that the limits a minute allow at best."""
    servers = len(limits.server_names)
    return max(
        60 * load.requests / servers / (limits.requests_per_minute or _NO_LIMIT),
        60 * load.tokens / servers / (limits.tokens_per_minute or _NO_LIMIT),
    )
