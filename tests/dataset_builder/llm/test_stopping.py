"""Errors that concern every request: all of them stop, in one line, and nothing more is paid for."""

import asyncio
import gc

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.flow.tries import RequestFailedError
from dualview.dataset_builder.llm.ledger import Ledger
from tests.dataset_builder.llm_server.asking import ask, request, rows
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

TOO_LONG = "This model's maximum context length is 2048 tokens"


def test_a_reply_that_cannot_be_kept_stops_all(tmp_path):
    """Others are in flight then, and none goes out any more."""

    async def use(client, fake):
        write = client.ledger.record_reply

        def fill_up(key, given, *more):
            if given.messages[0][1] == "20":
                client.ledger._db.execute("PRAGMA max_page_count = 1")
            write(key, given, *more)

        client.ledger.record_reply = fill_up
        asked = (client.ask(request(str(number))) for number in range(200))
        found = await asyncio.wait_for(asyncio.gather(*asked, return_exceptions=True), 30)
        with pytest.raises(InputError, match="disk is full"):
            await client.ask(request("one more"))
        return [error for error in found if isinstance(error, Exception)]

    errors, fake = ask(tmp_path, Behaviour(latency=0.02), use, concurrency=8)
    assert len(errors) > 50
    assert {type(error) for error in errors} == {InputError}
    assert all("the disk is full" in str(error) for error in errors)
    # What was in flight was paid for; nothing after it.
    assert fake.came.total() <= 200 - len(errors) + 2 * 8


def test_ctrl_c_after_an_error_is_still_ctrl_c(tmp_path):
    async def use(client, fake):
        task = asyncio.ensure_future(client.ask(request()))
        await asyncio.sleep(0.05)
        task.cancel()
        with pytest.raises(asyncio.CancelledError):
            await task

    ask(tmp_path, Behaviour(latency=5), use)


@pytest.mark.parametrize("status", [401, 404])
def test_an_error_of_all_tasks_is_shown_once(tmp_path, status, capfd):
    """asyncio would print the others: "Task exception was never retrieved"."""

    def build(url):
        with Ledger(tmp_path / "l.sqlite") as ledger, Waiting() as waiting:
            client = LlmClient(find_server(url, None, 5), "m", ledger, "openai")
            waiting.close_at_end(client.close)
            list(waiting.in_order(map(str, range(20)), lambda text: client.ask(request(text)), 10))

    async def serve():
        fake = FakeLlm(Behaviour(status=status))
        url = f"http://127.0.0.1:{await fake.start()}/v1"
        try:
            with pytest.raises(InputError, match=f"status {status}"):
                await asyncio.to_thread(build, url)
        finally:
            await fake.stop()

    asyncio.run(serve())
    gc.collect()
    assert "never retrieved" not in capfd.readouterr().err


def test_the_servers_words_are_on_screen_and_in_the_ledger(tmp_path, monkeypatch, capsys):
    monkeypatch.setattr(
        "tests.dataset_builder.llm_server.server.AS_TOLD", {"error": {"message": TOO_LONG}, "code": 400}
    )

    async def use(client, fake):
        for number in range(3):
            with pytest.raises(RequestFailedError, match="maximum context length"):
                await client.ask(request(f"{number}\n\x1b[2J"))

    ask(tmp_path, Behaviour(status=400), use)
    shown = capsys.readouterr().err
    assert shown.count(TOO_LONG) == 1
    assert "\x1b" not in shown
    assert shown.count("\n") == 1
    assert all(TOO_LONG in detail for (detail,) in rows(tmp_path, "detail"))
    assert len(rows(tmp_path, "detail")) == 3


@pytest.mark.parametrize(
    "value",
    [
        "Wed, 21 Oct 99999999999999999999 07:28:00 GMT",
        "Wed, 21 Oct 2026 07:28:00 +99999999999999",
        "1e300",
        "nan",
        "-inf",
        "\x00",
        "Wed, 31 Feb 2026 07:28:00 GMT",
        "9" * 400,
    ],
)
def test_an_impossible_retry_after_is_ignored(tmp_path, value):
    async def use(client, fake):
        return await client.ask(request())

    reply, _ = ask(tmp_path, Behaviour(fails=["429"], retry_after=value.replace("\x00", "?")), use)
    assert reply.attempts == 2
