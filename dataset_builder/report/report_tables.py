"""Tables of a report."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from dualview.dataset_builder.report.facts import Example, ReportFacts
from dualview.dataset_builder.report.requests import LedgerFacts

_MOST_ROWS = 25


@dataclass(frozen=True)
class Table:
    """A table of text.

    :ivar numbers: places of the columns that are aligned to the right.
    :ivar wide: whether its rows are too wide for a terminal, which then shows cells below each other.
    """

    title: str
    headers: Sequence[str]
    rows: Sequence[Sequence[str]]
    numbers: frozenset[int] = frozenset()
    wide: bool = False


def make_tables(facts: ReportFacts) -> list[Table]:
    """The tables of a report, without those that would be empty."""
    tables = [_counted("Yield" if facts.finished else "Yield so far", "what", facts.yields, share=False)]
    if facts.ledger is not None:
        tables += [_of_tasks(facts.ledger), _of_use(facts.ledger)]
        tables.append(_counted("First tries", "outcome", facts.ledger.outcomes))
        tables.append(_counted("Second tries: another form", "outcome", facts.ledger.repaired))
        tables.append(_counted("Second tries: another instruction", "outcome", facts.ledger.rewritten))
    tables.append(_counted("Reasons for rejection", "reason", facts.reasons))
    tables.append(_of_examples(facts.examples))
    tables.append(_by_source("Kinds of the instructions", facts.kinds))
    tables.append(_by_source("Lengths of the instructions", facts.lengths))
    tables.append(_counted("Levers", "lever", facts.levers))
    tables.append(_counted("Styles", "style", facts.styles))
    return [table for table in tables if table.rows]


def _counted(title: str, what: str, counts: Mapping[str, int], share: bool = True) -> Table:
    total = sum(counts.values()) or 1
    rows = [
        [name, f"{count:,}", *([f"{count / total:.1%}"] if share else [])] for name, count in counts.items()
    ]
    left = rows[_MOST_ROWS:]
    if left:
        rest = sum(list(counts.values())[_MOST_ROWS:])
        rows = [
            *rows[:_MOST_ROWS],
            [f"{len(left)} more", f"{rest:,}", *([f"{rest / total:.1%}"] if share else [])],
        ]
    return Table(title, [what, "count", *(["share"] if share else [])], rows, frozenset({1, 2}))


def _by_source(title: str, counts: Mapping[str, Mapping[str, int]]) -> Table:
    names = [
        name for name in next(iter(counts.values()), ()) if any(found.get(name) for found in counts.values())
    ]
    rows = [[source, *(f"{found.get(name, 0):,}" for name in names)] for source, found in counts.items()]
    return Table(title, ["source", *names], rows, frozenset(range(1, len(names) + 1)))


def _of_tasks(ledger: LedgerFacts) -> Table:
    headers = ["task", "prompt", "model", "requests", "failed", "tries", "prompt tokens", "reply tokens"]
    rows = [
        [
            task.task,
            task.prompt_version,
            task.model,
            f"{task.requests:,}",
            f"{task.failed:,}",
            f"{task.tries / task.requests:.2f}",
            f"{task.prompt_tokens:,}",
            f"{task.reply_tokens:,}",
            _money(task.cost),
            _seconds(task.median_seconds),
            _seconds(task.slow_seconds),
        ]
        for task in ledger.tasks
    ]
    return Table("Requests", [*headers, "cost", "median s", "95% s"], rows, frozenset(range(3, 11)))


def _of_use(ledger: LedgerFacts) -> Table:
    prompt = sum(task.prompt_tokens for task in ledger.tasks)
    reply = sum(task.reply_tokens for task in ledger.tasks)
    told = [task for task in ledger.tasks if task.cached_tokens is not None]
    cached = sum(task.cached_tokens or 0 for task in told)
    share = cached / max(1, sum(task.prompt_tokens for task in told))
    minutes = max(1, ledger.active_minutes)
    rows = [
        ["replies", f"{ledger.replies:,}"],
        ["tokens in prompts", f"{prompt:,}"],
        ["of these from the server's cache", f"{cached:,} ({share:.0%})" if told else "not told"],
        ["tokens in replies", f"{reply:,}"],
        ["cost", _money(ledger.cost)],
        ["minutes with replies", f"{ledger.active_minutes:,}"],
        ["replies a minute", f"{ledger.replies / minutes:,.0f}"],
        ["tokens a minute", f"{(prompt + reply) / minutes:,.0f}"],
    ]
    return Table("Use and speed", ["what", "amount"], rows, frozenset({1}))


def _of_examples(examples: Sequence[Example]) -> Table:
    rows = [
        [
            example.reason,
            example.subject,
            example.query,
            example.instruction,
            example.reversal,
            example.detail,
        ]
        for example in examples
    ]
    headers = ["reason", "subject", "query", "instruction", "reversal", "detail"]
    # The ledger alone has no query to show.
    kept = [place for place in range(len(headers)) if any(row[place] for row in rows)]
    return Table(
        "Examples of what was rejected",
        [headers[place] for place in kept],
        [[row[place] for place in kept] for row in rows],
        wide=True,
    )


def _money(cost: float | None) -> str:
    return "unknown" if cost is None else f"{cost:,.4f}"


def _seconds(seconds: float | None) -> str:
    return "" if seconds is None else f"{seconds:.2f}"
