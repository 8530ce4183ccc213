"""The HTTP connections below ``AsyncInferenceClient``: one connection a request, on ``aiohttp``.

Design:

- In HTTP/1.1, only the order on a connection links a reply to its request. A gateway that sends a reply twice
  shifts all that follow, and no client can notice it. So each connection carries one request and is closed:
  whatever else arrives on it is dropped. Each request has an id in the header ``X-Request-Id``; where a
  server repeats the id of another request, the reply is refused.
- ``httpx2``, through which the client speaks by itself, looks through its whole pool for each request and
  parses in Python: with 256 requests in flight, that alone fills a core. ``aiohttp`` parses in C, and opens a
  connection for each request at a third of the cost. ``benchmarks/endpoint.py`` measures both.
- A body is read up to a limit of size, after unpacking. A redirect is followed within the same server only:
  prompts go to no server that the user has not named.
"""

from __future__ import annotations

import json
import os
import secrets
import socket
import struct
from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx2

from dualview.cards.errors import InputError
from dualview.dataset_builder.llm.wire.proxies import Proxy, find_proxy
from dualview.dataset_builder.llm.wire.redirects import RedirectError, follow_redirect
from dualview.dataset_builder.llm.wire.tls import explain_tls

#: Bytes of a response after unpacking, at most. The longest replies of today's models have some 200 kB.
MAX_BODY = 16 * 2**20
_MAX_REDIRECTS = 3
_ENCODER = json.JSONEncoder(ensure_ascii=False, separators=(",", ":"))
# Seconds for a connection. Only a host that is off, or a firewall, leaves one waiting for longer.
_CONNECTING = 15.0
_OUR_IDS = "dualview-"
# The others are not for us: `huggingface_hub` even shows one of them on the terminal as it comes.
_KEPT_HEADERS = ("content-type", "retry-after")


class AiohttpClient(httpx2.AsyncClient):
    """An ``httpx2.AsyncClient`` whose ``get`` and ``post`` go through ``aiohttp``.

    Callers limit how many requests are in flight. Proxies are taken from the environment, see
    :mod:`dualview.dataset_builder.llm.wire.proxies`.
    """

    def __init__(self) -> None:
        super().__init__(trust_env=False)
        self._aiohttp: aiohttp.ClientSession | None = None
        self._requests: dict[str, httpx2.Request] = {}
        self._proxies: dict[str, Proxy | None] = {}

    async def get(self, url: str, **how: Any) -> httpx2.Response:  # type: ignore[override]  # noqa: ANN401
        """Send a GET request; see :meth:`post`."""
        return await self._exchange("GET", url, None, **how)

    async def post(self, url: str, *, json: object = None, **how: Any) -> httpx2.Response:  # type: ignore[override]  # noqa: ANN401
        """Send JSON and read the whole response.

        :param how: ``headers``, and ``timeout`` in seconds for the whole exchange.
        :raises httpx2.TransportError: of the kind that ``httpx2`` itself would raise; a
            :class:`RedirectError` for a redirect to another server.
        """
        return await self._exchange("POST", url, _encode(json), **how)

    async def aclose(self) -> None:
        """Close all connections."""
        await self._close_session()
        await super().aclose()

    async def __aexit__(self, *error: object) -> None:  # does not go through `aclose`
        await self._close_session()
        await super().__aexit__(*error)  # type: ignore[arg-type]

    async def _exchange(
        self,
        method: str,
        url: str,
        body: bytes | None,
        *,
        headers: Mapping[str, str] | None = None,
        timeout: float | None = None,
        **_: object,
    ) -> httpx2.Response:
        # Of a response, a request only tells its error messages where it went.
        request = self._requests.get(url)
        if request is None:
            request = self._requests[url] = httpx2.Request(method, url)
        limit = aiohttp.ClientTimeout(total=timeout, sock_connect=_CONNECTING)
        try:
            for _hop in range(_MAX_REDIRECTS + 1):
                response = await self._send(method, url, body, dict(headers or {}), limit, request)
                if isinstance(response, httpx2.Response):
                    return response
                url = response
        except aiohttp.ConnectionTimeoutError as error:
            # Not as a time-out, which would blame the model.
            raise httpx2.ConnectError(f"no connection within {_CONNECTING:g} s", request=request) from error
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error
        except aiohttp.ClientProxyConnectionError as error:
            raise httpx2.ProxyError(
                f"the proxy does not answer: {error.os_error}", request=request
            ) from error
        except aiohttp.ClientHttpProxyError as error:
            raise httpx2.ProxyError(f"the proxy answers status {error.status}", request=request) from error
        except aiohttp.ClientConnectorError as error:
            if lasting := explain_tls(error, request):
                raise lasting from error
            raise httpx2.ConnectError(str(error.os_error or error), request=request) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientOSError) as error:
            raise httpx2.ReadError(str(error) or "the connection was cut", request=request) from error
        except InputError as error:
            raise httpx2.UnsupportedProtocol(str(error), request=request) from error
        except (aiohttp.InvalidURL, UnicodeError) as error:
            raise httpx2.UnsupportedProtocol("not a URL of http or https", request=request) from error
        except aiohttp.ClientError as error:
            raise httpx2.RemoteProtocolError(type(error).__name__, request=request) from error
        raise RedirectError("it redirects in circles", request=request)

    async def _send(
        self,
        method: str,
        url: str,
        body: bytes | None,
        headers: dict[str, str],
        timeout: aiohttp.ClientTimeout,
        request: httpx2.Request,
    ) -> httpx2.Response | str:
        """Send once; returns the response, or the URL on the same server that it redirects to."""
        own_id = _OUR_IDS + secrets.token_hex(8)
        headers |= {"X-Request-Id": own_id, "Accept-Encoding": "identity", "Connection": "close"}
        proxy = self._proxy(url)
        in_tunnel = url.startswith("https:")
        if proxy and not in_tunnel:
            headers |= proxy.headers
        async with self._session().request(
            method,
            url,
            data=body,
            headers=headers,
            timeout=timeout,
            allow_redirects=False,
            proxy=proxy.url if proxy else None,
            proxy_headers=proxy.headers if proxy and in_tunnel else None,
        ) as response:
            if target := response.headers.get("location") if 300 <= response.status < 400 else None:
                return follow_redirect(url, target, request)
            echoed = response.headers.get("x-request-id", "")
            if echoed.startswith(_OUR_IDS) and echoed != own_id:
                raise httpx2.RemoteProtocolError("the reply belongs to another request", request=request)
            content = await _read(response, request)
            kept = [(name, response.headers[name]) for name in _KEPT_HEADERS if name in response.headers]
            return httpx2.Response(response.status, headers=kept, content=content, request=request)

    def _proxy(self, url: str) -> Proxy | None:
        if url not in self._proxies:
            self._proxies[url] = find_proxy(url)
        return self._proxies[url]

    async def _close_session(self) -> None:
        if self._aiohttp is not None:
            await self._aiohttp.close()

    def _session(self) -> aiohttp.ClientSession:
        # Made inside the event loop that runs the first request.
        if self._aiohttp is None:
            self._aiohttp = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0, force_close=True, socket_factory=_open_socket),
                cookie_jar=aiohttp.DummyCookieJar(),
            )
        return self._aiohttp


async def _read(response: aiohttp.ClientResponse, request: httpx2.Request) -> bytes:
    parts, size = [], 0
    async for part in response.content.iter_any():
        size += len(part)
        if size > MAX_BODY:
            raise httpx2.RemoteProtocolError(
                f"the response is longer than {MAX_BODY // 2**20} MB", request=request
            )
        parts.append(part)
    return b"".join(parts)


def _open_socket(address: tuple[Any, ...]) -> socket.socket:
    made = socket.socket(*address[:3])
    # Closed connections would wait for a minute, and hundreds a second would use up all ports.
    made.setsockopt(socket.SOL_SOCKET, socket.SO_LINGER, struct.pack("hh" if os.name == "nt" else "ii", 1, 0))
    return made


def _encode(value: object) -> bytes:
    return _ENCODER.encode(value).encode("utf-8")
