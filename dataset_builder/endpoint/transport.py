"""The HTTP connections below ``AsyncInferenceClient``: cheap also with hundreds of requests in flight.

The client speaks through ``httpx2``, whose own pool looks through all its connections for each request and
parses replies in Python: with 256 in flight that alone fills a core. This transport hands the same requests
to ``aiohttp``, which parses in C. ``benchmarks/endpoint.py --transport`` compares the two.
"""

from __future__ import annotations

import os

import aiohttp
import httpx2

_PROXIES = ("http_proxy", "https_proxy", "all_proxy")


class AiohttpTransport(httpx2.AsyncBaseTransport):
    """Sends the requests of an ``httpx2.AsyncClient`` through one ``aiohttp`` session.

    How many connections are open is left to the callers, who limit what is in flight. Proxies are taken from
    the environment, as ``httpx2`` does.
    """

    def __init__(self) -> None:
        self._session: aiohttp.ClientSession | None = None

    async def handle_async_request(self, request: httpx2.Request) -> httpx2.Response:
        """Send a request and read the whole response.

        :raises httpx2.TransportError: of the kind that ``httpx2`` itself would raise.
        """
        body = await request.aread()
        limits = request.extensions.get("timeout", {})
        timeout = aiohttp.ClientTimeout(sock_connect=limits.get("connect"), total=limits.get("read"))
        try:
            async with self._open().request(
                request.method,
                str(request.url),
                data=body or None,
                headers=[
                    (name.decode("latin-1"), value.decode("latin-1")) for name, value in request.headers.raw
                ],
                timeout=timeout,
                allow_redirects=False,
            ) as response:
                content = await response.read()
                # It is unpacked already; a length that the server gave is that of the packed content.
                kept = [
                    (name, value)
                    for name, value in response.raw_headers
                    if name.lower() not in (b"content-encoding", b"content-length", b"transfer-encoding")
                ]
                return httpx2.Response(response.status, headers=kept, content=content)
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

    async def aclose(self) -> None:
        """Close all connections."""
        if self._session is not None:
            await self._session.close()

    def _open(self) -> aiohttp.ClientSession:
        # Made inside the event loop that runs the first request.
        if self._session is None:
            self._session = aiohttp.ClientSession(
                connector=aiohttp.TCPConnector(limit=0),
                cookie_jar=aiohttp.DummyCookieJar(),
                # Looking for proxies and .netrc costs time on each request.
                trust_env=any(os.environ.get(name) or os.environ.get(name.upper()) for name in _PROXIES),
            )
        return self._session
