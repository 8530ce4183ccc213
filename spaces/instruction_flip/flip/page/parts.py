"""The components of the page, from top to bottom."""

from __future__ import annotations

import gradio as gr

from flip.html.view import LOADING, header_html
from flip.page.stage import Workbench
from flip.page.style import GALLERY_SCRIPT, NOTE_SCRIPT, SCORES_SCRIPT, STAGE_SCRIPT, UPLOAD_SCRIPT
from flip.page.tabs import (
    PLAIN,
    build_example_tab,
    build_help_tab,
    build_model_tab,
    build_own_tab,
    build_search_tab,
)

#: Seconds until the rankings of an abandoned page are deleted.
SESSION_SECONDS = 3600


class Parts:
    """All components; make it inside the page's Blocks.

    ``stage`` has those of the ranking that is shown, in the order of ``flip.page.stage.Stage``.
    """

    def __init__(self, bench: Workbench) -> None:
        self.current, self.shown, self.second, self.asked, self.fresh = (
            gr.State(value, time_to_live=SESSION_SECONDS) for value in (None, 0, "", None, None)
        )
        self.address = gr.Textbox(visible=False)
        gr.HTML(header_html(bench.links), **PLAIN)
        self.scores = gr.HTML(elem_id="flip-scores", **PLAIN | {"js_on_load": SCORES_SCRIPT})
        self.query = gr.HTML(elem_id="flip-query", **PLAIN)
        with gr.Row(elem_id="flip-actions"):
            self.switch = gr.Radio(
                [], label="Instruction", show_label=False, container=False, elem_id="flip-switch"
            )
            self.flip = gr.Button("⇄ Flip", variant="primary", elem_id="flip-button", interactive=False)
        self.rankings = gr.HTML(LOADING, elem_id="flip-rankings", **PLAIN | {"js_on_load": STAGE_SCRIPT})
        self.why = gr.HTML(elem_id="flip-why", **PLAIN)
        self.note = gr.HTML(elem_id="flip-note", **PLAIN | {"js_on_load": NOTE_SCRIPT})
        with gr.Tabs(elem_id="flip-tabs") as self.tabs:
            self.gallery = build_example_tab(bench.examples, GALLERY_SCRIPT)
            self.own = build_own_tab(UPLOAD_SCRIPT)
            self.limits = build_help_tab(GALLERY_SCRIPT)
            self.search = build_search_tab(len(bench.corpus.passages))
            self.models = build_model_tab(bench.pool)
        self.stage = [
            self.current, self.shown, self.query, self.switch, self.flip, self.rankings, self.note,
        ]  # fmt: skip
