"""Refusal to store files: whatever is sent to gradio's upload route is read and thrown away.

Gradio writes uploads to the disk, where they stay if the server is killed, and serves them to everybody who
knows their address. A page that reads files in the browser needs no such route.
"""

from __future__ import annotations

from starlette.types import ASGIApp, Receive, Scope, Send

_ROUTE = "/gradio_api/upload"
#: Gradio answers with the paths of the stored files: none.
_ANSWER = b"[]"


class NoUploads:
    """ASGI middleware that answers uploads without storing them."""

    def __init__(self, app: ASGIApp) -> None:
        self._app = app

    async def __call__(self, scope: Scope, receive: Receive, send: Send) -> None:
        """Answer an upload; pass on any other request."""
        is_upload = scope["type"] == "http" and scope["method"] == "POST"
        if not is_upload or not scope["path"].rstrip("/").endswith(_ROUTE):
            await self._app(scope, receive, send)
            return
        # Clients send the body before they read the answer.
        while (await receive()).get("more_body"):
            pass
        headers = [(b"content-type", b"application/json"), (b"content-length", b"%d" % len(_ANSWER))]
        await send({"type": "http.response.start", "status": 200, "headers": headers})
        await send({"type": "http.response.body", "body": _ANSWER})
