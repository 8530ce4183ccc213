"""Large files: one PUT or several parts to pre-signed links, checked against the hash announced before."""

from __future__ import annotations

import hashlib
from collections.abc import AsyncIterator
from pathlib import Path

from starlette.requests import Request
from starlette.responses import JSONResponse, Response

from tests.hub.loopback.errors import RefusalError
from tests.hub.loopback.routing import route
from tests.hub.loopback.state import Grant, Hub

LFS = "application/vnd.git-lfs+json"


@route("POST", "/{prefix}{repo_id}.git/info/lfs/objects/batch")
async def batch(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    hub.writable(request, kind, repo_id)
    body = await request.json()
    objects = []
    parts = False
    for wanted in body["objects"]:
        oid, size = wanted["oid"], wanted["size"]
        shown: dict[str, object] = {"oid": oid, "size": size}
        if hub.store.blobs.size(oid) != size:
            in_parts = size > hub.chunk and "multipart" in body["transfers"]
            grant = hub.grant(Grant(oid, size, hub.chunk if in_parts else None))
            header: dict[str, str] = {}
            if in_parts:
                parts = True
                header = {"chunk_size": str(hub.chunk)}
                for number in range(1, -(-size // hub.chunk) + 1):
                    header[f"{number:05}"] = f"{hub.url}{grant}/{number}"
            shown["actions"] = {
                "upload": {"href": f"{hub.url}{grant}", "header": header},
                "verify": {"href": f"{hub.url}/{_prefix(kind)}{repo_id}.git/info/lfs/verify", "header": {}},
            }
        objects.append(shown)
    return JSONResponse({"transfer": "multipart" if parts else "basic", "objects": objects}, media_type=LFS)


@route("PUT", "/lfs/{secret}")
async def put(hub: Hub, request: Request, secret: str) -> Response:
    grant = _grant(hub, request, secret)
    return await _store(hub, grant, request.stream())


@route("PUT", "/lfs/{secret}/{number}")
async def put_part(hub: Hub, request: Request, secret: str, number: str) -> Response:
    grant = _grant(hub, request, secret)
    content = await request.body()
    last = int(number) == -(-grant.size // (grant.chunk or 1))
    if len(content) != (grant.size - (int(number) - 1) * (grant.chunk or 0) if last else grant.chunk):
        raise RefusalError(400, f"Part {number} has the wrong size")
    _part(hub, secret, int(number)).write_bytes(content)
    return Response(headers={"ETag": f'"{hashlib.md5(content).hexdigest()}"'})


@route("POST", "/lfs/{secret}")
async def complete(hub: Hub, request: Request, secret: str) -> Response:
    grant = _grant(hub, request, secret)
    if hub.store.blobs.size(grant.oid) == grant.size:
        return JSONResponse({})  # asked again, after the first answer was lost
    body = await request.json()
    parts = [_part(hub, secret, part["partNumber"]) for part in body["parts"]]
    for path, part in zip(parts, body["parts"], strict=True):
        if not path.exists() or part["etag"].strip('"') != hashlib.md5(path.read_bytes()).hexdigest():
            raise RefusalError(400, f"Part {part['partNumber']} did not arrive as it was sent")

    async def joined() -> AsyncIterator[bytes]:
        for path in parts:
            yield path.read_bytes()

    response = await _store(hub, grant, joined())
    for path in parts:
        path.unlink()
    return response


@route("POST", "/{prefix}{repo_id}.git/info/lfs/verify")
async def verify(hub: Hub, request: Request, kind: str, repo_id: str) -> Response:
    hub.writable(request, kind, repo_id)
    body = await request.json()
    if hub.store.blobs.size(body["oid"]) != body["size"]:
        raise RefusalError(404, f"{body['oid']} did not arrive")
    return JSONResponse({}, media_type=LFS)


def _grant(hub: Hub, request: Request, secret: str) -> Grant:
    if request.headers.get("authorization"):
        raise RefusalError(400, "A pre-signed link takes no token")
    if secret not in hub.grants:
        raise RefusalError(403, "This link is not valid")
    return hub.grants[secret]


async def _store(hub: Hub, grant: Grant, chunks: AsyncIterator[bytes]) -> Response:
    try:
        await hub.store.blobs.put_large(grant.oid, chunks)
    except ValueError as error:
        raise RefusalError(400, str(error)) from error
    return Response()


def _part(hub: Hub, secret: str, number: int) -> Path:
    return hub.folder / f"{secret}.{number:05}"


def _prefix(kind: str) -> str:
    return "" if kind == "models" else f"{kind}/"
