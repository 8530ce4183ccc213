"""Loopback Hub started by hand, and the command `hf` with it."""

from __future__ import annotations

import re
import signal
import subprocess
import sys
from pathlib import Path

import httpx2

from tests.hub.clients import ALICE, ROOT, run_as
from tests.hub.loopback.state import Hub


def test_it_starts_by_hand(tmp_path: Path) -> None:
    command = [sys.executable, "-m", "tests.hub", "--port", "0", "--faults", "slow=0.01"]
    process = subprocess.Popen(command, cwd=ROOT, stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True)
    assert process.stdout is not None
    exported = process.stdout.readline()
    found = re.search(r"HF_ENDPOINT=(http://127\.0\.0\.1:(\d+)) HF_TOKEN=(\S+)", exported)
    assert found is not None
    headers = {"authorization": f"Bearer {found[3]}"}
    assert httpx2.get(f"{found[1]}/api/whoami-v2", headers=headers).json()["name"] == "alice"
    taken = subprocess.run(
        [*command[:4], found[2]], cwd=ROOT, capture_output=True, text=True, timeout=60, check=False
    )
    assert taken.returncode == 2 and "is taken" in taken.stderr and taken.stderr.count("\n") == 1
    process.send_signal(signal.SIGINT)
    assert process.wait(timeout=30) == 0


def test_the_hf_command_line(hub: Hub, tmp_path: Path) -> None:
    def hf(*arguments: str | Path, token: str = ALICE) -> str:
        done = run_as(hub, tmp_path / "home", Path(sys.executable).parent / "hf", *arguments, token=token)
        assert done.returncode == 0, done.stdout + done.stderr
        return done.stdout

    (tmp_path / "folder").mkdir()
    (tmp_path / "folder" / "data.parquet").write_bytes(b"PAR1")
    (tmp_path / "folder" / "notes.txt").write_text("notes")
    assert "alice" in hf("auth", "whoami")
    hf("repos", "create", "org/by-hand", "--repo-type", "dataset", "--private")
    hf("upload", "org/by-hand", tmp_path / "folder", ".", "--repo-type", "dataset")
    hf("download", "org/by-hand", "--repo-type", "dataset", "--local-dir", tmp_path / "back")
    assert (tmp_path / "back" / "data.parquet").read_bytes() == b"PAR1"
    assert (tmp_path / "back" / "notes.txt").read_text() == "notes"
    assert hub.store.repos("datasets")[0].private
