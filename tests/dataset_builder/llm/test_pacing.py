"""The client's pace: what it waits for, how much it asks at a time, and what it may spend."""

import asyncio
import datetime
import email.utils
import time

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.budget import Budget, BudgetError, Price, read_price
from dualview.dataset_builder.llm.failures import retry_after_seconds
from dualview.dataset_builder.llm.flow.breaker import Breaker
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.pacing import Backoff, RateLimit
from tests.dataset_builder.llm_server.asking import ask, request
from tests.dataset_builder.llm_server.server import Behaviour


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


def test_retry_after_is_waited_for(tmp_path):
    started = time.monotonic()
    reply, _ = ask(
        tmp_path, Behaviour(fails=["429"], retry_after="0.4"), lambda client, _: client.ask(request())
    )
    assert reply.attempts == 2
    assert time.monotonic() - started >= 0.4


def test_retry_after_beyond_all_patience_stops(tmp_path):
    async def use(client, fake):
        with pytest.raises(InputError, match=r"asks to wait 83 min.*--patience"):
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
