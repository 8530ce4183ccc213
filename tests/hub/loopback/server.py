"""Loopback Hub as an application, and a server for it in a thread."""

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
from starlette.responses import HTMLResponse, JSONResponse, Response
from starlette.types import Message, Receive, Scope, Send

from tests.hub.loopback import commits, files, lfs, metadata, refs, repos, trees  # noqa: F401 - they register handlers
from tests.hub.loopback.routing import answer
from tests.hub.loopback.state import Hub, Seen

_COMMIT = re.compile(r"/api/(models|datasets|spaces)/([^/]+/[^/]+)/commit/([^/]+)")


class Application:
    """Answers requests with the active faults, and records them."""

    def __init__(self, hub: Hub) -> None:
        self.hub = hub

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        if scope["type"] != "http":
            return
        received = 0

        async def counted() -> Message:
            nonlocal received
            message = await receive()
            received += len(message.get("body", b""))
            return message

        request = Request(scope, counted)
        path = scope["raw_path"].decode("ascii").split("?")[0]
        response = await self._answer(request, path)
        # Recorded before the answer is sent: a client with the answer finds the request here.
        status = response.status_code if response else 0
        self.hub.seen.append(Seen(request.method, path, received, status, "authorization" in request.headers))
        if response:
            await response(scope, counted, send)
        else:
            # Only the server's own object can end a connection without an answer.
            send.__self__.transport.abort()  # type: ignore[attr-defined]

    async def _answer(self, request: Request, path: str) -> Response | None:
        """Return the answer after the faults; None if the connection ends without one."""
        hub = self.hub
        fault = hub.faults.pick(request.method, path)
        if fault is None:
            return await answer(hub, request)
        if fault.kind in ("status", "rate"):
            await request.body()
            if fault.kind == "rate":
                return JSONResponse({"error": "slow down"}, 429, {"Retry-After": f"{fault.seconds:g}"})
            # A proxy that answers instead of the Hub sends no JSON.
            return HTMLResponse("<h1>Service unavailable</h1>", fault.code)
        if fault.kind == "drop":
            return None
        if fault.kind == "slow":
            await asyncio.sleep(fault.seconds)
        elif fault.kind == "race" and (found := _COMMIT.fullmatch(path)):
            commits.race(hub, *map(unquote, found.groups()))
        done = await answer(hub, request)
        return None if fault.kind == "lose" else done


@contextmanager
def serving(hub: Hub, port: int = 0) -> Iterator[Hub]:
    """Serve a hub on loopback in a thread; ``hub.url`` is its address.

    :param port: 0 for a free one.
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
