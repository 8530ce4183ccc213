"""Tabs below the stage: gallery, own text, corpus search, second model, and explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from flip.engine.pool import ModelPool
from flip.page.view import FLIP_HELP, P_MRR_HELP
from flip.page.words import MINUS
from flip.text.examples import ALL, domains, levers
from flip.text.inputs import LIMITS
from flip.text.upload import MAX_FILE_BYTES, SUFFIXES
from flip.types import Example

#: Arguments of gr.HTML that switch off gradio's own styles and scripts.
PLAIN: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}

_FILE_FIELD = (
    f'<label class="flip-file">Open {", ".join(SUFFIXES)} <input type="file" accept="{",".join(SUFFIXES)}" '
    f'data-limit="{MAX_FILE_BYTES}"></label>'
)

HOW_TO_READ = f"""
**The switch** changes only the instruction. Both models rank the same passages for *query + instruction* by
cosine similarity. All results on this page are computed live.

**A coloured tag** marks the passage that is relevant under an instruction. It should be at rank 1 when its
instruction is on. **▲ +** and **▼ {MINUS}** show the ranks gained and lost in the last flip.

**The chart** has one column per instruction and one line per passage, which connects its ranks. A line that
ends in a letter is the passage relevant under that instruction: a model that obeys has **A** at the top of
column A and **B** at the top of column B. If all lines are level, the instruction changed nothing.

**Flip** is {FLIP_HELP.split(": ", 1)[1]} With two passages and two instructions, a random ranking gets this
right one time in four; a model that ignores instructions never does.

**p-MRR** {P_MRR_HELP.split(": ", 1)[1]} For a set with more than two instructions, it is the mean over the
changes from A to each other instruction.
"""


@dataclass(frozen=True)
class GalleryTab:
    """Components of the gallery."""

    domain: gr.Dropdown
    lever: gr.Dropdown
    words: gr.Textbox
    surprise: gr.Button
    cards: gr.HTML


@dataclass(frozen=True)
class Form:
    """Components of a form with a query and two instructions.

    :param question: query, instruction A, instruction B.
    """

    question: list[gr.Textbox]
    suggest: gr.Button
    rank: gr.Button
    copy: gr.Button
    message: gr.HTML


@dataclass(frozen=True)
class OwnForm(Form):
    """Components of the form for the user's own passages."""

    passages: gr.Textbox
    upload: gr.HTML
    wanted_a: gr.Number
    wanted_b: gr.Number


@dataclass(frozen=True)
class ModelTab:
    """Components for the choice of the second model."""

    reference: gr.Dropdown
    use: gr.Button
    back: gr.Button
    message: gr.HTML


def build_example_tab(examples: Sequence[Example], cards: str, script: str) -> GalleryTab:
    """Build the gallery.

    :param cards: HTML of the first cards.
    :param script: JavaScript that turns a click on a card into an event.
    """
    with gr.Tab("Examples"):
        with gr.Row(elem_classes="flip-form"):
            domain = gr.Dropdown([ALL, *domains(examples)], value=ALL, label="Domain", min_width=130)
            lever = gr.Dropdown([ALL, *levers(examples)], value=ALL, label="Lever", min_width=130)
            words = gr.Textbox(label="Words", placeholder="in query or instructions", min_width=130)
            surprise = gr.Button("Random", elem_id="flip-random", min_width=110, scale=0)
        gallery = gr.HTML(cards, elem_id="flip-gallery", **PLAIN | {"js_on_load": script})
    return GalleryTab(domain, lever, words, surprise, gallery)


def build_own_tab(script: str) -> OwnForm:
    """Build the form for own text.

    Passages come first, so that they are encoded while the user writes the rest.

    :param script: JavaScript that reads a chosen file and turns it into an event.
    """
    with gr.Tab("Your own text"):
        with gr.Row(elem_classes="flip-form"):
            upload = gr.HTML(_FILE_FIELD, elem_id="flip-upload", **PLAIN | {"js_on_load": script})
            copy = gr.Button("Start from the example above", min_width=180, elem_id="flip-copy")
        passages = gr.Textbox(
            label="Passages, with a blank line between them",
            info=f"A short first line is the title. Limits: {LIMITS}; files up to {MAX_FILE_BYTES:,} bytes. "
            "In .jsonl, each line is a string or has the fields “text” and, optionally, “title”; in .csv, "
            "these are columns.",
            lines=7,
            max_lines=14,
            elem_id="flip-own-passages",
        )
        question, suggest = _question("flip-own")
        with gr.Row():
            wanted_a = gr.Number(
                None,
                label="Number of the passage that A should find (0: not given)",
                precision=0,
                min_width=200,
            )
            wanted_b = gr.Number(
                None,
                label="Number of the passage that B should find (0: not given)",
                precision=0,
                min_width=200,
            )
        rank = gr.Button("Rank these passages", variant="primary", elem_id="flip-own")
        message = gr.HTML(elem_id="flip-own-message", **PLAIN)
    return OwnForm(question, suggest, rank, copy, message, passages, upload, wanted_a, wanted_b)


def build_search_tab(count: int) -> Form:
    """Build the form for a corpus search.

    :param count: number of passages in the corpus.
    """
    with gr.Tab("Search a corpus"):
        gr.HTML(
            f'<p class="flip-note">One query over all {count:,} passages of the examples, under two '
            "instructions: the top ten for each, and the rank changes between them.</p>",
            **PLAIN,
        )
        with gr.Row(elem_classes="flip-form"):
            copy = gr.Button("Start from the example above", min_width=180, elem_id="flip-search-copy")
        question, suggest = _question("flip-search")
        rank = gr.Button(f"Search {count:,} passages", variant="primary", elem_id="flip-search")
        message = gr.HTML(elem_id="flip-search-message", **PLAIN)
    return Form(question, suggest, rank, copy, message)


def build_model_tab(pool: ModelPool) -> ModelTab:
    """Build the form for the second model."""
    if pool.takes_any:
        info = "A folder, package:NAME/SUBPATH or the Hub id of any SentenceTransformer."
    else:
        info = "Choose one from the list. If you run the app yourself, it takes any SentenceTransformer."
    with gr.Tab("Another model"):
        reference = gr.Dropdown(
            list(pool.suggestions),
            value=None,
            label=f"Model to compare with {pool.base.name}",
            info=info,
            allow_custom_value=True,
            elem_id="flip-model",
        )
        with gr.Row():
            use = gr.Button("Use this model", variant="primary", elem_id="flip-use", min_width=180)
            back = gr.Button(f"Back to {pool.trained.name}", elem_id="flip-back", min_width=180)
        message = gr.HTML(elem_id="flip-model-message", **PLAIN)
    return ModelTab(reference, use, back, message)


def build_reading_tab() -> None:
    """Build the explanations."""
    with gr.Tab("How to read it"):
        gr.Markdown(HOW_TO_READ)


def _question(form: str) -> tuple[list[gr.Textbox], gr.Button]:
    """Build the fields for a query and two instructions, with ids that start with ``form``."""
    query = gr.Textbox(label="Query", max_lines=2, elem_id=f"{form}-query")
    with gr.Row():
        first = gr.Textbox(label="Instruction A", lines=2, max_lines=6, min_width=240, elem_id=f"{form}-a")
        second = gr.Textbox(
            label="Instruction B, its opposite", lines=2, max_lines=6, min_width=240, elem_id=f"{form}-b"
        )
    suggest = gr.Button(
        "Suggest the opposite of A", size="sm", elem_classes="flip-suggest", elem_id=f"{form}-suggest"
    )
    return [query, first, second], suggest
