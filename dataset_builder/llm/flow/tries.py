"""Tries a request until a server answers it, refuses it, or it has failed too often."""

from __future__ import annotations

import asyncio
from dataclasses import dataclass, replace

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.failures import Failure
from dualview.dataset_builder.llm.flow.pool import Pool
from dualview.dataset_builder.llm.flow.sending import Sender
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import Backoff

# An empty reply is paid for: one more try, not all of them.
_MAX_EMPTY = 2


class RequestFailedError(Exception):
    """A request without an answer: the server refused it, or failed on every try.

    It is asked again the next time.

    :ivar failure: the last try.
    :ivar tries: their number.
    :ivar reason: one word in snake case, see :class:`Failure`.
    :ivar is_refused: the server or the model would refuse it again.
    """

    def __init__(self, failure: Failure, tries: int = 1) -> None:
        super().__init__(failure.detail)
        self.failure = failure
        self.tries = tries
        self.reason = failure.reason
        self.is_refused = failure.remedy == "refused"


@dataclass
class Used:
    """Tokens that the tries of one request have used."""

    prompt_tokens: int = 0
    completion_tokens: int = 0

    def add(self, outcome: LlmReply | Failure) -> None:
        """Count those of one try."""
        self.prompt_tokens += outcome.prompt_tokens
        self.completion_tokens += outcome.completion_tokens


@dataclass
class Dialogue:
    """Requests that follow one another, such as the two tries of a question.

    :ivar server: has answered the last one, and keeps what they have in common; None at first.
    """

    server: Sender | None = None


class Tries:
    """Tries requests on the servers of a pool.

    :param most: tries after which a request counts as failed. Tries that a breaker holds back do not count.
    :param backoff: the pauses between them.
    """

    def __init__(self, pool: Pool, most: int, backoff: Backoff) -> None:
        self._pool = pool
        self._most = most
        self._backoff = backoff

    async def until_answered(
        self, request: LlmRequest, used: Used, dialogue: Dialogue | None = None
    ) -> LlmReply:
        """Send a request until it is answered.

        :param used: is told the tokens of each try.
        :param dialogue: what the request belongs to, if it belongs to one.
        :raises RequestFailedError: if this request got no answer.
        :raises InputError: if no request will get one.
        """
        dialogue = dialogue or Dialogue()
        tries, failed_on = 0, None
        while True:
            slot = await self._pool.take(failed_on, dialogue.server)
            sender = slot.sender
            try:
                outcome = await sender.send(request)
            except BaseException:
                self._pool.give_back(slot)
                raise
            self._pool.finish(slot, outcome)
            used.add(outcome)
            tries += 1
            if isinstance(outcome, LlmReply):
                sender.watch.answered()
                dialogue.server = sender
                return replace(outcome, attempts=tries)
            failed_on = sender
            try:
                sender.watch.failed(outcome)
            except InputError as error:
                if not self._pool.leave(sender, str(error)):
                    raise
                tries -= 1
                continue
            # It never reached the server; where the server stays away, the breaker ends all of them.
            unsent = outcome.away and not outcome.not_ready
            is_empty = outcome.reason == "empty_reply"
            held_back = outcome.remedy == "again" and sender.breaker.is_open and not is_empty
            if outcome.made_room or held_back:
                tries -= 1
                continue
            most = _MAX_EMPTY if is_empty else self._most
            if outcome.remedy == "refused" or (tries >= most and not unsent):
                sender.watch.show(request, outcome)
                raise RequestFailedError(outcome, tries)
            await asyncio.sleep(self._backoff.seconds(tries, outcome.retry_after))
