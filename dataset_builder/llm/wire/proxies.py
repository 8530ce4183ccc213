"""Finds the proxy for a server in ``HTTP_PROXY``, ``HTTPS_PROXY``, ``ALL_PROXY`` and ``NO_PROXY``.

The names may be in lower case. The variable of the URL's scheme wins over ``ALL_PROXY``; hosts of
``NO_PROXY`` are asked directly. On macOS and Windows, the system's settings count where no variable is set.
``.netrc`` is never read.
"""

from __future__ import annotations

import base64
import urllib.request
from dataclasses import dataclass, field
from urllib.parse import unquote, urlsplit

from dualview.cards.errors import InputError


@dataclass(frozen=True)
class Proxy:
    """An HTTP proxy.

    :param url: its address, without a name and a password.
    """

    url: str
    user: str = field(default="", repr=False)
    password: str = field(default="", repr=False)

    @property
    def headers(self) -> dict[str, str]:
        """The headers that the proxy asks for; none where it needs no password."""
        if not self.user:
            return {}
        pair = base64.b64encode(f"{self.user}:{self.password}".encode()).decode()
        return {"Proxy-Authorization": f"Basic {pair}"}


def find_proxy(url: str) -> Proxy | None:
    """Find the proxy through which a URL is asked; None for a direct connection.

    :raises InputError: if a variable names a proxy that cannot be used, such as a SOCKS proxy.
    """
    parts = urlsplit(url)
    found = urllib.request.getproxies()
    name = parts.scheme if found.get(parts.scheme) else "all"
    address = found.get(name, "")
    if not address or urllib.request.proxy_bypass(parts.netloc):
        return None
    variable = f"{name.upper()}_PROXY"
    try:
        proxy = urlsplit(address if "://" in address else f"http://{address}")
        host, port = proxy.hostname, proxy.port
    except ValueError:
        host, port = None, None
    if not host:
        raise InputError(f"{variable} is not a URL; write it as http://HOST:PORT, or unset it")
    if proxy.scheme not in ("http", "https"):
        raise InputError(
            f"{variable} names a proxy of the kind {proxy.scheme}, which is not supported; name an HTTP "
            f"proxy, or list {parts.hostname} in NO_PROXY"
        )
    where = f"[{host}]" if ":" in host else host
    return Proxy(
        f"{proxy.scheme}://{where}:{port}" if port else f"{proxy.scheme}://{where}",
        unquote(proxy.username or ""),
        unquote(proxy.password or ""),
    )
