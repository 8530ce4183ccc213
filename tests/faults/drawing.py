"""Draws the behaviour of a faulty server, and runs it in a thread of its own."""

from __future__ import annotations

import asyncio
import random
import threading
from collections.abc import Iterator
from contextlib import contextmanager

from tests.dataset_builder.llm_server.faults import FAULTS
from tests.dataset_builder.llm_server.forms import EMPTY_FORMS, FORMS
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

# Forms that bring the answer as it is, so that it can be told whose it is.
_WHOLE_FORMS = tuple(form for form in FORMS if form != "tool_object")


def draw_behaviour(chance: random.Random) -> Behaviour:
    """A server that fails, repeats itself, and answers in odd forms; the same for the same seed."""
    kinds = chance.sample([*FAULTS, "bomb"], chance.randint(2, 5))
    forms = [*chance.sample(_WHOLE_FORMS, 3), *chance.sample(EMPTY_FORMS, chance.randint(0, 2))]
    return Behaviour(
        latency=0.004,
        jitter=0.004,
        faults=chance.choice([0.0, 0.2, 0.5]),
        kinds=tuple(kinds),
        bad=chance.choice([0.0, 0.3]),
        forms=tuple(forms),
        twice=chance.choice([0.0, 0.3, 0.7]),
        later=chance.uniform(0, 0.02),
        usage=chance.choice([True, False, {"prompt_tokens": 10**30, "completion_tokens": "many"}]),
    )


@contextmanager
def listening(behaviour: Behaviour) -> Iterator[tuple[FakeLlm, str]]:
    """The server in a thread, and its URL."""
    loop, fake = asyncio.new_event_loop(), FakeLlm(behaviour)
    port = loop.run_until_complete(fake.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake, f"http://127.0.0.1:{port}/v1"
    finally:
        asyncio.run_coroutine_threadsafe(fake.stop(), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()
