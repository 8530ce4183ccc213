"""The client against a server with faults: what is tried again, how often, when, and what is given up."""

import asyncio
import datetime
import email.utils
import logging
import time

import httpx2
import pytest
from huggingface_hub.errors import HfHubHTTPError

from dataset_builder.endpoint import reading
from dataset_builder.endpoint.budget import Budget, BudgetError, Price, read_price
from dataset_builder.endpoint.client import LlmClient, NotAskedError, RequestFailedError
from dataset_builder.endpoint.connection import KEY_VARIABLE, find_server
from dataset_builder.endpoint.failures import explain_failure, retry_after_seconds
from dataset_builder.endpoint.messages import LlmRequest
from dataset_builder.endpoint.pacing import Backoff, Breaker, RateLimit
from dataset_builder.errors import InputError
from dataset_builder.ledger import Ledger
from tests.dataset_builder.llm_server.server import FAULTS, Behaviour, FakeLlm


def request(text="hello", **more):
    return LlmRequest("reversal", f"set > {text}", "reversal-1", (("user", text),), 50, **more)


def ask(tmp_path, behaviour, use, timeout=5.0, **options):
    """Run ``use(client, fake)`` with a client of these options; return what it returns, and the server."""
    options = {"backoff": Backoff(0.001, 0.01), "dialect": "openai"} | options

    async def run():
        fake = FakeLlm(behaviour)
        port = await fake.start()
        with Ledger(tmp_path / "l.sqlite") as ledger:
            server = find_server(f"http://127.0.0.1:{port}/v1", None, timeout)
            client = LlmClient(server, "m", ledger, **options)
            try:
                return await use(client, fake), fake
            finally:
                await client.close()
                await fake.stop()

    return asyncio.run(run())


def rows(tmp_path, columns):
    with Ledger(tmp_path / "l.sqlite") as ledger:
        return ledger._db.execute(f"SELECT {columns} FROM requests ORDER BY subject").fetchall()


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
    no_reply = field in ("choices", "message") or value == [5]
    expected = "fine" if field == "usage" else "x" if value == "x" else ""
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


@pytest.mark.parametrize(
    ("header", "seconds"),
    [
        ("7", 7),
        ("0", 0),
        ("1.5", 1.5),
        ("-3", 0),
        ("", None),
        (None, None),
        ("soon", None),
        ("nan", None),
        ("inf", None),
        ("Wed, 21 Oct 2015 07:28:00 GMT", 0),
    ],
)
def test_retry_after_is_understood(header, seconds):
    assert retry_after_seconds(header) == seconds


def test_retry_after_may_be_a_date():
    moment = datetime.datetime.now(datetime.UTC) + datetime.timedelta(seconds=90)
    assert 85 < retry_after_seconds(email.utils.format_datetime(moment, usegmt=True)) <= 90


def test_what_llama_server_cut_off_is_not_tried_again():
    said = "The model produced output that does not match the expected peg-native format"
    request = httpx2.Request("POST", "http://h/v1")
    response = httpx2.Response(500, json={"error": {"message": said}}, request=request)
    failure = explain_failure(HfHubHTTPError("500", response=response), find_server("http://h/v1", None, 1))
    assert (failure.remedy, failure.reason) == ("refused", "cut_off")


def test_retry_after_is_waited_for(tmp_path):
    started = time.monotonic()
    reply, _ = ask(
        tmp_path, Behaviour(fails=["429"], retry_after="0.4"), lambda client, _: client.ask(request())
    )
    assert reply.attempts == 2
    assert time.monotonic() - started >= 0.4


def test_retry_after_beyond_all_patience_stops(tmp_path):
    async def use(client, fake):
        with pytest.raises(InputError, match=r"asks to wait 5000 s.*--patience"):
            await client.ask(request())

    ask(tmp_path, Behaviour(fails=["429"], retry_after="5000"), use)


def test_backoff_doubles_with_jitter():
    backoff = Backoff(first=1.0, longest=8.0)
    for tries, most in ((1, 1), (2, 2), (3, 4), (4, 8), (9, 8)):
        pauses = [backoff.seconds(tries) for _ in range(200)]
        assert 0 <= min(pauses) < 0.2 * most
        assert 0.8 * most < max(pauses) <= most
    assert all(3 <= backoff.seconds(1, retry_after=3) <= 3.25 for _ in range(50))


def test_no_more_requests_are_in_flight_than_allowed(tmp_path):
    async def use(client, fake):
        await asyncio.gather(*(client.ask(request(str(number))) for number in range(40)))

    _, fake = ask(tmp_path, Behaviour(latency=0.02), use, concurrency=7)
    assert fake.most_in_flight == 7


def test_requests_and_tokens_keep_to_their_rates(tmp_path):
    async def use(client, fake):
        started = time.monotonic()
        await asyncio.gather(*(client.ask(request(str(number))) for number in range(6)))
        return time.monotonic() - started

    seconds, _ = ask(tmp_path, Behaviour(), use, requests=RateLimit(1200))
    assert seconds >= 5 * 0.05
    (tmp_path / "l.sqlite").unlink()
    # Each of the six may use some 60 tokens, and the rate is 100 a second; what is not used is given back.
    seconds, _ = ask(tmp_path, Behaviour(), use, tokens=RateLimit(6000), concurrency=1)
    assert 0.5 <= seconds <= 5


def test_a_rate_spreads_turns_evenly():
    async def run():
        limit = RateLimit(per_minute=6000)
        started = time.monotonic()
        await asyncio.gather(*(limit.wait() for _ in range(20)))
        return time.monotonic() - started

    assert 0.19 <= asyncio.run(run()) < 2


def test_the_breaker_holds_back_and_goes_on_when_the_server_is_back(tmp_path, capsys):
    async def use(client, fake):
        fake.behaviour.status = 503
        asked = [asyncio.ensure_future(client.ask(request(str(number)))) for number in range(30)]
        await asyncio.sleep(0.5)
        failed = fake.came.total()
        fake.behaviour.status = None
        replies = await asyncio.gather(*asked)
        return failed, replies

    breaker = Breaker("the server", after=5, first_pause=0.1)
    (failed, replies), _ = ask(tmp_path, Behaviour(), use, concurrency=10, max_tries=2, breaker=breaker)
    # Ten were in flight when it opened; then one at a time, after 0.1 s, 0.2 s …
    assert failed <= 10 + 4
    assert len(replies) == 30
    said = capsys.readouterr().err
    assert "the server fails every time (status 503" in said
    assert "the same command goes on" in said
    assert said.endswith("the server answers again.\n")
    assert 1 <= said.count("trying again in") <= 4


def test_the_breaker_gives_up_when_patience_ends(tmp_path):
    async def use(client, fake):
        with pytest.raises(InputError, match=r"the server has not answered for .*What was answered is kept"):
            await asyncio.gather(*(client.ask(request(str(number))) for number in range(8)))

    breaker = Breaker("the server", after=3, first_pause=0.05, patience=0.2)
    started = time.monotonic()
    ask(tmp_path, Behaviour(status=500), use, breaker=breaker)
    assert time.monotonic() - started < 5


def test_scattered_faults_do_not_open_the_breaker(tmp_path, capsys):
    async def use(client, fake):
        return await asyncio.gather(*(client.ask(request(str(number))) for number in range(200)))

    kinds = ("429", "500", "cut")
    replies, fake = ask(tmp_path, Behaviour(faults=0.3, kinds=kinds), use, max_tries=20)
    assert len(replies) == 200
    assert fake.came.total() == sum(reply.attempts for reply in replies) > 240
    assert capsys.readouterr().err == ""


def test_the_budget_is_never_exceeded(tmp_path):
    price = Price(prompt=1000, reply=1000)  # a thousandth of a unit a token

    async def use(client, fake):
        asked = (client.ask(request(f"{number:03}" * 20)) for number in range(60))
        return await asyncio.gather(*asked, return_exceptions=True)

    found, fake = ask(
        tmp_path, Behaviour(latency=0.01), use, price=price, budget=Budget(money=1.0), concurrency=16
    )
    answered = [reply for reply in found if not isinstance(reply, Exception)]
    assert {type(error) for error in found if isinstance(error, Exception)} == {BudgetError}
    spent = sum(reply.cost for reply in answered)
    # A request may use 75 tokens, so that much may be left.
    assert 1.0 - 0.08 <= spent <= 1.0
    assert fake.came.total() == len(answered)
    # What was spent before counts.
    with Ledger(tmp_path / "l.sqlite") as ledger:
        spent_before = ledger.spent()
    assert spent_before.cost == pytest.approx(spent)

    async def once_more(client, fake):
        with pytest.raises(BudgetError, match=r"raise the budget to go on, or add --ledger-only"):
            await client.ask(request("new" * 20))

    budget = Budget(1.0, None, spent_before.cost, spent_before.tokens)
    ask(tmp_path, Behaviour(), once_more, price=price, budget=budget)


def test_a_budget_of_tokens(tmp_path):
    async def use(client, fake):
        return await asyncio.gather(*(client.ask(request(str(n))) for n in range(30)), return_exceptions=True)

    found, _ = ask(tmp_path, Behaviour(), use, budget=Budget(tokens=500))
    used = sum(reply.prompt_tokens + reply.completion_tokens for reply in found if hasattr(reply, "text"))
    assert 420 <= used <= 500


def test_prices_are_read_from_a_flag_or_a_table(tmp_path):
    assert read_price("0.15/0.60", "m") == Price(0.15, 0.60)
    assert Price(0.15, 0.60).of(2_000_000, 1_000_000) == pytest.approx(0.9)
    table = tmp_path / "prices.yaml"
    table.write_text("org/model: {prompt: 1, reply: 2.5}\nbad: {prompt: 1}\nodd: 7\n")
    assert read_price(str(table), "org/model") == Price(1, 2.5)
    assert read_price(str(table), "other") is None
    for model in ("bad", "odd"):
        with pytest.raises(InputError, match="write the line of"):
            read_price(str(table), model)
    for given in ("cheap", "1/x", "-1/2", "nan/1", str(tmp_path)):
        with pytest.raises(InputError, match="PROMPT/REPLY"):
            read_price(given, "m")


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
        await asyncio.sleep(0.1)
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
    kept = reading._logprobs({"content": [entry] * 100})
    assert len(kept) == 8
    assert kept[0].alternatives == {"\ufffd": -1.0}
    for strange in (None, 5, {}, {"content": None}, {"content": [5]}, {"content": [{"token": "a"}]}):
        assert reading._logprobs(strange) == ()
