"""Routes of requests to handlers by the raw path, in which ``refs%2Fpr%2F1`` is one segment."""

from __future__ import annotations

import re
from collections.abc import Awaitable, Callable, Sequence
from typing import Any
from urllib.parse import unquote, urlencode

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.errors import RefusalError
from tests.hub.loopback.state import Hub

Handler = Callable[..., Awaitable[Response]]
_PLACES = {
    "kind": "(?P<kind>models|datasets|spaces)",
    "prefix": "(?:(?P<kind>datasets|spaces)/)?",
    "repo_id": "(?P<repo_id>[^/]+/[^/]+?)",
    "path": "(?P<path>.+)",
}
_routes: list[tuple[str, re.Pattern[str], Handler]] = []


def route(methods: str, pattern: str) -> Callable[[Handler], Handler]:
    """Register a handler for ``"GET HEAD"`` and a path such as ``/api/{kind}/{repo_id}/tree/{rev}``.

    The handler is called with the hub, the request and the unquoted parts.
    """
    expression = re.sub(r"\{(\w+)\}", lambda place: _PLACES.get(place[1], f"(?P<{place[1]}>[^/]+)"), pattern)

    def register(handler: Handler) -> Handler:
        for method in methods.split():
            _routes.append((method, re.compile(expression), handler))
        return handler

    return register


async def answer(hub: Hub, request: Request) -> Response:
    """Return the answer to a request, also to one that fails."""
    # The raw path of some servers carries the query string too.
    raw = request.scope["raw_path"].decode("ascii").split("?")[0]
    try:
        for method, pattern, handler in _routes:
            found = pattern.fullmatch(raw) if method == request.method else None
            if found:
                parts = {name: unquote(part) for name, part in found.groupdict().items() if part is not None}
                if "(?P<kind>" in pattern.pattern:
                    parts.setdefault("kind", "models")
                return await handler(hub, request, **parts)
        raise RefusalError(404, f"No such page: {request.method} {raw}")
    except RefusalError as refusal:
        return refusal.response()


def page_of(hub: Hub, request: Request, items: Sequence[Any]) -> Response:
    """Return one page of a listing, with a link to the next page if there is one."""
    start = int(request.query_params.get("cursor", 0))
    size = int(request.query_params.get("limit", hub.page))
    response = JSONResponse(list(items[start : start + size]))
    if start + size < len(items):
        query = urlencode({**request.query_params, "cursor": start + size})
        path = request.scope["raw_path"].decode("ascii").split("?")[0]
        response.headers["Link"] = f'<{hub.url}{path}?{query}>; rel="next"'
    return response
