"""``--dry-run``: what a build with the writer ``endpoint`` would ask, use, cost and take.

The prompts of the first items are measured. How long replies are, and how long they take, only the model can
tell: from the replies that the ledger has, or from a few items that ``--dry-run-ask`` asks about (their
replies are kept, and the build does not pay for them again).
"""

from __future__ import annotations

import argparse
import asyncio
import sys
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from itertools import islice
from pathlib import Path

from dataset_builder.endpoint import make_writer
from dataset_builder.endpoint.budget import Price, read_price
from dataset_builder.endpoint.conversation import REPAIR
from dataset_builder.endpoint.prompts import Prompt
from dataset_builder.endpoint.writer import WritingSettings, ask_about, can_write
from dataset_builder.errors import InputError
from dataset_builder.ledger import ledger_path, read_ledger
from dataset_builder.schema import CandidateSet, PlainQuery, Writer
from dataset_builder.writers import Item, SourceItem

_CHARACTERS_A_TOKEN = 4


@dataclass(frozen=True)
class Measured:
    """What requests of a model were like so far; the defaults are a guess for where there were none.

    :param replies: how many that is based on.
    :param prompt_tokens: of a request; None where only the prompts themselves can tell.
    :param repairs: second tries for one first try.
    :param seconds: of a request.
    """

    replies: int = 0
    prompt_tokens: float | None = None
    reply_tokens: float = 250.0
    repairs: float = 0.0
    seconds: float = 5.0


@dataclass(frozen=True)
class Estimate:
    """What a build would come to, second tries included.

    :param items: that the writer takes.
    :param cost: None where no price is known.
    """

    items: int
    requests: float
    prompt_tokens: float
    reply_tokens: float
    cost: float | None
    seconds: float
    measured: Measured

    def lines(self) -> list[str]:
        """The estimate as lines for a terminal."""
        replies = self.measured.replies
        basis = f"the ledger's {replies:,} replies" if replies else "a guess: there are no replies yet"
        return [
            f"items     {self.items:,}",
            f"requests  {self.requests:,.0f}",
            f"tokens    {self.prompt_tokens:,.0f} in prompts, {self.reply_tokens:,.0f} in replies",
            "cost      " + ("unknown: add --prices" if self.cost is None else f"{self.cost:,.2f}"),
            f"time      {_duration(self.seconds)}",
            f"based on  {basis}",
        ]


def run_dry(items: Iterable[SourceItem], args: argparse.Namespace) -> int:
    """Write the estimate to standard output and return the exit code 0.

    :raises InputError: if the sources cannot be read, or hold nothing for this writer.
    """
    remaining = (item for item in items if not isinstance(item, PlainQuery) and can_write(item))
    sample = list(islice(remaining, max(args.dry_run_sample, args.dry_run_ask)))
    count = len(sample) + sum(1 for _ in remaining)
    if not sample:
        raise InputError("the sources hold nothing that the writer endpoint takes; name other sources")
    if args.dry_run_ask:
        _ask(sample[: args.dry_run_ask], args)
    measured = measure(args.ledger or ledger_path(args.out), args.model)
    price = read_price(args.prices, args.model or "") if args.prices else None
    sys.stdout.write("\n".join(estimate(sample, count, args, measured, price).lines()) + "\n")
    return 0


def estimate(
    sample: Sequence[Item], count: int, args: argparse.Namespace, measured: Measured, price: Price | None
) -> Estimate:
    """What a build of so many items would come to.

    :param sample: some of the items.
    """
    settings = WritingSettings.from_arguments(args)
    prompts = [prompt for item in sample for prompt in _prompts(item, settings)]
    requests = len(prompts) / len(sample) * count * (1 + measured.repairs)
    mean_tokens = measured.prompt_tokens or sum(map(_length, prompts)) / len(prompts) / _CHARACTERS_A_TOKEN
    prompt_tokens, reply_tokens = requests * mean_tokens, requests * measured.reply_tokens
    no_limit = float("inf")
    return Estimate(
        items=count,
        requests=requests,
        prompt_tokens=prompt_tokens,
        reply_tokens=reply_tokens,
        cost=None if price is None else (prompt_tokens * price.prompt + reply_tokens * price.reply) / 1e6,
        seconds=max(
            requests * measured.seconds / args.concurrency,
            60 * requests / (args.requests_per_minute or no_limit),
            60 * (prompt_tokens + reply_tokens) / (args.tokens_per_minute or no_limit),
        ),
        measured=measured,
    )


def measure(ledger: Path, model: str | None) -> Measured:
    """What the requests in a ledger were like; a guess where there is no ledger, or nothing in it.

    :param model: whose requests; None for any.
    """
    if not ledger.exists():
        return Measured()
    with read_ledger(ledger) as db:
        replies, prompt, reply, second, seconds = db.execute(
            "SELECT count(*), avg(prompt_tokens), avg(completion_tokens), sum(task LIKE ?), avg(seconds) "
            "FROM requests WHERE reply IS NOT NULL AND model = coalesce(?, model)",
            (f"%{REPAIR}", model),
        ).fetchone()
    if not replies:
        return Measured()
    return Measured(replies, prompt, reply, second / max(1, replies - second), seconds)


def _prompts(item: Item, settings: WritingSettings) -> list[Prompt]:
    prompts = [question.prompt for question in ask_about(item, settings, Writer("endpoint"))]
    has_one = isinstance(item, CandidateSet) and item.paraphrase is not None
    # A paraphrase is asked for once an item, in a prompt of about this length.
    return prompts if has_one or not settings.paraphrase else [*prompts, prompts[0]]


def _length(prompt: Prompt) -> int:
    return sum(len(text) for _, text in prompt.messages)


def _ask(items: Sequence[Item], args: argparse.Namespace) -> None:
    async def ask_all() -> None:
        try:
            await asyncio.gather(*map(writer.write_async, items))
        finally:
            await writer.close()

    writer = make_writer(args)
    sys.stderr.write(f"Asking about {len(items)} items; their replies are kept.\n")
    asyncio.run(ask_all())


def _duration(seconds: float) -> str:
    if seconds < 120:
        return f"{seconds:.0f} s"
    return f"{seconds / 60:.0f} min" if seconds < 7200 else f"{seconds / 3600:.1f} h"
