"""Asks a server a number of questions, in a process of its own that a test may kill."""

from __future__ import annotations

import asyncio
import multiprocessing
import os
from collections.abc import Mapping
from multiprocessing.process import BaseProcess
from pathlib import Path

from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, find_server
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from dualview.dataset_builder.llm.pacing import Backoff
from tests.dataset_builder.llm_server.replies import request_id

SCHEMA = {"type": "object", "properties": {"new_instruction": {"type": "string"}}}
KEY = "sk-own/Key+of-the-rounds_0123456789"


def question(number: int) -> LlmRequest:
    text = f'Question {number}. Answer with "new_instruction".'
    return LlmRequest("reversal", f"set {number}", "reversal-1", (("user", text),), 50, SCHEMA)


def name_of(request: LlmRequest) -> str:
    """The server's name for a request, which is in each of its answers."""
    return request_id([{"role": role, "content": text} for role, text in request.messages])


async def ask_all(url: str, path: Path, count: int, max_tries: int = 12) -> Mapping[int, LlmReply | str]:
    """The reply to each question, or the reason why there is none."""
    with Ledger(path) as ledger:
        client = LlmClient(
            find_server(url, None, 0.25),
            "m",
            ledger,
            "openai",
            concurrency=6,
            max_tries=max_tries,
            backoff=Backoff(0.001, 0.01),
            breaker=Breaker("the server", first_pause=0.01, longest_pause=0.05, patience=30),
        )

        async def ask(number: int) -> LlmReply | str:
            try:
                return await client.ask(question(number))
            except RequestFailedError as error:
                return error.reason

        try:
            replies = await asyncio.gather(*(ask(number) for number in range(count)))
        finally:
            await client.close()
    return dict(enumerate(replies))


def start_asking(url: str, path: Path, count: int) -> BaseProcess:
    """Start a process that asks all questions; it is forked from one that has imported everything."""
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(["tests.faults.asking"])
    process = context.Process(target=_run, args=(url, path, count), daemon=True)
    process.start()
    return process


def _run(url: str, path: Path, count: int) -> None:
    os.environ[KEY_VARIABLE] = KEY
    # Warnings of the breaker are no part of these tests.
    os.dup2(os.open(os.devnull, os.O_WRONLY), 2)
    asyncio.run(ask_all(url, path, count))
