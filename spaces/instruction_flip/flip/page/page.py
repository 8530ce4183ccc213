"""The page: its components, and the connections from events to handlers."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
from gradio.events import api

from flip.page.api import make_flip, make_rank, make_search
from flip.page.calls import PlainBlocks
from flip.page.forms import FormHandlers
from flip.page.gallery import gallery_html
from flip.page.handlers import StageHandlers
from flip.page.stage import Workbench
from flip.page.style import GALLERY_SCRIPT, STAGE_SCRIPT, UPLOAD_SCRIPT
from flip.page.tabs import (
    PLAIN,
    Form,
    ModelTab,
    build_example_tab,
    build_model_tab,
    build_own_tab,
    build_reading_tab,
    build_search_tab,
)
from flip.page.view import BUSY, HEADER, LOADING, status_html

#: Requests that may wait for a model; beyond this number the page shows that it is busy.
QUEUE_SIZE = 32
#: Concurrent requests to the models, so that cached results need not wait for new encodings.
AT_ONCE = 4
#: Seconds until the rankings of an abandoned page are deleted.
SESSION_SECONDS = 3600
_MODELS: dict[str, Any] = {"concurrency_id": "models", "concurrency_limit": AT_ONCE}
_LIGHT: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
_READ_ADDRESS = "() => [window.location.hash.slice(1)]"


def build_page(bench: Workbench) -> gr.Blocks:
    """Build the Blocks app for the examples, models and corpus of a server."""
    stage_do, form_do = StageHandlers(bench), FormHandlers(bench)
    page = PlainBlocks(title="Flip the instruction", analytics_enabled=False)
    with page:
        # These come first: gradio names events after their handlers and numbers the second one of a name.
        for endpoint in (make_rank(bench), make_flip(bench), make_search(bench)):
            api(endpoint, api_name=endpoint.__name__, **_MODELS)

        current = gr.State(None, time_to_live=SESSION_SECONDS)
        shown = gr.State(0, time_to_live=SESSION_SECONDS)
        second = gr.State("", time_to_live=SESSION_SECONDS)
        address = gr.Textbox(visible=False)

        gr.HTML(HEADER, **PLAIN)
        query = gr.HTML(elem_id="flip-query", **PLAIN)
        with gr.Row(elem_id="flip-actions"):
            switch = gr.Radio(
                [], label="Instruction", show_label=False, container=False, elem_id="flip-switch"
            )
            flip = gr.Button("⇄ Flip", variant="primary", elem_id="flip-button")
        boards = gr.HTML(elem_id="flip-boards", **PLAIN)
        tabs = gr.Radio(
            [("Base model", "base"), ("Dual-view model", "trained")],
            value="trained",
            label="Model to show",
            show_label=False,
            container=False,
            # Without this, gradio takes it for an output, as no event uses it.
            interactive=True,
            elem_id="flip-tab",
        )
        rankings = gr.HTML(LOADING, elem_id="flip-rankings", **PLAIN | {"js_on_load": STAGE_SCRIPT})
        note = gr.HTML(elem_id="flip-note", **PLAIN)
        with gr.Tabs(elem_id="flip-tabs"):
            gallery = build_example_tab(bench.examples, gallery_html(bench.examples), GALLERY_SCRIPT)
            own = build_own_tab(UPLOAD_SCRIPT)
            search = build_search_tab(len(bench.corpus.passages))
            models = build_model_tab(bench.pool)
            build_reading_tab()

        stage = [current, shown, query, switch, boards, tabs, rankings, note]
        narrowing = [gallery.domain, gallery.lever, gallery.words]
        slow = _MODELS | {"api_visibility": "private", "show_progress_on": rankings}
        opened = page.load(
            stage_do.open, address, [*stage, second, models.reference], js=_READ_ADDRESS, **slow
        )
        # If the queue is full, no handler runs on the server, so the browser shows the message by itself.
        opened.failure(None, None, rankings, js=f"() => [{json.dumps(status_html(BUSY))}]")
        flip.click(stage_do.flip, [current, shown], [switch, shown, boards, rankings], **_LIGHT)
        switch.input(
            stage_do.turn_to,
            [current, shown, switch],
            [shown, boards, rankings],
            trigger_mode="always_last",
            **_LIGHT,
        )
        gallery.cards.select(stage_do.choose, second, stage, trigger_mode="always_last", **slow)
        gallery.cards.input(stage_do.more, narrowing, gallery.cards, **_LIGHT)
        for narrow in (gallery.domain.input, gallery.lever.input, gallery.words.change):
            narrow(stage_do.narrow, narrowing, gallery.cards, trigger_mode="always_last", **_LIGHT)
        gallery.surprise.click(stage_do.surprise, [*narrowing, current, second], stage, **slow)
        _wire_models(models, stage_do, [current, shown], stage, second, slow)

        own_fields = [*own.question, own.passages, own.wanted_a, own.wanted_b]
        own.rank.click(form_do.own, [*own_fields, second], [*stage, own.message], **slow)
        own.copy.click(form_do.copy_all, [current, shown], own_fields, **_LIGHT)
        uploaded = own.upload.upload(form_do.upload, None, [own.passages, own.message], **_LIGHT)
        for ready in (own.passages.blur, uploaded.then):
            ready(
                form_do.prepare,
                [own.passages, second],
                None,
                concurrency_id="prepare",
                concurrency_limit=1,
                show_progress="hidden",
                api_visibility="private",
            )
        search.rank.click(form_do.search, [*search.question, second], [*stage, search.message], **slow)
        search.copy.click(form_do.copy_question, [current, shown], search.question, **_LIGHT)
        for form in (own, search):
            _wire_suggestion(form, form_do)
    page.queue(max_size=QUEUE_SIZE)
    return page


def _wire_suggestion(form: Form, do: FormHandlers) -> None:
    _, first, second = form.question
    form.suggest.click(do.suggest, first, [second, form.message], **_LIGHT)


def _wire_models(
    models: ModelTab,
    do: StageHandlers,
    state: list[gr.State],
    stage: list[Any],
    second: gr.State,
    slow: dict[str, Any],
) -> None:
    outputs = [*stage, second, models.message]
    models.use.click(do.use_model, [models.reference, *state], outputs, **slow)
    models.back.click(lambda: None, None, models.reference, **_LIGHT).then(
        do.use_model, [models.reference, *state], outputs, **slow
    )
