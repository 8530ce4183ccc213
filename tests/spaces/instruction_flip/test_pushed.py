"""The published Space: downloaded into an empty folder, it runs with only its requirements."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path

import pytest
from flip_visiting import SPACE, Visit, start_server
from playwright.sync_api import Browser

from tests.hub.clients import environment, run_as
from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub

_UPLOAD = """
import sys
from huggingface_hub import HfApi
api = HfApi()
for repo_id, folder in (("org/base", sys.argv[1]), ("org/trained", sys.argv[2])):
    api.create_repo(repo_id)
    api.upload_folder(repo_id=repo_id, folder_path=folder)
"""
_DOWNLOAD = """
import sys
from huggingface_hub import snapshot_download
snapshot_download("org/flip", repo_type="space", local_dir=sys.argv[1])
"""


@pytest.mark.slow
def test_the_pushed_space_runs_with_only_its_requirements(
    tmp_path: Path, minilm_path: Path, obedient_path: Path, browser: Browser
) -> None:
    home, pushed, venv = tmp_path / "home", tmp_path / "pushed", tmp_path / "venv"
    with serving(Hub(tmp_path / "hub")) as hub:
        publish = (
            "publish-space",
            SPACE,
            "--repo-id",
            "org/flip",
            "--model",
            "org/base",
            "--model",
            "org/trained",
        )
        for step in (
            ("-c", _UPLOAD, minilm_path, obedient_path),
            ("-m", "cards", *publish),
            ("-c", _DOWNLOAD, pushed),
        ):
            done = run_as(hub, home, *step)
            assert done.returncode == 0, done.stderr
        subprocess.run([sys.executable, "-m", "venv", venv], check=True)
        python = venv / "bin" / "python"
        install = [python, "-m", "pip", "install", "-q", "-r", pushed / "requirements.txt"]
        subprocess.run(install, check=True, timeout=1500)
        env = environment(hub, tmp_path / "visitor", "hf_alice")
        # Only the network guard, without the checkout.
        env["PYTHONPATH"] = str(tmp_path / "visitor" / "guard")
        env.pop("DUALVIEW_MODEL", None)
        server = start_server(python=python, folder=pushed, env=env)
        context = browser.new_context()
        try:
            visit = Visit(context, server)
            visit.page.set_default_timeout(180_000)
            page = visit.open()
            for panel, model in (("base", "base"), ("trained", "trained")):
                assert page.locator(f".flip-panel.is-{panel} .flip-model").inner_text() == model
            assert "base=org/base&model=org/trained" in page.url
            before = visit.order()
            visit.flip()
            assert visit.order() != before
            assert not visit.strangers and not visit.troubles
        finally:
            context.close()
            server.stop()
    off_machine = tmp_path / "visitor" / "guard" / "off-machine.txt"
    assert not off_machine.exists(), off_machine.read_text()
