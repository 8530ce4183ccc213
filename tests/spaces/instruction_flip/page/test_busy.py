"""Overload: the queue is bounded, and visitors beyond its limit see a message."""

from __future__ import annotations

import threading
import time
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from dataclasses import dataclass, field

import httpx
import numpy as np
import pytest
from flip.engine import models
from flip.engine.corpus import Corpus
from flip.engine.pool import ModelPool
from flip.page import page as flip_page
from flip.page.stage import Workbench
from flip.page.style import CSS_FILES, theme
from flip.results.kept import Results
from flip.text.examples import load_examples
from flip_visiting import BASE, Server, Visit
from gradio_client import Client
from playwright.sync_api import Browser


@dataclass
class Stuck:
    """A Space with one model slot and one place in the queue; its models wait for an event."""

    url: str = ""
    works: threading.Event = field(default_factory=threading.Event)
    go_on: threading.Event = field(default_factory=threading.Event)

    def waiting(self) -> int:
        """Number of requests in the queue."""
        return int(httpx.get(f"{self.url}gradio_api/queue/status").json()["queue_size"])


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[Stuck]:
    space = Stuck()
    encode = models.encode_texts

    def encode_later(*arguments: object) -> np.ndarray:
        space.works.set()
        space.go_on.wait(120)
        return encode(*arguments)

    monkeypatch.setattr(models, "encode_texts", encode_later)
    monkeypatch.setattr(flip_page, "QUEUE_SIZE", 1)
    monkeypatch.setitem(flip_page._MODELS, "concurrency_limit", 1)
    examples = load_examples(None)
    pool = ModelPool(BASE, BASE, None)
    page = flip_page.build_page(Workbench(examples, pool, Results(examples, {}), Corpus(examples), "shipped"))
    _, space.url, _ = page.launch(
        server_name="127.0.0.1",
        prevent_thread_lock=True,
        quiet=True,
        theme=theme(),
        css_paths=CSS_FILES,
        footer_links=["api"],
    )
    yield space
    space.go_on.set()
    page.close()


def test_a_full_queue_is_told(stuck: Stuck, browser: Browser) -> None:
    client = Client(stuck.url, verbose=False)

    def rank(query: str) -> object:
        return client.predict(query, "", ["one", "two"], api_name="/rank")

    with ThreadPoolExecutor(2) as threads:
        first = threads.submit(rank, "first")
        assert stuck.works.wait(60)
        second = threads.submit(rank, "second")
        limit = time.monotonic() + 60
        while not stuck.waiting():
            assert time.monotonic() < limit
            time.sleep(0.1)
        context = browser.new_context(viewport={"width": 1280, "height": 800})
        visit = Visit(context, Server(stuck.url))
        visit.page.goto(stuck.url)
        message = visit.page.wait_for_selector("#flip-rankings .is-error")
        assert "This page is busy" in message.inner_text()
        visit.picture("busy")
        assert not first.done() and not second.done()
        stuck.go_on.set()
        assert first.result(timeout=120) and second.result(timeout=120)
        # A reload after the queue is free shows the ranking.
        visit.open()
        assert visit.page.locator("#flip-rankings .is-error").count() == 0
        context.close()
