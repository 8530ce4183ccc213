"""Programs run as by a user with an empty cache, and the hub's contents afterwards."""

from __future__ import annotations

import os
import subprocess
import sys
from pathlib import Path

from tests.hub.loopback.state import Hub

ROOT = Path(__file__).resolve().parent.parent.parent
ALICE, ALICE_READ, BOB = "hf_alice", "hf_alice_read", "hf_bob"

# Keeps a client on this machine, and records other addresses: a library may swallow the error.
_GUARD = """
import os, sys
HERE = ("127.0.0.1", "::1", "localhost", b"127.0.0.1", b"localhost", None)
def _guard(event, arguments):
    wanted = None
    if event == "socket.connect" and isinstance(arguments[1], tuple):
        wanted = arguments[1][0]
    elif event == "socket.getaddrinfo":
        wanted = arguments[0]
    if wanted not in HERE:
        with open(os.environ["OFF_MACHINE"], "a") as file:
            file.write(f"{wanted}\\n")
        raise OSError(f"{wanted} is off this machine")
sys.addaudithook(_guard)
"""
# `datasets` asks this address for exported Parquet files; no variable prevents it.
_KNOWN = "datasets-server.127.0.0.1"


def environment(hub: Hub, home: Path, token: str | None) -> dict[str, str]:
    """Return a user's environment: an empty cache, a token, and this hub."""
    kept = {name: value for name, value in os.environ.items() if not name.startswith(("HF_", "HUGGING_FACE"))}
    guard = home / "guard"
    guard.mkdir(parents=True, exist_ok=True)
    (guard / "sitecustomize.py").write_text(_GUARD)
    return {
        **kept,
        **({"HF_TOKEN": token} if token else {}),
        "HF_ENDPOINT": hub.url,
        "HF_HOME": str(home),
        "HF_HUB_DISABLE_XET": "1",
        "HF_HUB_DISABLE_TELEMETRY": "1",
        "HF_HUB_DISABLE_UPDATE_CHECK": "1",
        "HF_UPDATE_DOWNLOAD_COUNTS": "0",
        "PYTHONPATH": os.pathsep.join([str(guard), str(ROOT)]),
        "OMP_NUM_THREADS": "1",
        "OFF_MACHINE": str(guard / "off-machine.txt"),
    }


def run_as(
    hub: Hub, home: Path, *arguments: str | Path, token: str | None = ALICE, **more: str
) -> subprocess.CompletedProcess[str]:
    """Run ``python ...`` as a user would.

    Its output must not hold the token, and it must connect to this machine only.
    """
    done = subprocess.run(
        [sys.executable, *map(str, arguments)],
        env={**environment(hub, home, token), **more},
        cwd=ROOT,
        capture_output=True,
        text=True,
        stdin=subprocess.DEVNULL,
        timeout=300,
        check=False,
    )
    if token:
        assert_nowhere(token, done.stdout + done.stderr, home)
    off_machine = home / "guard" / "off-machine.txt"
    if off_machine.exists():
        assert set(off_machine.read_text().split()) == {_KNOWN}
    return done


def assert_nowhere(token: str, printed: str, *folders: Path) -> None:
    """Check that the token is in no output and in no file."""
    assert token not in printed
    for folder in folders:
        for path in folder.rglob("*"):
            if path.is_file() and not path.is_symlink():
                assert token.encode() not in path.read_bytes(), path


def contents(hub: Hub, kind: str, repo_id: str, revision: str = "main") -> dict[str, bytes]:
    """Return all files of a repository, as the server has them."""
    repo = hub.store.repo(kind, repo_id)
    assert repo is not None
    tree = hub.store.resolve(repo, revision).tree
    return {path: hub.store.blobs.read(entry.etag, 0, entry.size) for path, entry in tree.items()}


def titles(hub: Hub, kind: str, repo_id: str) -> list[str]:
    """Return the titles of the commits of the main branch, newest first."""
    repo = hub.store.repo(kind, repo_id)
    assert repo is not None
    return [commit.title for commit in hub.store.history_of([hub.store.head(repo, "main")[1].sha])]
