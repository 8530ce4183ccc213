"""How fast a server answers: measured on the replies in a ledger, or on the few of its probe."""

from __future__ import annotations

import json
from dataclasses import asdict, dataclass
from pathlib import Path

from dualview.dataset_builder.llm.ledger import Ledger, read_fact, read_ledger

# The newest replies of a ledger that are looked at.
_LOOKED_AT = 5000


@dataclass(frozen=True)
class Speed:
    """The duration of a reply to a short prompt, and its tokens."""

    seconds: float
    reply_tokens: int

    def seconds_of(self, reply_tokens: float) -> float:
        """The duration of a reply of so many tokens, rather too short: longer prompts take longer."""
        return max(self.seconds, self.seconds * reply_tokens / self.reply_tokens)


def remember_speed(ledger: Ledger, server: str, model: str, speed: Speed) -> None:
    """Keep the speed that a probe has measured."""
    ledger.remember(_fact(server, model), json.dumps(asdict(speed)))


def read_speed(ledger: Path, server: str, model: str) -> Speed | None:
    """Read the speed that a probe has measured; None where the ledger knows none."""
    kept = read_fact(ledger, _fact(server, model))
    return None if kept is None else Speed(**json.loads(kept))


def measure_pace(ledger: Path, model: str | None, judging: bool) -> float | None:
    """Measure how many replies came in a second while requests were in flight; None where none came.

    :param model: whose replies; None for any.
    :param judging: the replies to a judge rather than to a writer.
    """
    if not ledger.exists():
        return None
    with read_ledger(ledger) as db:
        rows = db.execute(
            "SELECT answered_at - seconds, answered_at FROM requests WHERE reply IS NOT NULL "
            "AND model = coalesce(?, model) AND (task LIKE 'judge%') = ? ORDER BY answered_at DESC LIMIT ?",
            (model, judging, _LOOKED_AT),
        ).fetchall()
    busy, until = 0.0, float("-inf")
    for began, ended in sorted(rows):
        busy += max(0.0, ended - max(began, until))
        until = max(until, ended)
    return len(rows) / busy if busy > 0 else None


def _fact(server: str, model: str) -> str:
    return json.dumps(["speed", server, model])
