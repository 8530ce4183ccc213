"""Requests to a language model and their replies, as data."""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

#: Role and text, such as ``("user", "…")``.
Message = tuple[str, str]


@dataclass(frozen=True)
class LlmRequest:
    """One complete question to the model: the same request has the same key, whenever it is asked.

    :param task: kind of question, such as ``reversal`` or ``judge``; for the report.
    :param subject: item that it is about, such as ``health-003 > health-003-n1``; for the report.
    :param prompt_version: hash of the template and its schema, see
        :mod:`dualview.dataset_builder.llm.prompts`.
    :param schema: JSON schema of the reply; None for a reply in free text.
    :param max_tokens: the reply's length, at most.
    :param seed: passed to the server; it also distinguishes several votes on one question.
    :param top_logprobs: number of alternatives of each token to ask for; 0 asks for none.
    """

    task: str
    subject: str
    prompt_version: str
    messages: tuple[Message, ...]
    max_tokens: int
    schema: Mapping[str, Any] | None = None
    temperature: float = 0.0
    seed: int | None = None
    top_logprobs: int = 0

    def parameters(self) -> dict[str, Any]:
        """Parameters for the server beside the messages, without those that are not set."""
        given = {"max_tokens": self.max_tokens, "temperature": self.temperature}
        if self.seed is not None:
            given["seed"] = self.seed
        if self.top_logprobs:
            given["top_logprobs"] = self.top_logprobs
        return given

    def key(self, model: str) -> str:
        """The request's name in the ledger: a hash of model, prompt version, parameters and messages.

        The server's address and the dialect of its schema are not part of it: the same model on another
        server is not asked again.
        """
        head = json.dumps([model, self.prompt_version, self.parameters()], sort_keys=True)
        digest = hashlib.sha256(head.encode("ascii"))
        for role, text in self.messages:
            content = text.encode("utf-8", "surrogatepass")
            # With its length, no text can pass for two.
            digest.update(f"\n{role} {len(content)}\n".encode())
            digest.update(content)
        return digest.hexdigest()

    def characters(self) -> int:
        """Length of all messages."""
        return sum(len(text) for _, text in self.messages)


@dataclass(frozen=True)
class TokenChoice:
    """One token of a reply with the alternatives that the model weighed.

    :param alternatives: token -> natural logarithm of its probability, the chosen token among them.
    """

    token: str
    alternatives: Mapping[str, float]


@dataclass(frozen=True)
class LlmReply:
    """The answer of a model.

    :param text: the reply, never empty, and without halves of surrogate pairs, so that it can be stored.
    :param finish_reason: ``stop``, ``length`` (cut off at ``max_tokens``), ``content_filter``, or the
        server's own word; empty where it gave none.
    :param seconds: duration of the try that was answered.
    :param attempts: number of tries, the answered one included.
    :param cost: in the currency of the prices; None where no price is known.
    :param cached_tokens: tokens of the prompt that the server had read before; None where it does not say.
    :param logprobs: the first tokens with their alternatives, where they were asked for and given.
    """

    text: str
    finish_reason: str
    prompt_tokens: int
    completion_tokens: int
    seconds: float = 0.0
    attempts: int = 1
    cost: float | None = None
    logprobs: tuple[TokenChoice, ...] = ()
    cached_tokens: int | None = None


@dataclass(frozen=True)
class LlmFailure:
    """The end of a request without an answer.

    :param reason: one word in snake case, see :class:`dualview.dataset_builder.llm.failures.Failure`.
    :param detail: the server's words, in one line and without the API key.
    :param attempts: number of tries.
    :param prompt_tokens: tokens of the prompts that the server has counted, over all tries.
    :param completion_tokens: the same of the replies.
    :param cost: of these tokens; None where no price is known.
    """

    reason: str
    detail: str
    attempts: int
    prompt_tokens: int = 0
    completion_tokens: int = 0
    cost: float | None = None
