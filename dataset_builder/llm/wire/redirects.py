"""Follows redirects within a server, and refuses those to another one: prompts would go there."""

from __future__ import annotations

from urllib.parse import urljoin, urlsplit

import httpx2


class RedirectError(httpx2.TransportError):
    """The server redirects to another server; the message names it."""


def follow_redirect(url: str, target: str, request: httpx2.Request) -> str:
    """Find the target of a redirect on the same host and port, or from http to https on the default ports.

    :raises RedirectError: if it leaves the server.
    """
    try:
        target = urljoin(url, target)
        old, new = urlsplit(url), urlsplit(target)
        upgraded = (old.scheme, new.scheme) == ("http", "https") and old.port in (None, 80)
        same = (new.scheme, new.port) == (old.scheme, old.port) or (upgraded and new.port in (None, 443))
    except ValueError:
        raise RedirectError("it redirects to an address that is no URL", request=request) from None
    if new.hostname == old.hostname and same:
        return target
    raise RedirectError(
        f"it redirects to another server, {new.scheme}://{new.netloc.rpartition('@')[2]}; if you trust that "
        "one, name it with --base-url",
        request=request,
    )
