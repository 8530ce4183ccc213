"""Branches, tags and pull requests."""

from __future__ import annotations

from typing import Any

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.errors import RefusalError, revision_not_found
from tests.hub.loopback.routing import route
from tests.hub.loopback.state import Hub
from tests.hub.loopback.store import MAIN, Repo


@route("GET", "/api/{kind}/{repo_id}/refs")
async def refs(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    repo = hub.readable(request, kind, repo_id)
    shown = {
        "branches": _named(hub, repo, "refs/heads/"),
        "converts": [],
        "tags": _named(hub, repo, "refs/tags/"),
    }
    if request.query_params.get("include_prs"):
        shown["pullRequests"] = _named(hub, repo, "refs/pr/")
    return JSONResponse(shown)


@route("POST", "/api/{kind}/{repo_id}/branch/{name}")
async def create_branch(hub: Hub, request: Request, kind: str, repo_id: str, name: str) -> Response:
    repo, _ = hub.writable(request, kind, repo_id)
    body = await request.json() if await request.body() else {}
    if name.startswith("refs/"):
        raise RefusalError(400, f"Invalid branch name: {name}")
    if f"refs/heads/{name}" in hub.store.refs(repo):
        raise RefusalError(409, f"Reference refs/heads/{name} already exists")
    commit = hub.store.resolve(repo, body.get("startingPoint") or "main")
    hub.store.set_ref(repo, f"refs/heads/{name}", commit.sha)
    return JSONResponse({})


@route("DELETE", "/api/{kind}/{repo_id}/branch/{name}")
async def delete_branch(hub: Hub, request: Request, kind: str, repo_id: str, name: str) -> Response:
    if f"refs/heads/{name}" == MAIN:
        raise RefusalError(403, "The main branch cannot be deleted")
    return _taken_away(hub, request, kind, repo_id, f"refs/heads/{name}")


@route("POST", "/api/{kind}/{repo_id}/tag/{rev}")
async def create_tag(hub: Hub, request: Request, kind: str, repo_id: str, rev: str) -> Response:
    repo, _ = hub.writable(request, kind, repo_id)
    name = (await request.json())["tag"]
    if f"refs/tags/{name}" in hub.store.refs(repo):
        raise RefusalError(409, f"Tag reference exists already: {name}")
    hub.store.set_ref(repo, f"refs/tags/{name}", hub.store.resolve(repo, rev).sha)
    return JSONResponse({})


@route("DELETE", "/api/{kind}/{repo_id}/tag/{name}")
async def delete_tag(hub: Hub, request: Request, kind: str, repo_id: str, name: str) -> Response:
    return _taken_away(hub, request, kind, repo_id, f"refs/tags/{name}")


@route("POST", "/api/{kind}/{repo_id}/super-squash/{branch}")
async def squash(hub: Hub, request: Request, kind: str, repo_id: str, branch: str) -> Response:
    repo, token = hub.writable(request, kind, repo_id)
    ref, head = hub.store.head(repo, branch)
    hub.store.set_ref(repo, ref, None)
    body = await request.json()
    hub.store.commit(repo, ref, head.tree, body.get("message") or "Super-squash branch", "", token.user)
    return JSONResponse({})


@route("POST", "/api/{kind}/{repo_id}/discussions/{number}/merge")
async def merge(hub: Hub, request: Request, kind: str, repo_id: str, number: str) -> Response:
    repo, token = hub.writable(request, kind, repo_id)
    _, proposed = hub.store.head(repo, f"refs/pr/{number}")
    _, head = hub.store.head(repo, "main")
    if head.sha not in [commit.sha for commit in hub.store.history_of([proposed.sha])]:
        raise RefusalError(409, "This pull request conflicts with the main branch")
    hub.store.commit(repo, MAIN, proposed.tree, f"{proposed.title} (#{number})", "", token.user)
    return JSONResponse({})


def new_pull_request(hub: Hub, repo: Repo, start: str) -> str:
    """Open the next pull request at a commit and return its ref."""
    ref = f"refs/pr/{len(hub.store.refs(repo, 'refs/pr/')) + 1}"
    hub.store.set_ref(repo, ref, start)
    return ref


def _named(hub: Hub, repo: Repo, prefix: str) -> list[dict[str, Any]]:
    return [
        {"name": ref.removeprefix(prefix), "ref": ref, "targetCommit": sha}
        for ref, sha in hub.store.refs(repo, prefix).items()
    ]


def _taken_away(hub: Hub, request: Request, kind: str, repo_id: str, ref: str) -> Response:
    repo, _ = hub.writable(request, kind, repo_id)
    if ref not in hub.store.refs(repo):
        raise revision_not_found(ref)
    hub.store.set_ref(repo, ref, None)
    return JSONResponse({})
