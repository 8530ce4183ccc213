"""A judge that is a language model: the probability of "yes" where the server gives it, else votes.

Design:

- A server that gives the logarithms of probabilities is asked about one passage at a time; "yes" against "no"
  is a probability, and no other passage can influence it.
- Any other server is asked about all passages of a view at once, several times, each time in another order:
  a preference for places in the list shows as disagreement. The share of votes is the probability.
- The first request shows which kind a server is; the ledger keeps it.
- Every request goes through the client and its ledger. The same view of the same passages is one request,
  whichever pair asks; the order of votes is drawn from the texts, so a second run asks the same.
"""

from __future__ import annotations

import asyncio
import json
from collections.abc import Sequence
from dataclasses import asdict
from typing import Any

from dualview.cards.errors import InputError
from dualview.dataset_builder.judges.deciding import Thresholds, decide, refuse
from dualview.dataset_builder.judges.judge_protocol import Judgement
from dualview.dataset_builder.judges.relevance_questions import (
    ONE,
    SEVERAL,
    AskingSettings,
    list_requests,
    word_request,
)
from dualview.dataset_builder.judges.replies import read_numbers, read_probability, read_word
from dualview.dataset_builder.judges.views import View, views_of
from dualview.dataset_builder.llm.client import LlmClient, NotAskedError
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.model_names import published_name
from dualview.dataset_builder.llm.prompts import prompt_version
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.schema import Passage, ViewPair


class LanguageModelJudge:
    """Asks a model whether each passage of a view is relevant.

    :ivar concurrency: items whose pairs may wait for answers at once.
    :param hard_negatives: how many hard negatives of a pair are judged; None for all.
    :param is_own: the model is the writer's own.
    """

    def __init__(
        self,
        client: LlmClient,
        run: LlmRun,
        thresholds: Thresholds,
        settings: AskingSettings,
        hard_negatives: int | None = 0,
        concurrency: int = 32,
        is_own: bool = False,
    ) -> None:
        self.name = published_name(client.model)
        self.asked_model = client.model
        self.concurrency = concurrency
        self._client = client
        self._run = run
        self._thresholds = thresholds
        self._settings = settings
        self._hard_negatives = hard_negatives
        self._is_own = is_own
        self._gives_logprobs: bool | None = None
        self._finding_out = asyncio.Lock()

    async def judge_async(self, pairs: Sequence[ViewPair]) -> list[Judgement]:
        """One judgement a pair, in order."""
        return list(await asyncio.gather(*map(self._judge_pair, pairs)))

    async def score_async(self, view: View) -> tuple[float | None, ...]:
        """The probability that each passage of a view is relevant; None where the model gave none."""
        if await self._logprobs_are_given(view):
            return tuple(await asyncio.gather(*(self._weigh(view, passage) for passage in view.passages)))
        return await self._vote(view)

    async def close(self) -> None:
        """Close the connections and the ledger."""
        await self._client.close()
        self._run.close()

    def recipe(self) -> dict[str, Any]:
        """Further facts for the recipe."""
        prompts = [prompt_version(task) for task in (ONE, SEVERAL)]
        return {
            "kind": "llm",
            "is_the_writer": self._is_own,
            "prompts": prompts,
            **asdict(self._thresholds),
            "hard_negatives": self._hard_negatives,
            **asdict(self._settings),
        }

    async def _judge_pair(self, pair: ViewPair) -> Judgement:
        views = views_of(pair, self._hard_negatives)
        original, reversed_ = await asyncio.gather(*map(self.score_async, views))
        p_original = [p for p in original if p is not None]
        p_reversed = [p for p in reversed_ if p is not None]
        if len(p_original) < len(original) or len(p_reversed) < len(reversed_):
            return refuse(self.name, "the model gave no usable answer on a passage")
        return decide(pair, self.name, p_original, p_reversed, self._thresholds)

    async def _logprobs_are_given(self, view: View) -> bool:
        async with self._finding_out:
            if self._gives_logprobs is None:
                self._gives_logprobs = await self._find_out(view)
        return self._gives_logprobs

    async def _find_out(self, view: View) -> bool:
        """Find out whether the server gives logarithms, by one request alone, because it may refuse it."""
        fact = logprobs_fact(self._client.server, self._client.model)
        known = self._client.ledger.recall(fact)
        if known is None:
            try:
                known = await self._try_logprobs(word_request(view, view.passages[0], self._settings))
            except NotAskedError:
                return False
            self._client.ledger.remember(fact, known)
        return known == "yes"

    async def _try_logprobs(self, request: LlmRequest) -> str:
        try:
            reply = await self._client.ask(request)
        except RequestFailedError as error:
            if error.is_refused or error.reason == "empty_reply":
                return "no"
            raise InputError(
                f"the judge {self.name} did not answer its first request: {error}; run the same command again"
            ) from error
        return "no" if read_probability(reply) is None else "yes"

    async def _weigh(self, view: View, passage: Passage) -> float | None:
        reply = await self._ask(word_request(view, passage, self._settings))
        if reply is None:
            return None
        probability = read_probability(reply)
        if probability is None and (word := read_word(reply)) is not None:
            return float(word)
        return probability

    async def _vote(self, view: View) -> tuple[float | None, ...]:
        """The share of votes for each passage, of those votes that could be read."""
        rounds = await asyncio.gather(*(self._vote_once(view, vote) for vote in range(self._settings.votes)))
        shares: list[float | None] = []
        for place in range(len(view.passages)):
            votes = [voted[place] for voted in rounds if place in voted]
            shares.append(sum(votes) / len(votes) if votes else None)
        return tuple(shares)

    async def _vote_once(self, view: View, vote: int) -> dict[int, bool]:
        """One vote on each passage, by its place; unreadable ones are left out."""
        questions = list_requests(view, vote, self._settings)
        replies = await asyncio.gather(*(self._ask(request) for _, request in questions))
        voted: dict[int, bool] = {}
        for (places, _), reply in zip(questions, replies, strict=True):
            relevant = None if reply is None else read_numbers(reply, len(places))
            if relevant is not None:
                voted |= {place: number in relevant for number, place in enumerate(places)}
        return voted

    async def _ask(self, request: LlmRequest) -> LlmReply | None:
        try:
            return await self._client.ask(request)
        except (RequestFailedError, NotAskedError):
            return None


def logprobs_fact(server: str, model: str) -> str:
    """The name under which the ledger keeps whether a server gives logarithms: ``yes`` or ``no``."""
    return json.dumps(["logprobs", server, model])
