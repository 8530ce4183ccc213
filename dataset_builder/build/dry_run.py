"""``--dry-run``: what a build would ask language models, as writer and as judge, and use, cost and take.

The prompts of the first items are measured. How long replies are, and how long they take, only the model can
tell: from the replies that the ledger has, or from a few items that ``--dry-run-ask`` asks about (their
replies are kept, and the build does not pay for them again).
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
from dualview.dataset_builder.judges.language_model import client_settings
from dualview.dataset_builder.llm.budget import Price, read_price
from dualview.dataset_builder.llm.ledger import ledger_path
from dualview.dataset_builder.llm.usage import Load, load_of, measure_judging, measure_writing
from dualview.dataset_builder.schema import Item, PlainQuery, SourceItem
from dualview.dataset_builder.writers.endpoint.endpoint_writer import KIND


@dataclass(frozen=True)
class Estimate:
    """What a build would come to.

    :param items: about which a model is asked.
    :param writing: what the writer ``endpoint`` asks; ``judging`` what a language model asks that judges.
    :param seconds: of the build.
    :param replies: how many that is based on.
    :param note: how the judge was counted; empty where there is none.
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


def run_dry(items: Iterable[SourceItem], args: argparse.Namespace) -> int:
    """Write the estimate to standard output and return the exit code 0.

    :raises InputError: if the sources cannot be read, or no model is asked about anything in them.
    """
    judged = args.judge == LANGUAGE_MODEL
    if KIND not in args.writer and not judged:
        raise InputError(
            f"--dry-run estimates what a language model is asked; add --writer {KIND} or --judge "
            f"{LANGUAGE_MODEL}"
        )
    writers = PlannedWriters(args)
    taken = writers.take if judged else writers.take_by_asking
    remaining = (item for item in items if not isinstance(item, PlainQuery) and taken(item))
    sample = list(islice(remaining, max(args.dry_run_sample, args.dry_run_ask)))
    count = len(sample) + sum(1 for _ in remaining)
    if not sample:
        raise InputError("the sources hold nothing that a model is asked about; name other sources")
    if args.dry_run_ask:
        ask_about_some(sample[: args.dry_run_ask], writers, args)
    sys.stdout.write("\n".join(estimate(sample, count, writers, args).lines()) + "\n")
    return 0


def estimate(
    sample: Sequence[Item], count: int, writers: PlannedWriters, args: argparse.Namespace
) -> Estimate:
    """What a build of so many items would come to.

    :param sample: some of the items.
    """
    ledger = args.ledger or ledger_path(args.out)
    scale = count / len(sample)
    asking = [item for item in sample if writers.take_by_asking(item)]
    found = measure_writing(ledger, args.model)
    prompts = [prompt for item in asking for prompt in writers.prompts(item)]
    writing = load_of(prompts, scale * (1 + found.repairs), found, _price(args, args.model))
    if args.judge != LANGUAGE_MODEL:
        return Estimate(count, writing, Load(), _seconds([writing], args), found.replies)
    settings = client_settings(args)
    votes, judged = counts_votes(args, ledger), measure_judging(ledger, settings.model)
    judging, price = Load(), _price(args, settings.model)
    for item in sample:
        # Votes use most: they are counted where nobody knows.
        questions = find_questions(writers.pairs(item), args, votes is not False)
        often = scale * (found.written if writers.take_by_asking(item) else 1)
        asked = [question.messages for question in questions]
        judging += load_of(asked, often, judged, price)
    one_server = (settings.base_url, settings.provider) == (args.base_url, args.provider)
    return Estimate(
        count,
        writing,
        judging,
        _seconds([writing, judging], args, one_server),
        found.replies + judged.replies,
        _say(votes, args.judge_votes),
    )


def _seconds(loads: Sequence[Load], args: argparse.Namespace, one_server: bool = True) -> float:
    """How long a build takes: writer and judge work at the same time, each with its requests in flight.

    :param one_server: whether they share the limits a minute.
    """
    no_limit = float("inf")
    limited = [sum(loads, Load())] if one_server else loads
    return max(
        *(load.seconds / args.concurrency for load in loads),
        *(60 * load.requests / (args.requests_per_minute or no_limit) for load in limited),
        *(60 * load.tokens / (args.tokens_per_minute or no_limit) for load in limited),
    )


def _price(args: argparse.Namespace, model: str | None) -> Price | None:
    return read_price(args.prices, model or "") if args.prices else None


def _say(votes: bool | None, number: int) -> str:
    if votes is False:
        return "one question a passage: the server tells probabilities"
    why = "tells no probabilities" if votes else "may tell no probabilities"
    return f"{number} votes a view: the server {why}"


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
