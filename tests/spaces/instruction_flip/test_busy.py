"""More people than the models can serve: the queue is bounded, and who does not get in is told."""

from __future__ import annotations

import threading
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor

import flip_models
import flip_page
import pytest
from flip_compare import OpeningCache
from flip_corpus import Corpus
from flip_examples import load_examples
from flip_pool import ModelPool
from flip_stage import Workbench
from flip_visiting import BASE, Server, Visit
from gradio_client import Client
from playwright.sync_api import Browser


@pytest.fixture
def stuck(monkeypatch: pytest.MonkeyPatch) -> Iterator[tuple[Server, threading.Event]]:
    """A Space with one place at the models and one in the queue, and what its models wait for."""
    go_on = threading.Event()
    encode = flip_models.encode_texts
    monkeypatch.setattr(flip_models, "encode_texts", lambda *a: go_on.wait(60) and encode(*a))
    monkeypatch.setattr(flip_page, "QUEUE_SIZE", 1)
    monkeypatch.setitem(flip_page._MODELS, "concurrency_limit", 1)
    examples = load_examples(None)
    pool = ModelPool(BASE, BASE, None)
    opening = OpeningCache(examples, pool.base, pool.trained)
    page = flip_page.build_page(Workbench(examples, pool, opening, Corpus(examples), "shipped"))
    _, url, _ = page.launch(server_name="127.0.0.1", prevent_thread_lock=True, quiet=True)
    yield Server(url), go_on
    go_on.set()
    page.close()


def test_a_full_queue_is_told(stuck: tuple[Server, threading.Event], browser: Browser) -> None:
    server, go_on = stuck
    client = Client(server.url, verbose=False)
    with ThreadPoolExecutor(2) as threads:
        waiting = [
            threads.submit(client.predict, f"query {n}", "", ["one", "two"], api_name="/rank")
            for n in range(2)
        ]
        context = browser.new_context()
        visit = Visit(context, server)
        visit.page.goto(server.url)
        message = visit.page.wait_for_selector("#flip-rankings .is-error")
        assert "This page is busy" in message.inner_text()
        visit.picture("busy")
        context.close()
        assert not any(one.done() for one in waiting)
        go_on.set()
        assert all(one.result(timeout=120) for one in waiting)
