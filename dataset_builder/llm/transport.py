"""The HTTP connections below ``AsyncInferenceClient``: cheap also with hundreds of requests in flight.

The client speaks through ``httpx2``, whose own pool looks through all its connections for each request and
parses replies in Python: with 256 in flight that alone fills a core. This one hands the client's requests to
``aiohttp``, which parses in C. ``benchmarks/endpoint.py --transport httpx2`` shows the difference.
"""

from __future__ import annotations

import json
import os
from collections.abc import Mapping
from typing import Any

import aiohttp
import httpx2

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")
# The content is unpacked already; these tell how it came.
_OF_THE_WIRE = (b"content-encoding", b"content-length", b"transfer-encoding")


class AiohttpClient(httpx2.AsyncClient):
    """An ``httpx2.AsyncClient`` whose ``get`` and ``post`` go through one ``aiohttp`` session.

    How many connections are open is left to the callers, who limit what is in flight. Proxies are taken from
    the environment, as ``httpx2`` does.
    """

    def __init__(self) -> None:
        super().__init__()
        self._aiohttp: aiohttp.ClientSession | None = None
        self._requests: dict[str, httpx2.Request] = {}

    async def get(self, url: str, **how: Any) -> httpx2.Response:  # type: ignore[override]  # noqa: ANN401
        """Send a GET request; see :meth:`post`."""
        return await self._exchange("GET", url, None, **how)

    async def post(self, url: str, *, json: object = None, **how: Any) -> httpx2.Response:  # type: ignore[override]  # noqa: ANN401
        """Send JSON and read the whole response.

        :param how: ``headers``, and ``timeout`` in seconds for the whole exchange.
        :raises httpx2.TransportError: of the kind that ``httpx2`` itself would raise.
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
        # Of a response, a request only tells what its errors say.
        request = self._requests.get(url)
        if request is None:
            request = self._requests[url] = httpx2.Request(method, url)
        try:
            async with self._session().request(
                method, url, data=body, headers=headers, timeout=aiohttp.ClientTimeout(total=timeout)
            ) as response:
                content = await response.read()
                kept = [pair for pair in response.raw_headers if pair[0].lower() not in _OF_THE_WIRE]
                return httpx2.Response(response.status, headers=kept, content=content, request=request)
        except (TimeoutError, aiohttp.ServerTimeoutError) as error:
            raise httpx2.ReadTimeout("no answer in time", request=request) from error
        except aiohttp.ClientConnectorError as error:
            raise httpx2.ConnectError(str(error.os_error or error), request=request) from error
        except (aiohttp.ServerDisconnectedError, aiohttp.ClientPayloadError, aiohttp.ClientOSError) as error:
            raise httpx2.ReadError(str(error) or "the connection was cut", request=request) from error
        except aiohttp.InvalidURL as error:
            raise httpx2.UnsupportedProtocol("not a URL of http or https", request=request) from error
        except aiohttp.ClientError as error:
            raise httpx2.RemoteProtocolError(type(error).__name__, request=request) from error

    async def _close_session(self) -> None:
        if self._aiohttp is not None:
            await self._aiohttp.close()

    def _session(self) -> aiohttp.ClientSession:
        # Made inside the event loop that runs the first request.
        if self._aiohttp is None:
            self._aiohttp = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                # Looking for proxies and .netrc costs time on each request.
                trust_env=any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES),
            )
        return self._aiohttp


def _encode(value: object) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode("utf-8")
