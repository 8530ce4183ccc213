"""Files of the loopback Hub, as they come and go over HTTP."""

from __future__ import annotations

import json

from huggingface_hub import HfApi, HfFileSystem

from tests.hub.asking import ID, ask
from tests.hub.clients import ALICE, contents
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub


def test_downloads_and_ranges(api: HfApi, head: str, connected: Hub) -> None:
    large = f"/{ID}/resolve/main/a%2Ftwo.bin"
    answer = ask(connected, "HEAD", f"/{ID}/resolve/main/a/two.bin")
    assert answer.headers["x-repo-commit"] == head and answer.headers["content-length"] == "5000"
    assert answer.headers["etag"] == answer.headers["x-linked-etag"] and len(answer.headers["etag"]) == 66
    for wanted, code, size in (("bytes=10-19", 206, 10), ("bytes=4990-", 206, 10), ("bytes=-7", 206, 7)):
        answer = ask(connected, "GET", large, headers={"range": wanted})
        assert (answer.status_code, len(answer.content)) == (code, size), wanted
    answer = ask(connected, "GET", large, headers={"range": "bytes=5000-"})
    assert answer.status_code == 416 and answer.headers["content-range"] == "bytes */5000"
    answer = ask(connected, "HEAD", f"/{ID}/resolve/main/absent")
    assert answer.headers["x-error-code"] == "EntryNotFound" and answer.headers["x-repo-commit"] == head
    answer = ask(connected, "GET", f"/{ID}/resolve/nothere/README.md")
    assert answer.headers["x-error-code"] == "RevisionNotFound"
    with HfFileSystem(endpoint=connected.url, token=ALICE).open(f"{ID}/a/two.bin", "rb") as file:
        file.seek(4995)
        assert file.read() == b"22222"


def test_large_files_arrive_as_they_were_announced(api: HfApi, head: str, connected: Hub) -> None:
    oid = "0" * 64
    body = {"operation": "upload", "transfers": ["basic"], "objects": [{"oid": oid, "size": 3}]}
    batch = ask(connected, "POST", f"/{ID}.git/info/lfs/objects/batch", json=body).json()
    upload = batch["objects"][0]["actions"]["upload"]["href"].removeprefix(connected.url)
    assert ask(connected, "PUT", upload, content=b"abc").status_code == 400, "a token was taken"
    assert ask(connected, "PUT", upload, None, content=b"abc").status_code == 400, "another content was taken"
    assert ask(connected, "PUT", "/lfs/guessed", None, content=b"abc").status_code == 403
    verify = ask(connected, "POST", f"/{ID}.git/info/lfs/verify", json={"oid": oid, "size": 3})
    assert verify.status_code == 404
    header = {"key": "header", "value": {"summary": "x"}}
    file = {"key": "lfsFile", "value": {"path": "x.bin", "algo": "sha256", "oid": oid, "size": 3}}
    commit = "\n".join(map(json.dumps, (header, file)))
    assert ask(connected, "POST", f"/api/models/{ID}/commit/main", content=commit).status_code == 400


def test_unknown_pages_are_not_found(connected: Hub) -> None:
    for path in ("/api/agent-harnesses", "/api/telemetry/x", "/api/models/nameless"):
        assert ask(connected, "GET", path).status_code == 404


def test_what_was_uploaded_outlives_the_server(api: HfApi, head: str, connected: Hub) -> None:
    with serving(Hub(connected.folder)) as again:
        assert contents(again, "models", ID)["a/b/one.txt"] == b"one"
