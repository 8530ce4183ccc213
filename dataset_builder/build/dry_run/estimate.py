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
from dualview.dataset_builder.build.dry_run.duration import Part, estimate_seconds
from dualview.dataset_builder.build.dry_run.plan import PlannedWriters, ask_about_some
from dualview.dataset_builder.judges.estimate import counts_votes, find_questions
from dualview.dataset_builder.judges.judge_options import LANGUAGE_MODEL
from dualview.dataset_builder.judges.judge_protocol import JudgeSettings
from dualview.dataset_builder.judges.language_model_settings import LanguageModelSettings
from dualview.dataset_builder.llm.budget import Price, read_price
from dualview.dataset_builder.llm.pacing import duration
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
    :param seconds: duration of the build: at least, and at the pace so far; None where there is none yet.
    :param replies: number of replies that the estimate is based on.
    :param note: the judge's way of asking; empty where there is no judge.
    """

    items: int
    writing: Load
    judging: Load
    seconds: tuple[float, float | None]
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
            f"time      {_show_time(*self.seconds)}",
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
    writing, found, parts = Load(), Measured(), list[Part]()
    if writers.endpoint is not None:
        client, ledger = writers.endpoint.client, writers.endpoint.ledger
        prompts = [
            prompt for item in sample if writers.take_by_asking(item) for prompt in writers.prompts(item)
        ]
        found = measure_writing(ledger, client.model)
        writing = load_of(prompts, scale * (1 + found.repairs), found, _price(client))
        parts.append(Part(writing, client, ledger, judges=False))
    if judging is None:
        return Estimate(count, writing, Load(), estimate_seconds(parts), found.replies)
    votes, judged = counts_votes(judging), measure_judging(judging.ledger, judging.client.model)
    load, price = Load(), _price(judging.client)
    for item in sample:
        # Votes use most: they are assumed where the server is not known yet.
        questions = find_questions(writers.pairs(item), judging, votes is not False)
        often = scale * (found.written if writers.take_by_asking(item) else 1)
        load += load_of([question.messages for question in questions], often, judged, price)
    parts.append(Part(load, judging.client, judging.ledger, judges=True))
    return Estimate(
        count,
        writing,
        load,
        estimate_seconds(parts),
        found.replies + judged.replies,
        _note(votes, judging.asking.votes),
    )


def _price(client: ClientSettings) -> Price | None:
    return read_price(client.prices, client.model or "") if client.prices else None


def _note(votes: bool | None, number: int) -> str:
    if votes is False:
        return "one question a passage: the server gives probabilities"
    why = "gives no probabilities" if votes else "may give no probabilities"
    return f"{number} votes a view: the server {why}"


def _show_time(shortest: float, longest: float | None) -> str:
    if longest is None:
        ask = "no reply was timed yet, and --dry-run-ask 5 asks about five items"
        return f"at least {duration(shortest)} ({ask})" if shortest else f"unknown ({ask})"
    least, most = duration(shortest), duration(longest)
    return least if least == most else f"{least} to {most}"
