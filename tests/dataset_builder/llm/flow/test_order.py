"""The order of requests: one that follows another goes right after it, where the server still has both."""

import asyncio
import json

import pytest

from dualview.dataset_builder.llm.budget import Budget
from dualview.dataset_builder.llm.conversation import WRITTEN, Sampling, Verdict, converse
from dualview.dataset_builder.llm.flow.tries import Dialogue
from dualview.dataset_builder.llm.prompts import fill_prompt
from dualview.dataset_builder.schema import Passage
from tests.dataset_builder.llm.flow.test_several_servers import ask_two
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.server import Behaviour

PASSAGES = [Passage("p", "", "Bread of the north."), Passage("q", "", "Bread of the south.")]


async def write(client, name, seen):
    """Ask about a query; what begins with "no" cannot be used."""
    prompt = fill_prompt("judge_list", query=f"bread {name}", instruction="The north.", passages=PASSAGES)

    def read(reply):
        seen.append((name, reply.text))
        return Verdict("unreadable") if reply.text.startswith("no") else Verdict(WRITTEN, reply.text)

    return await converse(client, prompt, name, Sampling(), read)


@pytest.mark.parametrize("budget", [None, Budget(tokens=10**6)])
def test_a_second_try_follows_its_first_at_once(tmp_path, budget):
    seen = []

    async def use(client, fake):
        return await asyncio.gather(*(write(client, name, seen) for name in "abcdef"))

    says = [("no a", "stop"), ("a", "stop"), ("b", "stop"), ("no c", "stop"), ("no c", "stop")]
    verdicts, fake = ask(tmp_path, Behaviour(says=says, latency=0.01), use, concurrency=1, budget=budget)
    assert seen[:5] == [("a", "no a"), ("a", "a"), ("b", "b"), ("c", "no c"), ("c", "no c")]
    assert [verdict.outcome for verdict in verdicts[:3]] == [WRITTEN, WRITTEN, "unreadable"]
    asked = [body["messages"] for body in fake.bodies]
    assert asked[1][: len(asked[0])] == asked[0]
    assert asked[4][: len(asked[3])] == asked[3]
    # The others keep their order.
    assert [name for name, _ in seen[5:]] == ["d", "e", "f"]


def test_with_several_in_flight_it_waits_for_no_slot_but_its_own(tmp_path):
    seen = []

    async def use(client, fake):
        await asyncio.gather(*(write(client, f"{number:02}", seen) for number in range(20)))

    # Two are in flight at first.
    says = [("no", "stop")] * 2
    _, fake = ask(tmp_path, Behaviour(says=says, latency=0.05), use, concurrency=4)
    assert [place for place, body in enumerate(fake.bodies) if len(body["messages"]) > 2] == [2, 3]


def test_it_goes_to_the_server_that_has_the_first(tmp_path):
    async def use(client, fakes):
        async def talk(number):
            dialogue = Dialogue()
            await client.ask(request(f"{number} first"), dialogue=dialogue)
            await client.ask(request(f"{number} second"), dialogue=dialogue)

        await asyncio.gather(*map(talk, range(40)))

    # The fast server nearly always has more room.
    _, fakes = ask_two(tmp_path, Behaviour(latency=0.01), Behaviour(latency=0.1), use, concurrency=4)
    for fake in fakes:
        texts = [body["messages"][-1]["content"] for body in fake.bodies]
        first = {text.split()[0] for text in texts if "first" in text}
        assert first and first == {text.split()[0] for text in texts if "second" in text}, json.dumps(texts)
