"""Asks one question, and once more where the reply cannot be used; names the outcome for the ledger.

A second try is a *repair* where the form of the reply was wrong, and a *rewrite* where the instruction broke
a rule: then the temperature is raised, since a model tends to repeat itself. The ledger counts them apart.
It is sent right after the first, before all other questions: the server still has the whole first one in its
cache.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass, replace
from typing import Any, Generic, TypeVar

from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.flow.tries import Dialogue, RequestFailedError
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest, Message
from dualview.dataset_builder.llm.prompts import SCHEMAS, Prompt

T = TypeVar("T")
WRITTEN = "written"
DECLINED = "declined"
REPAIR, REWRITE = "+repair", "+rewrite"
#: Ends of the names of second tries.
SECOND = (REPAIR, REWRITE)
# Faults of the form of a reply, rather than of what it says.
_OF_FORM = frozenset({"unreadable", "wrong_form", "cut_off"})
# So much warmer is a rewrite, but never hotter than this: models write nonsense there.
_WARMER, _HOTTEST = 0.3, 1.2
# A second try would only be refused again.
_FINAL = frozenset({WRITTEN, DECLINED, "content_filter"})


@dataclass(frozen=True)
class Verdict(Generic[T]):
    """The outcome of a reply.

    :param outcome: ``written``, ``declined``, or the reason why it cannot be used, one word in snake case.
    :param value: the text or pair that was written, or what comes nearest, for the config ``rejected``.
    :param problem: words for the model and for the config ``rejected`` about what is wrong.
    :param usable: whether the value may be published if no better one comes.
    """

    outcome: str
    value: T | None = None
    problem: str = ""
    usable: bool = False


@dataclass(frozen=True)
class Sampling:
    """Settings of sampling.

    :param max_tokens: the length of a reply, at most; a reasoning model needs thousands.
    """

    temperature: float = 0.7
    max_tokens: int = 1200
    seed: int | None = None

    def warmed(self, again: str) -> Sampling:
        """The settings of a second try."""
        if again != REWRITE:
            return self
        return replace(self, temperature=max(self.temperature, min(_HOTTEST, self.temperature + _WARMER)))


async def converse(
    client: LlmClient,
    prompt: Prompt,
    subject: str,
    sampling: Sampling,
    read: Callable[[LlmReply], Verdict[T]],
) -> Verdict[T]:
    """Ask, and ask once more if the reply cannot be used, telling the model what was wrong with it.

    Where nothing better comes the second time, a usable value of the first is taken.

    :param read: reads a reply; called once for each.
    """
    dialogue = Dialogue()
    verdict, reply = await _ask(
        client, prompt.task, prompt.version, prompt.messages, subject, sampling, read, dialogue
    )
    if verdict.outcome in _FINAL or reply is None:
        return verdict
    again = REPAIR if verdict.outcome in _OF_FORM else REWRITE
    messages = prompt.repaired(reply.text, verdict.problem)
    second, _ = await _ask(
        client,
        prompt.task + again,
        prompt.version,
        messages,
        subject,
        sampling.warmed(again),
        lambda reply: _taken(read(reply)),
        dialogue,
    )
    return second if second.outcome == WRITTEN else _taken(verdict, second)


def _taken(verdict: Verdict[T], otherwise: Verdict[T] | None = None) -> Verdict[T]:
    """The verdict as ``written`` where its value is usable; else the other one."""
    if verdict.usable:
        return Verdict(WRITTEN, verdict.value)
    return otherwise or verdict


def check_finish(reply: LlmReply) -> Verdict[Any] | None:
    """Judge a reply that the server cut off; None for a whole one."""
    if reply.finish_reason in ("length", "max_tokens"):
        return Verdict("cut_off", problem="it was too long and was cut off; keep the reasoning short")
    if reply.finish_reason == "content_filter":
        return Verdict("content_filter", problem="the server's content filter held the answer back")
    return None


async def _ask(
    client: LlmClient,
    task: str,
    version: str,
    messages: tuple[Message, ...],
    subject: str,
    sampling: Sampling,
    read: Callable[[LlmReply], Verdict[T]],
    dialogue: Dialogue,
) -> tuple[Verdict[T], LlmReply | None]:
    request = LlmRequest(
        task=task,
        subject=subject,
        prompt_version=version,
        messages=messages,
        max_tokens=sampling.max_tokens,
        schema=SCHEMAS[task.partition("+")[0]],
        temperature=sampling.temperature,
        seed=sampling.seed,
    )
    verdicts: list[Verdict[T]] = []

    def label(reply: LlmReply) -> str:
        verdicts.append(read(reply))
        return verdicts[0].outcome

    try:
        reply = await client.ask(request, label, dialogue)
    except RequestFailedError as error:
        return Verdict(error.reason, problem=f"the server gave no reply: {error}"), None
    # A reply from the ledger had its label long ago.
    return (verdicts[0] if verdicts else read(reply)), reply
