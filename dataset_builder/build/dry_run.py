"""``--dry-run``: estimates requests, tokens, cost and duration of a build that asks language models.

The prompts of the first items are measured. The length of replies, and the time they take, are measured on
the replies in the ledger, or on a few items that ``--dry-run-ask`` asks about (their replies are kept, and
the build does not pay for them again).
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice

from dualview.cards.errors import InputError
from dualview.dataset_builder.build.dry_run_plan import PlannedWriters, ask_about_some
from dualview.dataset_builder.judges.estimate import counts_votes, find_questions
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL
from dualview.dataset_builder.judges.judge_protocol import JudgeSettings
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.llm.budget import Price, read_price
from dualview.dataset_builder.llm.setup import ClientSettings
from dualview.dataset_builder.llm.usage import Load, Measured, load_of, measure_judging, measure_writing
from dualview.dataset_builder.schema import Item, PlainQuery, SourceItem
from dualview.dataset_builder.writers.endpoint.endpoint_writer import KIND
from dualview.dataset_builder.writers.writer_protocol import WriterSettings


@dataclass(frozen=True)
class Estimate:
    """Estimate of a build.

    :param items: number of items about which a model is asked.
    :param writing: requests of the writer ``endpoint``.
    :param judging: requests of a language model that judges.
    :param seconds: duration of the build.
    :param replies: number of replies that the estimate is based on.
    :param note: the judge's way of asking; empty where there is no judge.
    """

    items: int
    writing: Load
    judging: Load
    seconds: float
    replies: int
    note: str = ""

    def lines(self) -> list[str]:
        """The estimate as lines for a terminal."""
        both = self.writing + self.judging
        asked = f"{both.requests:,.0f}"
        if self.note:
            asked += f", {self.writing.requests:,.0f} to write and {self.judging.requests:,.0f} to judge"
        basis = (
            f"the ledger's {self.replies:,} replies" if self.replies else "a guess: there are no replies yet"
        )
        return [
            f"items     {self.items:,}",
            f"requests  {asked}",
            f"tokens    {both.prompt_tokens:,.0f} in prompts, {both.reply_tokens:,.0f} in replies",
            "cost      " + ("unknown: add --prices" if both.cost is None else f"{both.cost:,.2f}"),
            f"time      {_duration(self.seconds)}",
            f"based on  {basis}",
            *([f"judge     {self.note}"] if self.note else []),
        ]


@dataclass(frozen=True)
class DryRunSettings:
    """Settings of ``--dry-run``.

    :param ask: items that a model is asked about after all, to measure its replies.
    :param sample: items whose prompts are measured.
    """

    ask: int = 0
    sample: int = 100

    @classmethod
    def from_arguments(cls, args: argparse.Namespace) -> DryRunSettings:
        """The settings that the flags give."""
        return cls(args.dry_run_ask, args.dry_run_sample)


def run_dry(
    items: Iterable[SourceItem],
    writers: Sequence[WriterSettings],
    judge: JudgeSettings | None,
    settings: DryRunSettings,
) -> int:
    """Write the estimate to standard output and return the exit code 0.

    :raises InputError: if the sources cannot be read, or no model is asked about anything in them.
    """
    planned = PlannedWriters(writers)
    judging = judge if isinstance(judge, LanguageModelSettings) else None
    if planned.endpoint is None and judging is None:
        raise InputError(
            f"--dry-run estimates the requests to a language model; add --writer {KIND} or --judge "
            f"{LANGUAGE_MODEL}"
        )
    taken = planned.take_by_asking if judging is None else planned.take
    remaining = (item for item in items if not isinstance(item, PlainQuery) and taken(item))
    sample = list(islice(remaining, max(settings.sample, settings.ask)))
    count = len(sample) + sum(1 for _ in remaining)
    if not sample:
        raise InputError("the sources hold nothing that a model is asked about; name other sources")
    if settings.ask:
        ask_about_some(sample[: settings.ask], planned, judging)
    sys.stdout.write("\n".join(estimate(sample, count, planned, judging).lines()) + "\n")
    return 0


def estimate(
    sample: Sequence[Item], count: int, writers: PlannedWriters, judging: LanguageModelSettings | None
) -> Estimate:
    """The estimate for a build of so many items.

    :param sample: some of the items.
    :param judging: settings of the language model that judges, if one does.
    """
    scale = count / len(sample)
    writing, found = Load(), Measured()
    if writers.endpoint is not None:
        client = writers.endpoint.client
        prompts = [
            prompt for item in sample if writers.take_by_asking(item) for prompt in writers.prompts(item)
        ]
        found = measure_writing(writers.endpoint.ledger, client.model)
        writing = load_of(prompts, scale * (1 + found.repairs), found, _price(client))
    clients = [] if writers.endpoint is None else [writers.endpoint.client]
    if judging is None:
        return Estimate(count, writing, Load(), _seconds([writing], clients), found.replies)
    votes, judged = counts_votes(judging), measure_judging(judging.ledger, judging.client.model)
    load, price = Load(), _price(judging.client)
    for item in sample:
        # Votes use most: they are assumed where the server is not known yet.
        questions = find_questions(writers.pairs(item), judging, votes is not False)
        often = scale * (found.written if writers.take_by_asking(item) else 1)
        load += load_of([question.messages for question in questions], often, judged, price)
    return Estimate(
        count,
        writing,
        load,
        _seconds([writing, load] if clients else [load], [*clients, judging.client]),
        found.replies + judged.replies,
        _note(votes, judging.asking.votes),
    )


def _seconds(loads: Sequence[Load], clients: Sequence[ClientSettings]) -> float:
    """The duration of a build: writer and judge work at the same time, each with its requests in flight.

    :param clients: that of each load. Clients of one server share its limits a minute.
    """
    no_limit = float("inf")
    one_server = len({(client.base_url, client.provider) for client in clients}) == 1
    limited = [sum(loads, Load())] if one_server else loads
    limits = clients[0]
    return max(
        *(load.seconds / limits.concurrency for load in loads),
        *(60 * load.requests / (limits.requests_per_minute or no_limit) for load in limited),
        *(60 * load.tokens / (limits.tokens_per_minute or no_limit) for load in limited),
    )


def _price(client: ClientSettings) -> Price | None:
    return read_price(client.prices, client.model or "") if client.prices else None


def _note(votes: bool | None, number: int) -> str:
    if votes is False:
        return "one question a passage: the server gives probabilities"
    why = "gives no probabilities" if votes else "may give no probabilities"
    return f"{number} votes a view: the server {why}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
