"""The loopback Hub as a program: the application, and a server in a thread."""

from __future__ import annotations

import asyncio
import re
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager
from urllib.parse import unquote

import uvicorn
from starlette.requests import Request
from starlette.responses import JSONResponse
from starlette.types import Message, Receive, Scope, Send

from tests.hub import commits, files, lfs, metadata, refs, repos, trees  # noqa: F401 - they register handlers
from tests.hub.routing import answer
from tests.hub.state import Hub, Seen

_COMMIT = re.compile(r"/api/(models|datasets|spaces)/([^/]+/[^/]+)/commit/([^/]+)")


class Application:
    """Answers requests, with the faults that are switched on, and notes what came in."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        request = Request(scope)
        path = scope["raw_path"].decode("ascii").split("?")[0]
        received, status = 0, 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        async def noted(message: Message) -> None:
            nonlocal status
            if message["type"] == "http.response.start":
                status = message["status"]
            await send(message)

        try:
            await self._work(Request(scope, counted), path, counted, noted, send)
        finally:
            authorized = "authorization" in request.headers
            self.hub.seen.append(Seen(request.method, path, received, status, authorized))

    async def _work(self, request: Request, path: str, receive: Receive, send: Send, bare: Send) -> None:
        hub = self.hub
        fault = hub.faults.pick(request.method, path)
        kind = fault.kind if fault else ""
        if fault and kind == "slow":
            await asyncio.sleep(fault.seconds)
        if fault and kind in ("status", "rate"):
            await request.body()
            code = 429 if kind == "rate" else fault.code
            headers = {"Retry-After": f"{fault.seconds:g}"} if kind == "rate" else {}
            await JSONResponse({"error": "try again later"}, code, headers)(request.scope, receive, send)
            return
        if kind == "drop":
            return _hang_up(bare)
        if kind == "race" and (found := _COMMIT.fullmatch(path)):
            commits.race(hub, *map(unquote, found.groups()))
        response = await answer(hub, request)
        if kind == "lose":
            return _hang_up(bare)
        await response(request.scope, receive, send)


def _hang_up(send: Send) -> None:
    """End the connection without an answer; only the server's own object knows it."""
    send.__self__.transport.abort()  # type: ignore[attr-defined]


@contextmanager
def serving(hub: Hub, port: int = 0) -> Iterator[Hub]:
    """Serve a hub on loopback in a thread; ``hub.url`` says where.

    :param port: 0 takes a free one.
    """
    config = uvicorn.Config(
        Application(hub),
        "127.0.0.1",
        port,
        http="h11",
        log_level="critical",
        lifespan="off",
        access_log=False,
    )
    server = uvicorn.Server(config)
    thread = threading.Thread(target=server.run, daemon=True)
    thread.start()
    while not server.started:
        if not thread.is_alive():
            raise OSError(f"port {port} of 127.0.0.1 is taken; choose another or leave it out")
        time.sleep(0.01)
    hub.url = f"http://127.0.0.1:{server.servers[0].sockets[0].getsockname()[1]}"
    try:
        yield hub
    finally:
        server.should_exit = True
        server.force_exit = True
        thread.join(timeout=10)
        hub.store.close()
