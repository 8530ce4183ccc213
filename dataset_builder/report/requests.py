"""Totals of the requests in a ledger, in memory that does not grow with them."""

from __future__ import annotations

import sqlite3
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

from dualview.dataset_builder.llm.conversation import REPAIR, REWRITE, SECOND, WRITTEN
from dualview.dataset_builder.llm.ledger import read_ledger

_BARS = 60
_IS_SECOND = " OR ".join(f"task LIKE '%{end}'" for end in SECOND)
_GOOD = ("declined", "replied", WRITTEN)


@dataclass(frozen=True)
class TaskFacts:
    """The requests of one task, with one version of its prompt, to one model.

    :ivar failed: those without a reply.
    :ivar median_seconds: of the requests that were answered; None where none was.
    :ivar cost: None where no price was known.
    :ivar cached_tokens: tokens of the prompts that the server had read before; None where it did not say.
    """

    task: str
    prompt_version: str
    model: str
    requests: int
    failed: int
    tries: int
    prompt_tokens: int
    reply_tokens: int
    cost: float | None
    median_seconds: float | None
    slow_seconds: float | None
    cached_tokens: int | None = None


@dataclass(frozen=True)
class LedgerFacts:
    """Facts of a ledger.

    :ivar outcomes: number of replies to first tries by outcome, most frequent first, without judges' replies.
    :ivar repaired: number of replies to second tries by outcome, where the form of the first was wrong.
    :ivar rewritten: the same, where the first broke a rule.
    :ivar final_outcomes: number of questions by outcome, after the second try where there was one.
    :ivar examples: outcome, subject and reply of some that cannot be used.
    :ivar active_minutes: minutes in which a reply came; pauses between two runs do not count.
    :ivar timeline: (minutes since the first reply, replies a minute), for a plot.
    :ivar seconds: duration of replies, up to some thousands of them, spread over the ledger.
    """

    tasks: Sequence[TaskFacts]
    outcomes: Mapping[str, int]
    repaired: Mapping[str, int]
    rewritten: Mapping[str, int]
    final_outcomes: Mapping[str, int]
    examples: Sequence[tuple[str, str, str]]
    active_minutes: int
    timeline: Sequence[tuple[float, float]] = ()
    seconds: Sequence[float] = field(default_factory=list)

    @property
    def replies(self) -> int:
        """Number of answered requests."""
        return sum(task.requests - task.failed for task in self.tasks)

    @property
    def cost(self) -> float | None:
        """Cost of all replies; None where no price was known."""
        known = [task.cost for task in self.tasks if task.cost is not None]
        return sum(known) if known else None


def read_requests(path: Path, examples: int) -> LedgerFacts:
    """Read a ledger, also one that a build is writing to.

    :param examples: most examples of each outcome.
    :raises InputError: if the file is not a ledger.
    """
    with read_ledger(path) as db:
        first = _outcomes(db, f"NOT ({_IS_SECOND})")
        return LedgerFacts(
            tasks=_tasks(db),
            outcomes=first,
            repaired=_outcomes(db, f"task LIKE '%{REPAIR}'"),
            rewritten=_outcomes(db, f"task LIKE '%{REWRITE}'"),
            final_outcomes=_final_outcomes(db),
            examples=_examples(db, examples),
            active_minutes=db.execute(
                "SELECT count(DISTINCT cast(answered_at / 60 AS INTEGER)) FROM requests "
                "WHERE reply IS NOT NULL"
            ).fetchone()[0],
            timeline=_timeline(db),
            seconds=_seconds(db),
        )


def _tasks(db: sqlite3.Connection) -> list[TaskFacts]:
    # A ledger of an earlier version does not know of caches.
    known = any(row[1] == "cached_tokens" for row in db.execute("PRAGMA table_info(requests)"))
    rows = db.execute(
        "SELECT task, prompt_version, model, count(*), sum(reply IS NULL), sum(attempts), "  # noqa: S608 - the names are our own constants
        f"sum(prompt_tokens), sum(completion_tokens), sum(cost), {'sum(cached_tokens)' if known else 'NULL'} "
        "FROM requests GROUP BY task, prompt_version, model ORDER BY min(answered_at)"
    ).fetchall()
    facts = []
    for *row, cached in rows:
        replies = row[3] - row[4]
        seconds = (_seconds_at(db, row[:3], replies, share) for share in (0.5, 0.95))
        facts.append(replace(TaskFacts(*row, *seconds), cached_tokens=cached))
    return facts


def _seconds_at(
    db: sqlite3.Connection, which: tuple[object, ...], replies: int, share: float
) -> float | None:
    """A quantile of the seconds that replies took."""
    row = db.execute(
        "SELECT seconds FROM requests WHERE task = ? AND prompt_version = ? AND model = ? "
        "AND reply IS NOT NULL ORDER BY seconds LIMIT 1 OFFSET ?",
        (*which, int(share * max(0, replies - 1))),
    ).fetchone()
    return None if row is None else float(row[0])


def _outcomes(db: sqlite3.Connection, which: str) -> dict[str, int]:
    return dict(
        db.execute(
            f"SELECT outcome, count(*) FROM requests WHERE {which} AND outcome != 'replied' "  # noqa: S608 - the names are our own constants
            "GROUP BY outcome ORDER BY count(*) DESC, outcome"
        ).fetchall()
    )


def _final_outcomes(db: sqlite3.Connection) -> dict[str, int]:
    """The outcome of the second try where there was one; paraphrases are a control, and left out.

    A first try that was good had no second one: its subject may have one at other settings.
    """
    marks = ", ".join("?" * len(_GOOD))
    return dict(
        db.execute(
            "WITH seconds AS MATERIALIZED (SELECT subject, task, model, prompt_version "  # noqa: S608 - the names are our own constants
            f"FROM requests WHERE {_IS_SECOND}) "
            "SELECT outcome, count(*) FROM requests AS this WHERE outcome != 'replied' "
            f"AND task NOT LIKE 'paraphrase%' AND ({_IS_SECOND} OR outcome IN ({marks}) OR NOT EXISTS ("
            "SELECT 1 FROM seconds WHERE subject = this.subject AND model = this.model AND "
            "prompt_version = this.prompt_version AND "
            "substr(task, 1, instr(task, '+') - 1) = this.task)) "
            "GROUP BY outcome ORDER BY count(*) DESC, outcome",
            _GOOD,
        ).fetchall()
    )


def _examples(db: sqlite3.Connection, most: int) -> list[tuple[str, str, str]]:
    marks = ", ".join("?" * len(_GOOD))
    return db.execute(
        "SELECT outcome, subject, text FROM (SELECT outcome, subject, "  # noqa: S608 - the names are our own constants
        "substr(coalesce(reply, ''), 1, 1000) AS text, "
        "row_number() OVER (PARTITION BY outcome ORDER BY answered_at) AS place "
        f"FROM requests WHERE outcome NOT IN ({marks})) WHERE place <= ? ORDER BY outcome, place",
        (*_GOOD, most),
    ).fetchall()


def _timeline(db: sqlite3.Connection) -> list[tuple[float, float]]:
    start, end = db.execute("SELECT min(answered_at), max(answered_at) FROM requests").fetchone()
    if start is None or end <= start:
        return []
    width = (end - start) / _BARS
    counts = dict(
        db.execute(
            "SELECT min(cast((answered_at - ?) / ? AS INTEGER), ?) AS bar, count(*) FROM requests "
            "WHERE reply IS NOT NULL GROUP BY bar",
            (start, width, _BARS - 1),
        ).fetchall()
    )
    return [(bar * width / 60, 60 * counts.get(bar, 0) / width) for bar in range(_BARS)]


def _seconds(db: sqlite3.Connection) -> list[float]:
    # Keys are hashes: the first some thousand are a sample.
    rows = db.execute("SELECT seconds FROM requests WHERE reply IS NOT NULL ORDER BY key LIMIT 5000")
    return [float(seconds) for (seconds,) in rows]
