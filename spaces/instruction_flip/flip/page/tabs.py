"""Tabs below the stage: gallery, own text, corpus search, second model, and explanations."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import gradio as gr

from flip.engine.pool import ModelPool
from flip.html.help import RUN_IT, STEPS
from flip.text.examples import ALL, subjects
from flip.text.inputs import LIMITS, passage_choices
from flip.text.sample import SAMPLE
from flip.text.upload import MAX_FILE_BYTES, SUFFIXES
from flip.types import Example

#: Arguments of gr.HTML that switch off gradio's own styles and scripts.
PLAIN: dict[str, Any] = {"apply_default_css": False, "js_on_load": None}

_FILE_FIELD = (
    f'<label class="flip-file">Open {", ".join(SUFFIXES)} <input type="file" accept="{",".join(SUFFIXES)}" '
    f'data-limit="{MAX_FILE_BYTES}"></label>'
)


@dataclass(frozen=True)
class GalleryTab:
    """Components of the gallery."""

    outcome: gr.Radio
    subject: gr.Dropdown
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
    wanted_a: gr.Dropdown
    wanted_b: gr.Dropdown


@dataclass(frozen=True)
class ModelTab:
    """Components for the choice of the second model."""

    reference: gr.Dropdown
    use: gr.Button
    back: gr.Button
    message: gr.HTML


def build_example_tab(examples: Sequence[Example], script: str) -> GalleryTab:
    """Build the gallery; cards and counts are filled in when the page is opened.

    :param script: JavaScript that turns a click on a card into an event.
    """
    with gr.Tab("Examples", id="examples"):
        outcome = gr.Radio(
            [("all", ALL)], value=ALL, label="Both instructions followed by", elem_id="flip-outcome"
        )
        with gr.Row(elem_classes="flip-form"):
            subject = gr.Dropdown([ALL, *subjects(examples)], value=ALL, label="Subject", min_width=130)
            words = gr.Textbox(label="Words", placeholder="in search or instructions", min_width=130)
            surprise = gr.Button("Random", elem_id="flip-random", min_width=110, scale=0)
        gallery = gr.HTML(elem_id="flip-gallery", **PLAIN | {"js_on_load": script})
    return GalleryTab(outcome, subject, words, surprise, gallery)


def build_own_tab(script: str) -> OwnForm:
    """Build the form for own text, filled with an example.

    Passages come first, so that they are encoded while the user writes the rest.

    :param script: JavaScript that reads a chosen file and turns it into an event.
    """
    with gr.Tab("Your own text", id="own"):
        with gr.Row(elem_classes="flip-form"):
            upload = gr.HTML(_FILE_FIELD, elem_id="flip-upload", **PLAIN | {"js_on_load": script})
            copy = gr.Button("Start from the example above", min_width=180, elem_id="flip-copy")
        passages = gr.Textbox(
            SAMPLE.passages,
            label="Passages, with a blank line between them",
            info=f"A short first line is the title. Limits: {LIMITS}; files up to {MAX_FILE_BYTES:,} bytes. "
            "In .jsonl, each line is a string or has the fields “text” and, optionally, “title”; in .csv, "
            "these are columns.",
            lines=7,
            max_lines=14,
            elem_id="flip-own-passages",
        )
        question, suggest = _question("flip-own")
        for field, text in zip(question, (SAMPLE.query, *SAMPLE.instructions), strict=True):
            field.value = text
        with gr.Row():
            wanted_a, wanted_b = (
                gr.Dropdown(
                    passage_choices(SAMPLE.passages),
                    value=number,
                    label=f"Passage that {name} should find",
                    min_width=200,
                    elem_id=f"flip-wanted-{name.lower()}",
                )
                for name, number in zip("AB", SAMPLE.wanted, strict=True)
            )
        rank = gr.Button("Rank these passages", variant="primary", elem_id="flip-own")
        message = gr.HTML(elem_id="flip-own-message", **PLAIN)
    return OwnForm(question, suggest, rank, copy, message, passages, upload, wanted_a, wanted_b)


def build_search_tab(count: int) -> Form:
    """Build the form for a corpus search.

    :param count: number of passages in the corpus.
    """
    with gr.Tab("Search all passages", id="search"):
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
    with gr.Tab("Another model", id="model"):
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


def build_help_tab(script: str) -> gr.HTML:
    """Build the explanations.

    :param script: JavaScript that turns a click on an example into an event.
    :return: the component for what is followed and what not yet.
    """
    with gr.Tab("How it works", id="help"):
        gr.HTML(STEPS, **PLAIN)
        limits = gr.HTML(elem_id="flip-limits", **PLAIN | {"js_on_load": script})
        gr.Markdown(RUN_IT)
    return limits


def _question(form: str) -> tuple[list[gr.Textbox], gr.Button]:
    """Build the fields for a query and two instructions, with ids that start with ``form``."""
    query = gr.Textbox(label="Search", max_lines=2, elem_id=f"{form}-query")
    with gr.Row():
        first = gr.Textbox(label="Instruction A", lines=2, max_lines=6, min_width=240, elem_id=f"{form}-a")
        second = gr.Textbox(
            label="Instruction B, its opposite", lines=2, max_lines=6, min_width=240, elem_id=f"{form}-b"
        )
    suggest = gr.Button(
        "Suggest the opposite of A", size="sm", elem_classes="flip-suggest", elem_id=f"{form}-suggest"
    )
    return [query, first, second], suggest
