"""Files that visitors send: nothing of them is written to the disk."""

from __future__ import annotations

import os
from pathlib import Path

import httpx
from flip_visiting import start_server

SECRET = b"A private passage of the visitor."


def test_an_upload_leaves_nothing_behind(tmp_path: Path) -> None:
    # No model is loaded, as none is needed here.
    env = {**os.environ, "TMPDIR": str(tmp_path), "HF_HUB_OFFLINE": "1"}
    server = start_server("--base", "org/none", "--model", "org/none", env=env)
    assert server.process is not None
    try:
        for path in ("gradio_api/upload", "gradio_api/upload?upload_id=x", "gradio_api/upload/"):
            reply = httpx.post(server.url + path, files={"files": ("mine.txt", SECRET)})
            assert reply.json() == []
        big = httpx.post(f"{server.url}gradio_api/upload", files={"files": ("big.txt", b"x" * 20_000_000)})
        assert big.json() == []
        # Killed, so that it cannot tidy up.
        server.process.kill()
        server.process.wait(timeout=30)
    finally:
        server.stop()
    left = [path for path in tmp_path.rglob("*") if path.is_file() and SECRET in path.read_bytes()]
    assert not left
    assert not list(tmp_path.rglob("big.txt"))
