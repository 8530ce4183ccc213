"""Removal of what gradio keeps of finished sessions.

Every visit, and every call of the API without a session of its own, leaves a session behind: a copy of the
page's configuration (100 kB), which may hold the visitor's text, and an empty queue of messages. Gradio drops
a session only when there are too many, so that calls of the API push out visitors, and never drops its list
of events. This is the one file that depends on gradio's own records, which are not documented.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import AsyncIterator
from contextlib import asynccontextmanager, suppress

import gradio as gr
from fastapi import FastAPI

#: Seconds between two rounds.
INTERVAL = 2.0
#: Seconds for which a result waits for a caller who does not fetch it.
UNREAD_SECONDS = 3600.0
#: Finished events that gradio keeps for its statistics, which it computes again after each event.
_EVENTS_KEPT = "100"
os.environ.setdefault("GRADIO_ANALYTICS_MAX_EVENTS", _EVENTS_KEPT)


class SessionSweeper:
    """Drops sessions that hold no state and have no events, once they were found so twice in a row."""

    def __init__(self, page: gr.Blocks) -> None:
        self._page = page
        self._idle: set[str] = set()
        #: Time at which the results of a session were first found unread.
        self._unread: dict[str, float] = {}

    def sweep(self) -> int:
        """Drop idle sessions; run it in the server's event loop, whose handlers change the same records.

        A session is idle if no event of it is waiting, running or unread, and it holds no visitor's ranking.
        Gradio makes it again if it is needed after all.

        :return: the number of sessions dropped.
        """
        queue, sessions = self._page._queue, self._page.state_holder.session_data
        events, messages = queue.pending_event_ids_session, queue.pending_messages_per_session
        self._drop_unread()
        idle = {
            name
            for name in {*sessions, *events, *messages}
            if not events.get(name)
            and (name not in messages or messages[name].empty())
            and (name not in sessions or not sessions[name].state_data)
        }
        gone = idle & self._idle
        for name in gone:
            sessions.pop(name, None)
            self._page.state_holder.time_last_used.pop(name, None)
            events.pop(name, None)
            messages.pop(name, None)
        self._idle = idle - gone
        return len(gone)

    def _drop_unread(self) -> None:
        """Drop results that have waited too long."""
        queue, now = self._page._queue, time.monotonic()
        events, messages = queue.pending_event_ids_session, queue.pending_messages_per_session
        unread = [
            name
            for name, waiting in messages.items()
            if not waiting.empty() and not queue.event_ids_to_events.keys() & events.get(name, set())
        ]
        self._unread = {name: self._unread.get(name, now) for name in unread}
        for name, since in self._unread.items():
            if now - since > UNREAD_SECONDS:
                messages.pop(name, None)
                events.pop(name, None)

    @asynccontextmanager
    async def lifespan(self, app: FastAPI) -> AsyncIterator[None]:
        """Sweep every ``INTERVAL`` seconds while the server runs; a lifespan of FastAPI."""
        task = asyncio.create_task(self._sweep_on())
        yield
        task.cancel()
        with suppress(asyncio.CancelledError):
            await task

    async def _sweep_on(self) -> None:
        while True:
            await asyncio.sleep(INTERVAL)
            self.sweep()
