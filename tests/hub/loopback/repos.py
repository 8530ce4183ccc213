"""Requests about accounts and repositories: create, delete, move, settings, contents."""

from __future__ import annotations

import re
from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.errors import RefusalError, repo_not_found
from tests.hub.loopback.metadata import split_card
from tests.hub.loopback.routing import page_of, route
from tests.hub.loopback.state import Hub
from tests.hub.loopback.store import Commit, Repo
from tests.hub.loopback.trees import pointer_info

KINDS = {None: "models", "model": "models", "dataset": "datasets", "space": "spaces"}
SDKS = ("gradio", "streamlit", "docker", "static")


@route("GET", "/api/whoami-v2")
async def whoami(hub: Hub, request: Request) -> Response:
    return JSONResponse(hub.accounts.whoami(hub.token(request)))


@route("POST", "/api/repos/create")
async def create(hub: Hub, request: Request) -> Response:
    body = await request.json()
    kind = KINDS[body.get("type")]
    token = hub.token(request)
    if token is None:
        raise RefusalError(401, "Invalid username or password.")
    namespace = body.get("organization") or token.user
    hub.accounts.check_write(token, namespace, f"create a {kind[:-1]}")
    repo_id = f"{namespace}/{body['name']}"
    if not re.fullmatch(r"[\w.-]{1,96}/[\w.-]{1,96}", repo_id) or "--" in repo_id or ".." in repo_id:
        raise RefusalError(400, f"Invalid repo name: {body['name']}")
    if kind == "spaces" and body.get("sdk") not in SDKS:
        raise RefusalError(400, f"sdk must be one of {', '.join(SDKS)}")
    if hub.store.repo(kind, repo_id):
        extra: dict[str, object] = {"url": web_url(hub, kind, repo_id)}
        raise RefusalError(409, f"You already created this {kind[:-1]} repo: {repo_id}", extra=extra)
    private = body.get("visibility", "public") == "private" or bool(body.get("private"))
    hub.store.create(kind, repo_id, private, body.get("sdk"), token.user)
    return JSONResponse({"url": web_url(hub, kind, repo_id), "name": repo_id, "id": repo_id})


@route("DELETE", "/api/repos/delete")
async def delete(hub: Hub, request: Request) -> Response:
    body = await request.json()
    token = hub.token(request)
    namespace = body.get("organization") or (token.user if token else "")
    repo, _ = hub.writable(request, KINDS[body.get("type")], f"{namespace}/{body['name']}")
    hub.store.delete(repo)
    return JSONResponse({})


@route("POST", "/api/repos/move")
async def move(hub: Hub, request: Request) -> Response:
    body = await request.json()
    kind = KINDS[body.get("type")]
    repo, token = hub.writable(request, kind, body["fromRepo"])
    hub.accounts.check_write(token, body["toRepo"].split("/")[0], f"create a {kind[:-1]}")
    if hub.store.repo(kind, body["toRepo"]):
        raise RefusalError(409, f"{body['toRepo']} exists already")
    hub.store.move(repo, body["toRepo"])
    return JSONResponse({})


@route("PUT", "/api/{kind}/{repo_id}/settings")
async def change_settings(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    repo, _ = hub.writable(request, kind, repo_id)
    body = await request.json()
    private = {"private": True, "public": False}.get(body.get("visibility"), repo.private)
    hub.store.set_visibility(repo, private, body.get("gated", repo.gated) or None)
    return JSONResponse(body)


@route("GET", "/api/{kind}/{repo_id}/auth-check")
async def check_read(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    hub.downloadable(request, kind, repo_id)
    return JSONResponse({})


@route("GET", "/api/{kind}/{repo_id}/auth-check/write")
async def check_write(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    hub.writable(request, kind, repo_id)
    return JSONResponse({})


@route("GET", "/api/{kind}/{repo_id}")
async def info(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    repo = hub.readable(request, kind, repo_id)
    return JSONResponse(described(hub, repo, hub.store.head(repo, "main")[1], sizes=True))


@route("GET", "/api/{kind}/{repo_id}/revision/{rev}")
async def info_at(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    repo = hub.readable(request, kind, repo_id)
    return JSONResponse(described(hub, repo, hub.store.resolve(repo, rev), sizes=True))


@route("GET", "/api/{kind}")
async def listing(hub: Hub, request: Request, kind: str) -> Response:
    token = hub.token(request)
    author, search = (request.query_params.get(name) or "" for name in ("author", "search"))
    found = [
        repo
        for repo in hub.store.repos(kind)
        if (not repo.private or hub.accounts.owns(token, repo.namespace))
        and search in repo.id
        and author in ("", repo.namespace)
    ]
    return page_of(hub, request, [described(hub, repo, hub.store.head(repo, "main")[1]) for repo in found])


# Old ids had no namespace.
@route("GET", "/api/{kind}/{name}")
async def nameless(hub: Hub, request: Request, kind: str, name: str) -> Response:
    raise repo_not_found(anonymous=hub.token(request) is None)


def web_url(hub: Hub, kind: str, repo_id: str) -> str:
    return f"{hub.url}/{'' if kind == 'models' else kind + '/'}{repo_id}"


def described(hub: Hub, repo: Repo, commit: Commit, sizes: bool = False) -> dict[str, Any]:
    """Return the Hub's description of a repository; with ``sizes``, also of its files."""
    readme = commit.tree.get("README.md")
    metadata = {}
    if readme and readme.sha256 is None:
        metadata = split_card(hub.store.blobs.read(readme.oid, 0, readme.size).decode("utf-8", "replace"))[0]
    shown: dict[str, Any] = {
        "_id": f"{repo.kind}-{repo.id}",
        "id": repo.id,
        "author": repo.namespace,
        "sha": commit.sha,
        "lastModified": commit.date,
        "createdAt": repo.created,
        "private": repo.private,
        "gated": repo.gated or False,
        "disabled": False,
        "downloads": 0,
        "likes": 0,
        "tags": metadata.get("tags") or [],
        "cardData": metadata,
        "siblings": [
            {"rfilename": path, **({"blobId": entry.oid, "size": entry.size} if sizes else {})}
            | (pointer_info(entry, "sha256") if sizes else {})
            for path, entry in sorted(commit.tree.items())
        ],
    }
    if repo.kind == "models":
        shown |= {"pipeline_tag": metadata.get("pipeline_tag"), "config": {}}
        shown |= {"library_name": metadata.get("library_name")}
    if repo.kind == "spaces":
        hardware = {"current": "cpu-basic", "requested": "cpu-basic"}
        shown |= {"sdk": metadata.get("sdk") or repo.sdk}
        shown |= {"runtime": {"stage": "RUNNING", "hardware": hardware}}
    return shown
