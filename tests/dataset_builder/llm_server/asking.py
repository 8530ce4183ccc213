"""Asking the server with faults through the client, for the client's tests."""

import asyncio

from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.ledger import Ledger
from dualview.dataset_builder.llm.messages import LlmRequest
from dualview.dataset_builder.llm.pacing import Backoff
from tests.dataset_builder.llm_server.server import FakeLlm


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


def with_server(behaviour, use):
    """Run ``use(fake, url)`` while the server listens."""

    async def run():
        fake = FakeLlm(behaviour)
        url = f"http://127.0.0.1:{await fake.start()}/v1"
        try:
            return fake, await use(fake, url)
        finally:
            await fake.stop()

    return asyncio.run(run())
