"""The client against a server with faults: what is tried again, shared, kept and given up."""

import asyncio
import logging

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.client import NotAskedError
from dualview.dataset_builder.llm.connection import KEY_VARIABLE, find_server
from dualview.dataset_builder.llm.failures import explain_failure
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.replies import completion
from tests.dataset_builder.llm_server.asking import ask, request, rows
from tests.dataset_builder.llm_server.faults import FAULTS
from tests.dataset_builder.llm_server.server import Behaviour


def test_a_reply_is_asked_for_once(tmp_path):
    async def use(client, fake):
        first = await client.ask(request(), lambda reply: "seen " + reply.finish_reason)
        assert await client.ask(request()) == first
        assert client.used() == {
            "requests": 2, "prompt_tokens": 2, "completion_tokens": 2 * first.completion_tokens, "cost": None
        }  # fmt: skip
        return first

    reply, fake = ask(tmp_path, Behaviour(says=[("the answer", "stop")]), use)
    assert (reply.text, reply.finish_reason, reply.attempts) == ("the answer", "stop", 1)
    assert reply.prompt_tokens == 1
    assert fake.came.total() == 1
    assert rows(tmp_path, "outcome, reply, attempts") == [("seen stop", "the answer", 1)]
    # Another run with the same ledger asks nothing.
    again, fake = ask(tmp_path, Behaviour(), lambda client, _: client.ask(request()))
    assert again == reply
    assert fake.came.total() == 0


def test_tasks_with_the_same_request_share_one_reply(tmp_path):
    async def use(client, fake):
        return await asyncio.gather(*(client.ask(request()) for _ in range(20)))

    replies, fake = ask(tmp_path, Behaviour(latency=0.05), use)
    assert len(set(map(id, replies))) == 1
    assert fake.came.total() == 1


def test_a_failure_is_shared_too(tmp_path):
    async def use(client, fake):
        return await asyncio.gather(*(client.ask(request()) for _ in range(3)), return_exceptions=True)

    errors, fake = ask(tmp_path, Behaviour(latency=0.01, fails=["500"] * 9), use, max_tries=2)
    assert [type(error) for error in errors] == [RequestFailedError] * 3
    assert fake.came.total() == 2


@pytest.mark.parametrize("kind", FAULTS)
def test_every_transient_fault_is_tried_again(tmp_path, kind):
    timeout = 0.3 if kind == "hang" else 5
    reply, fake = ask(
        tmp_path, Behaviour(fails=[kind, kind]), lambda client, _: client.ask(request()), timeout=timeout
    )
    assert reply.attempts == 3
    assert fake.came.total() == 3
    assert rows(tmp_path, "attempts") == [(3,)]


def test_a_request_that_always_fails_is_given_up_and_asked_again_next_time(tmp_path):
    async def use(client, fake):
        with pytest.raises(RequestFailedError, match=r"500: .*fell over") as error:
            await client.ask(request())
        return error.value.reason

    reason, fake = ask(tmp_path, Behaviour(fails=["500"] * 3), use, max_tries=3)
    assert reason == "server_error"
    assert fake.came.total() == 3
    assert rows(tmp_path, "outcome, reply, attempts") == [("server_error", None, 3)]
    reply, fake = ask(tmp_path, Behaviour(), lambda client, _: client.ask(request()))
    assert reply.attempts == 1
    assert rows(tmp_path, "outcome, attempts") == [("replied", 1)]


def test_a_refused_request_is_not_tried_again(tmp_path):
    async def use(client, fake):
        await client.ask(request("fine"))
        fake.behaviour.status = 400
        with pytest.raises(RequestFailedError) as error:
            await client.ask(request())
        return error.value.reason

    reason, fake = ask(tmp_path, Behaviour(), use)
    assert reason == "refused"
    assert fake.came.total() == 2


@pytest.mark.parametrize(("status", "says"), [(401, "API key"), (402, "payment"), (404, "no such model")])
def test_what_no_request_can_survive_stops_everything(tmp_path, status, says):
    async def use(client, fake):
        with pytest.raises(InputError, match=says):
            await client.ask(request())

    _, fake = ask(tmp_path, Behaviour(status=status), use)
    assert fake.came.total() == 1


def test_a_server_that_refuses_all_stops_everything(tmp_path):
    async def use(client, fake):
        found = await asyncio.gather(*(client.ask(request(str(n))) for n in range(9)), return_exceptions=True)
        assert any(isinstance(error, InputError) and "refuses every request" in str(error) for error in found)

    ask(tmp_path, Behaviour(status=422), use, concurrency=1)


@pytest.mark.parametrize("field", ["choices", "message", "content", "usage"])
@pytest.mark.parametrize("value", [None, 5, "x", [], [5], {}, {"content": 5}, [{"message": None}]])
def test_strange_responses_are_read_or_tried_again(tmp_path, monkeypatch, field, value):
    whole = {"choices": [{"message": {"content": "fine"}, "finish_reason": None}]}
    strange = {
        "choices": {**whole, "choices": value},
        "message": {"choices": [{"message": value}]},
        "content": {"choices": [{"message": {"content": value}}]},
        "usage": {**whole, "usage": value},
    }[field]
    monkeypatch.setattr("tests.dataset_builder.llm_server.server._completion", lambda *_: strange)

    async def use(client, fake):
        try:
            return (await client.ask(request())).text
        except RequestFailedError as error:
            return error.reason

    result, _ = ask(tmp_path, Behaviour(), use, max_tries=2)
    no_text = field == "content" or (field == "message" and isinstance(value, dict))
    no_reply = field in ("choices", "message")
    expected = "fine" if field == "usage" else "x" if value == "x" else "empty_reply"
    assert result == ("broken_reply" if no_reply and not no_text else expected)


def test_without_usage_tokens_are_estimated(tmp_path):
    reply, _ = ask(
        tmp_path, Behaviour(usage=False, says=[("x" * 40, "stop")]), lambda it, _: it.ask(request("y" * 300))
    )
    assert reply.completion_tokens == 10
    assert 75 <= reply.prompt_tokens <= 120


def test_logprobs_come_along_and_stay(tmp_path):
    async def use(client, fake):
        return await client.ask(request(top_logprobs=5)), fake.bodies[0]

    (reply, body), _ = ask(tmp_path, Behaviour(), use)
    assert (body["logprobs"], body["top_logprobs"]) == (True, 5)
    assert reply.logprobs[0].alternatives == {"yes": -0.1}
    assert ask(tmp_path, Behaviour(), lambda it, _: it.ask(request(top_logprobs=5)))[0] == reply


def test_what_llama_server_cut_off_is_not_tried_again():
    said = "The model produced output that does not match the expected peg-native format"
    request = httpx2.Request("POST", "http://h/v1")
    response = httpx2.Response(500, json={"error": {"message": said}}, request=request)
    failure = explain_failure(HfHubHTTPError("500", response=response), find_server("http://h/v1", None, 1))
    assert (failure.remedy, failure.reason) == ("refused", "cut_off")


def test_with_the_ledger_only_nothing_is_asked(tmp_path):
    ask(tmp_path, Behaviour(), lambda client, _: client.ask(request("known")))

    async def use(client, fake):
        with pytest.raises(NotAskedError):
            await client.ask(request("unknown"))
        return await client.ask(request("known"))

    reply, fake = ask(tmp_path, Behaviour(), use, ledger_only=True)
    assert reply.text
    assert fake.came.total() == 0


def test_the_key_is_nowhere(tmp_path, monkeypatch, caplog, capsys):
    """Not in messages, logs, exceptions and what they hang on, nor in the ledger, even if a server echoes."""
    secret = "my-own-very-secret-key-0123456789"
    monkeypatch.setenv(KEY_VARIABLE, secret)
    caplog.set_level(logging.DEBUG)

    async def use(client, fake):
        texts = [repr(client), repr(vars(client))]
        fake.behaviour.says = [(f"your key is {secret}", "stop")]
        texts.append((await client.ask(request("echo"))).text)
        for status in (500, 400, 401, 403):
            fake.behaviour.status = status
            try:
                await client.ask(request(str(status)))
            except (RequestFailedError, InputError) as error:
                chain = error
                while chain is not None:
                    texts += [repr(chain), str(chain), repr(vars(chain))]
                    chain = chain.__cause__ or chain.__context__
        assert fake.headers[0]["authorization"] == f"bearer {secret}"
        return texts

    texts, _ = ask(tmp_path, Behaviour(), use, max_tries=2)
    assert "your key is [API key]" in texts
    assert not [text for text in texts if secret in text]
    assert secret not in caplog.text
    assert secret not in "".join(capsys.readouterr())
    for file in tmp_path.iterdir():
        assert secret.encode() not in file.read_bytes()


def test_ctrl_c_leaves_no_request_behind(tmp_path):
    async def use(client, fake):
        task = asyncio.ensure_future(client.ask(request()))
        while not fake.came:
            await asyncio.sleep(0.01)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task
        assert not client._asking
        fake.behaviour.latency = 0
        return await client.ask(request())

    reply, fake = ask(tmp_path, Behaviour(latency=5), use)
    assert reply.attempts == 1
    assert fake.came.total() == 2


def test_only_the_first_tokens_logprobs_are_kept():
    entry = {"token": "a", "logprob": -1.0, "top_logprobs": [{"token": "\ud800", "logprob": -1}]}
    server = find_server("http://h/v1", None, 1)
    kept = completion._logprobs({"content": [entry] * 100}, server)
    assert len(kept) == 8
    assert kept[0].alternatives == {"\ufffd": -1.0}
    for strange in (None, 5, {}, {"content": None}, {"content": [5]}, {"content": [{"token": "a"}]}):
        assert completion._logprobs(strange, server) == ()
