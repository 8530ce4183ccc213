"""Faults on the wire: what a server, a gateway or a network may send in place of a reply."""

from __future__ import annotations

import asyncio
import contextlib
import gzip
import json

#: Faults after which the next try may succeed.
FAULTS = (
    "429",
    "500",
    "503",
    "hang",
    "cut",
    "cut_in_body",
    "broken_json",
    "no_choices",
    "web_page",
    "error_with_200",
    "swapped",
)
#: Faults that cost the test some memory or time.
HEAVY_FAULTS = ("bomb", "endless")
_BOMB = gzip.compress(b" " * 2**27)
_LONGEST_WAIT = 10.0  # seconds that an endless reply lasts


async def send_fault(
    kind: str, writer: asyncio.StreamWriter, stopped: asyncio.Event, retry_after: str = "0"
) -> bool:
    """Send a fault; returns whether the connection may be used for another request."""
    if kind == "429":
        send_json(writer, 429, {"error": "too fast"}, f"retry-after: {retry_after}\r\n")
    elif kind in ("500", "503"):
        send_json(writer, int(kind), {"error": "I fell over"})
    elif kind == "hang":
        await stopped.wait()
        return False
    elif kind == "cut":
        return False
    elif kind == "cut_in_body":
        writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ncontent-length: 900\r\n\r\n{")
        await writer.drain()
        return False
    elif kind == "broken_json":
        send_bytes(writer, 200, b'{"choices": [{"mess')
    elif kind == "no_choices":
        send_json(writer, 200, {"object": "chat.completion", "choices": []})
    elif kind == "web_page":
        send_bytes(writer, 200, b"<html>Please sign in to the network.</html>")
    elif kind == "error_with_200":
        send_json(writer, 200, {"error": {"message": "quota", "code": 429}})
    elif kind == "swapped":
        # As a gateway does that mixes up the replies of its own connections.
        wrong = {"choices": [{"message": {"content": "for somebody else"}, "finish_reason": "stop"}]}
        send_json(writer, 200, wrong, "x-request-id: dualview-0000000000000000\r\n")
    elif kind == "bomb":
        send_bytes(writer, 200, _BOMB, "content-encoding: gzip\r\n")
    elif kind == "endless":
        await _send_without_end(writer)
        return False
    return True


async def _send_without_end(writer: asyncio.StreamWriter) -> None:
    writer.write(b"HTTP/1.1 200 OK\r\ncontent-type: application/json\r\ntransfer-encoding: chunked\r\n\r\n")
    with contextlib.suppress(TimeoutError, ConnectionError):
        async with asyncio.timeout(_LONGEST_WAIT):
            while True:
                writer.write(b"10000\r\n" + b" " * 2**16 + b"\r\n")
                await writer.drain()


def send_json(writer: asyncio.StreamWriter, status: int, value: object, headers: str = "") -> None:
    """Send an object as JSON."""
    send_bytes(writer, status, json.dumps(value).encode(), headers)


def send_bytes(writer: asyncio.StreamWriter, status: int, body: bytes, headers: str = "") -> None:
    """Send a body.

    :param headers: further header lines, each with its line break.
    """
    head = f"HTTP/1.1 {status} X\r\ncontent-type: application/json\r\ncontent-length: {len(body)}\r\n"
    writer.write(f"{head}{headers}\r\n".encode() + body)
