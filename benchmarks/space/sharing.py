"""What the measurements of the Space share: a browser, and lines of figures."""

from __future__ import annotations

import os
import sys
import time
from collections.abc import Callable, Iterator, Sequence
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from playwright.sync_api import BrowserContext, sync_playwright

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "spaces" / "instruction_flip")]

from flip_visiting import (  # noqa: E402
    BASE,
    CHROMIUM,
    CHROMIUM_ARGUMENTS,
    SPACE,
    Server,
    Visit,
    start_server,
)

__all__ = [
    "BASE",
    "SPACE",
    "Server",
    "Visit",
    "browser",
    "processor_time",
    "report",
    "say",
    "start_server",
    "wait_until_idle",
]


@contextmanager
def browser() -> Iterator[Callable[[], BrowserContext]]:
    """Open a browser, and give what makes a fresh context in it."""
    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield lambda: running.new_context(viewport={"width": 1280, "height": 800})
        running.close()


def report(what: str, times: Sequence[float]) -> None:
    """Print the median and the 95th percentile of milliseconds."""
    middle, high = (np.percentile(times, [50, 95])) if times else (float("nan"), float("nan"))
    say(f"{what}: median {middle:,.0f} ms, 95th percentile {high:,.0f} ms (n = {len(times)})")


def say(line: str) -> None:
    """Print a line at once."""
    sys.stdout.write(line + "\n")
    sys.stdout.flush()


def processor_time(pid: int) -> float:
    """Return the milliseconds of CPU that a process has taken, its threads together."""
    fields = Path(f"/proc/{pid}/stat").read_text(encoding="utf-8").rpartition(")")[2].split()
    return 1000 * (int(fields[11]) + int(fields[12])) / os.sysconf("SC_CLK_TCK")


def wait_until_idle(server: Server) -> None:
    """Wait until a server that was started here has nothing to do: its corpus is read in the background.

    Gradio's queue alone takes 4% of a core, as it looks for work twenty times a second.
    """
    assert server.process is not None
    before, now = -1000.0, 0.0
    while now - before > 400:
        time.sleep(5)
        before, now = now, processor_time(server.process.pid)
