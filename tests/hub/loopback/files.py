"""Downloads of whole files and ranges, with the headers that clients need."""

from __future__ import annotations

import re

from starlette.requests import Request
from starlette.responses import Response

from tests.hub.loopback.errors import RefusalError, entry_not_found
from tests.hub.loopback.routing import route
from tests.hub.loopback.state import Hub


@route("GET HEAD", "/{prefix}{repo_id}/resolve/{rev}/{path}")
async def resolve(hub: Hub, request: Request, kind: str, repo_id: str, rev: str, path: str) -> Response:
    repo = hub.downloadable(request, kind, repo_id)
    commit = hub.store.resolve(repo, rev)
    entry = commit.tree.get(path)
    if entry is None:
        raise entry_not_found(path, commit.sha)
    headers = {
        "X-Repo-Commit": commit.sha,
        "ETag": f'"{entry.etag}"',
        "Accept-Ranges": "bytes",
        "Content-Disposition": "inline",
    }
    if entry.sha256:
        headers |= {"X-Linked-ETag": f'"{entry.sha256}"', "X-Linked-Size": str(entry.size)}
    start, end = 0, entry.size
    wanted = request.headers.get("range")
    if wanted:
        start, end = _range(wanted, entry.size)
        headers["Content-Range"] = f"bytes {start}-{end - 1}/{entry.size}"
    if request.method == "HEAD":
        return Response(headers={**headers, "Content-Length": str(end - start)})
    content = hub.store.blobs.read(entry.etag, start, end)
    return Response(content, 206 if wanted else 200, headers, media_type="application/octet-stream")


def _range(wanted: str, size: int) -> tuple[int, int]:
    """Return the first wanted byte and the one after the last.

    :raises RefusalError: if there are none.
    """
    found = re.fullmatch(r"bytes=(\d*)-(\d*)", wanted.strip())
    first, last = found.groups() if found else ("", "")
    if first:
        start, end = int(first), min(int(last) + 1, size) if last else size
    else:
        start, end = max(0, size - int(last or 0)), size
    if not found or start >= end:
        raise RefusalError(416, "Range not satisfiable", headers={"Content-Range": f"bytes */{size}"})
    return start, end
