"""How long the Space takes from nothing to its first rankings, for ``latency.py start``.

A second setup runs in turns with the first: another version of the Space, or other models.
"""

from __future__ import annotations

import time
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from playwright.sync_api import Page
from sharing import browser, processor_time, report, say, start_server


@dataclass(frozen=True)
class Setup:
    """What is started: a folder with app.py, and its models."""

    space: Path
    base: str
    model: str


#: What is timed of a start: until when, in words.
_MOMENTS = (
    "the page answers",
    "first painted ranking, recorded",
    "first computed ranking",
    "CPU time by then",
)


def measure_start(setups: Sequence[Setup], times: int) -> None:
    """Time from starting the process, the browser being open; several setups run in turns."""
    found: list[list[list[float]]] = [[[] for _ in _MOMENTS] for _ in setups]
    with browser() as new_context:
        for _ in range(times):
            for setup, columns in zip(setups, found, strict=True):
                for column, one in zip(columns, _start(setup, new_context().new_page()), strict=True):
                    column.append(one)
    for setup, columns in zip(setups, found, strict=True):
        say(f"{setup.space}, base {setup.base}, model {setup.model}")
        for moment, column in zip(_MOMENTS, columns, strict=True):
            report(f"  process to {moment}" if "CPU" not in moment else f"  {moment}", column)
    for other in found[1:]:
        ratios = [np.median(two) / np.median(one) for one, two in zip(found[0], other, strict=True)]
        told = ", ".join(f"{moment} {ratio:.2f}" for moment, ratio in zip(_MOMENTS, ratios, strict=True))
        say(f"second setup, times the first (medians): {told}")


def _start(setup: Setup, page: Page) -> list[float]:
    """Start a Space, and return the milliseconds of each moment."""
    started = time.perf_counter()
    server = start_server("--base", setup.base, "--model", setup.model, folder=setup.space)
    assert server.process is not None
    try:
        times = [time.perf_counter()]
        page.goto(server.url)
        page.wait_for_selector(".flip-panel.is-trained .flip-card", timeout=300_000)
        times.append(time.perf_counter())
        page.wait_for_function(
            "document.querySelector('#flip-note').innerText.includes('Ranked just now')", timeout=300_000
        )
        times.append(time.perf_counter())
        return [1000 * (one - started) for one in times] + [processor_time(server.process.pid)]
    finally:
        page.context.close()
        server.stop()
