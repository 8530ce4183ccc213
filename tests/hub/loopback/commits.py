"""Uploads and commits; a commit is made as a whole or not at all."""

from __future__ import annotations

import base64
import json
from fnmatch import fnmatch
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.blobs import git_hash, pointer
from tests.hub.loopback.errors import RefusalError
from tests.hub.loopback.refs import new_pull_request
from tests.hub.loopback.repos import web_url
from tests.hub.loopback.routing import route
from tests.hub.loopback.state import Hub
from tests.hub.loopback.store import Entry, Repo, Tree


@route("POST", "/api/{kind}/{repo_id}/preupload/{rev}")
async def preupload(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    repo = _target(hub, request, kind, repo_id)[0]
    body = await request.json()
    _, head = hub.store.head(repo, rev)
    large = _patterns(hub, head.tree)
    files = []
    for file in body["files"]:
        entry = head.tree.get(file["path"])
        is_large = file["size"] >= hub.large or any(fnmatch(file["path"], pattern) for pattern in large)
        ignored = any(fnmatch(file["path"], pattern) for pattern in body.get("gitIgnore", "").split())
        files.append(
            {
                "path": file["path"],
                "uploadMode": "lfs" if is_large else "regular",
                "shouldIgnore": ignored,
                "oid": entry.etag if entry else None,
            }
        )
    return JSONResponse({"files": files, "commitOid": head.sha})


@route("POST", "/api/{kind}/{repo_id}/commit/{rev}")
async def commit(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    repo, author = _target(hub, request, kind, repo_id)
    lines = [json.loads(line) for line in (await request.body()).splitlines() if line]
    header = lines[0]["value"]
    ref, head = hub.store.head(repo, rev)
    if header.get("parentCommit") not in (None, head.sha):
        raise RefusalError(412, "A commit has happened since. Please refresh and try again.")
    tree = dict(head.tree)
    for line in lines[1:]:
        _apply(hub, tree, line["key"], line["value"])
    answer: dict[str, Any] = {"success": True, "hookOutput": ""}
    if _wants_pull_request(request):
        ref = new_pull_request(hub, repo, head.sha)
        answer["pullRequestUrl"] = f"{web_url(hub, kind, repo_id)}/discussions/{ref.split('/')[-1]}"
    made = hub.store.commit(repo, ref, tree, header["summary"], header.get("description") or "", author)
    answer |= {"commitOid": made.sha, "commitUrl": f"{web_url(hub, kind, repo_id)}/commit/{made.sha}"}
    return JSONResponse(answer)


def race(hub: Hub, kind: str, repo_id: str, rev: str) -> None:
    """Add a file to the branch, as another user would."""
    repo = hub.store.repo(kind, repo_id)
    if repo is None:
        return
    ref, head = hub.store.head(repo, rev)
    number = sum(path.startswith("notes/") for path in head.tree)
    content = f"note {number}\n".encode()
    entry = Entry(hub.store.blobs.put_small(content), len(content))
    tree = {**head.tree, f"notes/{number}.md": entry}
    hub.store.commit(repo, ref, tree, "Add a note", "", "somebody")


def _target(hub: Hub, request: Request, kind: str, repo_id: str) -> tuple[Repo, str]:
    """Return the repository and the writer; every reader may open a pull request."""
    if _wants_pull_request(request):
        token = hub.token(request)
        if token is not None and token.role == "write":
            return hub.readable(request, kind, repo_id), token.user
    repo, token = hub.writable(request, kind, repo_id)
    return repo, token.user


def _wants_pull_request(request: Request) -> bool:
    return request.query_params.get("create_pr") in ("1", "True", "true")


def _patterns(hub: Hub, tree: Tree) -> list[str]:
    attributes = tree.get(".gitattributes")
    if attributes is None:
        return []
    text = hub.store.blobs.read(attributes.oid, 0, attributes.size).decode("utf-8")
    return [line.split()[0] for line in text.splitlines() if "filter=lfs" in line]


def _apply(hub: Hub, tree: dict[str, Entry], key: str, value: dict[str, Any]) -> None:
    path = value["path"]
    if key == "file":
        content = base64.b64decode(value["content"])
        tree[path] = Entry(hub.store.blobs.put_small(content), len(content))
    elif key == "lfsFile":
        size = hub.store.blobs.size(value["oid"])
        if size is None:
            raise RefusalError(400, f"Content of {path} was never uploaded")
        tree[path] = Entry(git_hash(pointer(value["oid"], size)), size, value["oid"])
    elif key == "deletedFile":
        if tree.pop(path, None) is None:
            message = f"A file with this name doesn't exist: {path}"
            raise RefusalError(404, message, "EntryNotFound")
    elif key == "deletedFolder":
        for inside in [name for name in tree if name.startswith(path.rstrip("/") + "/")]:
            del tree[inside]
    else:
        raise RefusalError(400, f"Unknown operation: {key}")
