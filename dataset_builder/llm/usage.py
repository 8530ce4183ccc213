"""Measures the requests of a ledger, and estimates those of prompts that are not yet asked."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

from dualview.dataset_builder.llm.budget import Price
from dualview.dataset_builder.llm.conversation import SECOND, WRITTEN
from dualview.dataset_builder.llm.ledger import read_ledger
from dualview.dataset_builder.llm.messages import Message

_CHARACTERS_A_TOKEN = 4
_IS_SECOND = " OR ".join(f"task LIKE '%{end}'" for end in SECOND)


@dataclass(frozen=True)
class Measured:
    """Averages of the requests so far; a guess where there were none.

    :param replies: number of replies behind the averages.
    :param prompt_tokens: of a request; None where only the prompts themselves can show it.
    :param repairs: second tries, of either kind, for one first try.
    :param written: pairs that came of one first try.
    :param seconds: of a request.
    """

    replies: int = 0
    prompt_tokens: float | None = None
    reply_tokens: float = 250.0
    repairs: float = 0.0
    written: float = 1.0
    seconds: float = 5.0


_GUESS_OF_JUDGING = Measured(reply_tokens=10.0, seconds=1.0)


@dataclass(frozen=True)
class Load:
    """Requests, tokens and cost of a model in a build, second tries included.

    :param cost: None where no price is known.
    :param seconds: that the replies take, one after the other.
    """

    requests: float = 0.0
    prompt_tokens: float = 0.0
    reply_tokens: float = 0.0
    cost: float | None = 0.0
    seconds: float = 0.0

    @property
    def tokens(self) -> float:
        """Of prompts and replies together."""
        return self.prompt_tokens + self.reply_tokens

    def __add__(self, other: Load) -> Load:
        return Load(
            self.requests + other.requests,
            self.prompt_tokens + other.prompt_tokens,
            self.reply_tokens + other.reply_tokens,
            None if self.cost is None or other.cost is None else self.cost + other.cost,
            self.seconds + other.seconds,
        )


def measure_writing(ledger: Path, model: str | None) -> Measured:
    """Measure the writer's requests in a ledger.

    :param model: whose requests; None for any.
    """
    return _measure(ledger, model, "task NOT LIKE 'judge%'", Measured())


def measure_judging(ledger: Path, model: str | None) -> Measured:
    """Measure a judge's requests in a ledger; see :func:`measure_writing`."""
    return _measure(ledger, model, "task LIKE 'judge%'", _GUESS_OF_JUDGING)


def load_of(
    prompts: Sequence[tuple[Message, ...]], scale: float, measured: Measured, price: Price | None
) -> Load:
    """Estimate the load of prompts, each asked ``scale`` times."""
    if not prompts:
        return Load()
    requests = scale * len(prompts)
    characters = sum(len(text) for messages in prompts for _, text in messages) / len(prompts)
    prompt_tokens = requests * (measured.prompt_tokens or characters / _CHARACTERS_A_TOKEN)
    reply_tokens = requests * measured.reply_tokens
    return Load(
        requests,
        prompt_tokens,
        reply_tokens,
        None if price is None else (prompt_tokens * price.prompt + reply_tokens * price.reply) / 1e6,
        requests * measured.seconds,
    )


def _measure(ledger: Path, model: str | None, which: str, guess: Measured) -> Measured:
    if not ledger.exists():
        return guess
    with read_ledger(ledger) as db:
        replies, prompt, reply, second, written, paraphrases, seconds = db.execute(
            "SELECT count(*), avg(prompt_tokens), avg(completion_tokens), "  # noqa: S608 - the names are our own constants
            f"sum({_IS_SECOND}), sum(outcome = :written AND task NOT LIKE 'paraphrase%'), "
            "sum(task = 'paraphrase'), avg(seconds) "
            f"FROM requests WHERE reply IS NOT NULL AND model = coalesce(:model, model) AND {which}",
            {"written": WRITTEN, "model": model},
        ).fetchone()
    if not replies:
        return guess
    first = replies - second
    return Measured(
        replies, prompt, reply, second / max(1, first), written / max(1, first - paraphrases), seconds
    )
