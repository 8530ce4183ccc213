"""Contents of a commit: the tree by pages, single paths, and the history."""

from __future__ import annotations

import hashlib
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.blobs import pointer
from tests.hub.loopback.errors import entry_not_found
from tests.hub.loopback.routing import page_of, route
from tests.hub.loopback.state import Hub
from tests.hub.loopback.store import Commit, Entry


@route("GET", "/api/{kind}/{repo_id}/tree/{rev}")
async def root(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    return await below(hub, request, kind, repo_id, rev, "")


@route("GET", "/api/{kind}/{repo_id}/tree/{rev}/{path}")
async def below(hub: Hub, request: Request, kind: str, repo_id: str, rev: str, path: str) -> Response:
    commit = hub.store.resolve(hub.readable(request, kind, repo_id), rev)
    start = f"{path.strip('/')}/" if path else ""
    recursive = flag(request.query_params.get("recursive"))
    items = {
        name: item
        for name, item in all_items(commit, flag(request.query_params.get("expand"))).items()
        if name.startswith(start) and (recursive or "/" not in name[len(start) :])
    }
    if path and not items:
        raise entry_not_found(path, commit.sha)
    return page_of(hub, request, list(items.values()))


@route("POST", "/api/{kind}/{repo_id}/paths-info/{rev}")
async def some(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    commit = hub.store.resolve(hub.readable(request, kind, repo_id), rev)
    form = await request.form()
    items = all_items(commit, flag(str(form.get("expand", ""))))
    return JSONResponse([items[path] for path in map(str, form.getlist("paths")) if path in items])


@route("GET", "/api/{kind}/{repo_id}/commits/{rev}")
async def history(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    commit = hub.store.resolve(hub.readable(request, kind, repo_id), rev)
    shown = [
        {
            "id": old.sha,
            "title": old.title,
            "message": old.message,
            "date": old.date,
            "authors": [{"user": old.author}],
        }
        for old in hub.store.history_of([commit.sha])
    ]
    return page_of(hub, request, shown)


def all_items(commit: Commit, expand: bool) -> dict[str, dict[str, Any]]:
    """Return every file and folder of a commit, by path."""
    last = {"lastCommit": {"id": commit.sha, "title": commit.title, "date": commit.date}} if expand else {}
    items: dict[str, dict[str, Any]] = {}
    for path, entry in commit.tree.items():
        parts = path.split("/")[:-1]
        for depth in range(1, len(parts) + 1):
            folder = "/".join(parts[:depth])
            oid = hashlib.sha1(f"{commit.sha}{folder}".encode()).hexdigest()
            items[folder] = {"type": "directory", "path": folder, "size": 0, "oid": oid, **last}
        items[path] = {"type": "file", "path": path, "size": entry.size, "oid": entry.oid, **last}
        items[path] |= pointer_info(entry, "oid")
    return dict(sorted(items.items()))


def pointer_info(entry: Entry, name: str) -> dict[str, Any]:
    """Return the description of a large file; its hash has several names."""
    if entry.sha256 is None:
        return {}
    size = len(pointer(entry.sha256, entry.size))
    return {"lfs": {name: entry.sha256, "size": entry.size, "pointerSize": size}}


def flag(value: str | None) -> bool:
    return (value or "").lower() in ("1", "true")
