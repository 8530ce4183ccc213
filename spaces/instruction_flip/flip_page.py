"""The page: components, and which event calls which handler."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

import gradio as gr

from flip_api import make_flip, make_rank
from flip_compare import OpeningCache, TextEncoder
from flip_examples import ALL, choices, domains, levers
from flip_handlers import Handlers
from flip_inputs import LIMITS
from flip_style import SCRIPT_FILE
from flip_types import Example
from flip_view import HEADER, LOADING, P_MRR_HELP
from flip_words import MINUS

#: Requests that may wait for a model; beyond it visitors are told that the Space is busy.
QUEUE_SIZE = 32
#: Seconds after which an abandoned page's rankings are forgotten.
SESSION_SECONDS = 3600
_PLAIN: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}
_MODELS: dict[str, Any] = {"concurrency_id": "models", "concurrency_limit": 1, "api_visibility": "private"}
_LIGHT: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}

HOW_TO_READ = f"""
**The switch** changes nothing but the instruction. Both models rank the same passages for
*query + instruction*, by cosine similarity; what you see is computed from the models as you look.

**A coloured tag** marks the passage that an instruction asks for. The tagged passage should be at rank 1
whenever its instruction is on. **▲ +** and **▼ {MINUS}** are ranks gained and lost by the last flip.

**✓ / ✗** A model obeys a set only if *every* instruction brings its own passage above all the others.
By chance, two passages under two instructions come out right one time in four; a model that ignores
instructions never gets there.

**p-MRR** {P_MRR_HELP.split(": ", 1)[1]} Where a set has more than two instructions, it is the mean over
the changes from A to each other one.
"""


def build_page(
    examples: Sequence[Example],
    base: TextEncoder,
    trained: TextEncoder,
    opening: OpeningCache,
    provenance: str,
) -> gr.Blocks:
    """Build the Blocks app over two models and a list of examples."""
    do = Handlers(examples, base, trained, opening, provenance)
    with gr.Blocks(title="Flip the instruction", analytics_enabled=False) as page:
        current = gr.State(None, time_to_live=SESSION_SECONDS)
        shown = gr.State(0, time_to_live=SESSION_SECONDS)

        gr.HTML(HEADER, **_PLAIN)
        query = gr.HTML(elem_id="flip-query", **_PLAIN)
        switch = gr.Radio([], label="Instruction", show_label=False, container=False, elem_id="flip-switch")
        with gr.Row(elem_id="flip-actions"):
            flip = gr.Button("⇅ Flip the instruction", variant="primary", elem_id="flip-button")
            surprise = gr.Button("Random example", elem_id="flip-random")
        boards = gr.HTML(elem_id="flip-boards", **_PLAIN)
        gr.Radio(
            [("Base model", "base"), ("Dual-view model", "trained")],
            value="trained",
            label="Model to show",
            show_label=False,
            container=False,
            elem_id="flip-tab",
        )
        script = SCRIPT_FILE.read_text(encoding="utf-8")
        rankings = gr.HTML(LOADING, elem_id="flip-rankings", **_PLAIN | {"js_on_load": script})
        note = gr.HTML(elem_id="flip-note", **_PLAIN)

        with gr.Tabs():
            with gr.Tab("Examples"), gr.Row():
                domain = gr.Dropdown([ALL, *domains(examples)], value=ALL, label="Domain", min_width=140)
                lever = gr.Dropdown([ALL, *levers(examples)], value=ALL, label="Lever", min_width=140)
                chosen = gr.Dropdown(
                    choices(examples),
                    value=None,
                    label=f"Example ({len(examples):,})",
                    scale=3,
                    min_width=240,
                )
            with gr.Tab("Your own text"):
                own_query = gr.Textbox(label="Query", max_lines=2)
                with gr.Row():
                    own_a = gr.Textbox(label="Instruction A", lines=2, max_lines=6, min_width=240)
                    own_b = gr.Textbox(
                        label="Instruction B, its opposite", lines=2, max_lines=6, min_width=240
                    )
                own_passages = gr.Textbox(
                    label="Passages, with a blank line between them",
                    info=f"A short first line is the title. Limits: {LIMITS}.",
                    lines=8,
                    max_lines=16,
                )
                with gr.Row():
                    wanted_a = gr.Number(None, label="Passage A should find (number, optional)", precision=0)
                    wanted_b = gr.Number(None, label="Passage B should find (number, optional)", precision=0)
                with gr.Row():
                    rank_own = gr.Button("Rank these", variant="primary", elem_id="flip-own")
                    copy = gr.Button("Start from the example above", elem_id="flip-copy")
            with gr.Tab("How to read it"):
                gr.Markdown(HOW_TO_READ)

        stage = [current, shown, query, switch, boards, rankings, note]
        own = [own_query, own_a, own_b, own_passages, wanted_a, wanted_b]
        page.load(do.open, None, [*stage, chosen], show_progress="minimal", **_MODELS)
        flip.click(do.flip, [current, shown], [switch, shown, boards, rankings], **_LIGHT)
        switch.input(
            do.turn_to,
            [current, shown, switch],
            [shown, boards, rankings],
            trigger_mode="always_last",
            **_LIGHT,
        )
        surprise.click(
            do.surprise, [domain, lever, current], [*stage, chosen], show_progress="minimal", **_MODELS
        )
        for narrowing in (domain, lever):
            narrowing.input(do.narrow, [domain, lever], chosen, **_LIGHT)
        chosen.input(do.choose, chosen, stage, show_progress="minimal", scroll_to_output=True, **_MODELS)
        rank_own.click(do.own, own, stage, show_progress="minimal", scroll_to_output=True, **_MODELS)
        copy.click(do.copy, [current, shown], own, **_LIGHT)
        gr.api(make_rank(base, trained), api_name="rank", concurrency_id="models", concurrency_limit=1)
        gr.api(make_flip(base, trained), api_name="flip", concurrency_id="models", concurrency_limit=1)
    return page.queue(max_size=QUEUE_SIZE)
