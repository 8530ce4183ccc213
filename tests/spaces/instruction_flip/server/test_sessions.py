"""What is kept of sessions: a visitor's ranking, and nothing of calls that are over."""

from __future__ import annotations

import time
from collections.abc import Iterator

import gradio as gr
import pytest
from flip.server import sessions
from flip.server.sessions import SessionSweeper
from gradio_client import Client


@pytest.fixture
def page(monkeypatch: pytest.MonkeyPatch) -> Iterator[gr.Blocks]:
    monkeypatch.setattr(sessions, "INTERVAL", 0.1)
    with gr.Blocks() as blocks:
        kept, text = gr.State(None, time_to_live=3600), gr.Textbox()

        def double(number: int) -> int:
            return 2 * number

        def remember(words: str, before: str | None) -> tuple[str, str]:
            return words, before or "nothing"

        gr.api(double)
        text.submit(remember, [text, kept], [kept, text])
    blocks.queue()
    sweeper = SessionSweeper(blocks)
    blocks.launch(
        server_name="127.0.0.1",
        prevent_thread_lock=True,
        quiet=True,
        app_kwargs={"lifespan": sweeper.lifespan},
    )
    yield blocks
    blocks.close(verbose=False)


def wait_until_empty(*records: object) -> None:
    limit = time.monotonic() + 20
    while any(map(len, records)):
        assert time.monotonic() < limit, [len(record) for record in records]
        time.sleep(0.1)


def records(page: gr.Blocks) -> tuple:
    queue, holder = page._queue, page.state_holder
    return (
        holder.session_data,
        holder.time_last_used,
        queue.pending_event_ids_session,
        queue.pending_messages_per_session,
        queue.event_ids_to_events,
    )


def test_calls_of_the_api_leave_no_session(page: gr.Blocks) -> None:
    for number in range(6):
        # A client of its own has a session of its own.
        assert Client(page.local_url, verbose=False).predict(number, api_name="/double") == 2 * number
    wait_until_empty(*records(page))
    assert page._queue.ANALYTICS_MAX_EVENTS == 100


def test_a_visitor_keeps_the_state_and_other_calls_do_not_push_it_out(page: gr.Blocks) -> None:
    page.state_holder.capacity = 5
    visitor = Client(page.local_url, verbose=False)
    assert visitor.predict("first", api_name="/remember") == "nothing"
    for number in range(7):
        Client(page.local_url, verbose=False).predict(number, api_name="/double")
        wait_until_empty(page._queue.event_ids_to_events)
        time.sleep(0.3)
    assert visitor.predict("second", api_name="/remember") == "first"


def test_a_result_that_nobody_fetches_is_dropped_in_the_end(
    page: gr.Blocks, monkeypatch: pytest.MonkeyPatch
) -> None:
    import httpx

    httpx.post(f"{page.local_url}gradio_api/call/double", json={"data": [1]}).raise_for_status()
    time.sleep(1)
    assert len(page._queue.pending_messages_per_session) == 1
    monkeypatch.setattr(sessions, "UNREAD_SECONDS", 0.1)
    wait_until_empty(*records(page))
