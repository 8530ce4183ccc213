"""The page: its components, and the connections from events to handlers."""

from __future__ import annotations

import json
from typing import Any

import gradio as gr
from gradio.events import Dependency, api

from flip.html.help import limits_html
from flip.html.view import BUSY, LEAD, TITLE, status_html
from flip.page.api import make_flip, make_rank, make_search
from flip.page.forms import FormHandlers
from flip.page.fresh import FreshHandlers
from flip.page.gallery_handlers import GalleryHandlers
from flip.page.handlers import StageHandlers
from flip.page.parts import SESSION_SECONDS, Parts
from flip.page.stage import Workbench
from flip.page.tabs import Form, GalleryTab, ModelTab, OwnForm
from flip.server.calls import PlainBlocks
from flip.text.inputs import passage_choices
from flip.text.sample import SAMPLE

#: Requests that may wait for a model; beyond this number the page shows that it is busy.
QUEUE_SIZE = 32
#: Concurrent requests to the models, so that cached results need not wait for new encodings.
AT_ONCE = 4
_MODELS: dict[str, Any] = {"concurrency_id": "models", "concurrency_limit": AT_ONCE}
_LIGHT: dict[str, Any] = {"queue": False, "show_progress": "hidden", "api_visibility": "private"}
_LAST: dict[str, Any] = _LIGHT | {"trigger_mode": "always_last"}
_READ_ADDRESS = "() => [window.location.hash.slice(1)]"
#: What the browser does by itself if the queue is full, as no handler runs on the server then.
_SAY_BUSY = f"(shown) => [shown.includes('flip-card') ? shown : {json.dumps(status_html(BUSY))}]"


def build_page(bench: Workbench) -> gr.Blocks:
    """Build the Blocks app for the examples, models and corpus of a server."""
    page = PlainBlocks(title=TITLE, analytics_enabled=False)
    page.simple_description = " ".join(LEAD)
    if bench.links.space:
        page.thumbnail = f"{bench.links.address}/resolve/main/thumbnail.png"
    with page:
        # These come first: gradio names events after their handlers and numbers the second one of a name.
        for endpoint in (make_rank(bench), make_flip(bench), make_search(bench)):
            api(endpoint, api_name=endpoint.__name__, **_MODELS)
        _Wiring(bench).wire(page)
    page.queue(max_size=QUEUE_SIZE)
    return page


class _Wiring(Parts):
    """The components of the page, and what happens when they are used."""

    def __init__(self, bench: Workbench) -> None:
        super().__init__(bench)
        self.stage_do, self.form_do = StageHandlers(bench), FormHandlers(bench)
        self.fresh_do = FreshHandlers(bench)
        self.gallery_do = GalleryHandlers(bench, self.stage_do)
        self.bench = bench
        self.slow = _MODELS | {"api_visibility": "private", "show_progress_on": self.rankings}

    def wire(self, page: gr.Blocks) -> None:
        """Connect events and handlers."""
        opened = page.load(
            self.stage_do.open,
            self.address,
            [*self.stage, self.asked, self.second, self.models.reference],
            js=_READ_ADDRESS,
            **_LIGHT,
        )
        self._rank(opened).then(self._filled, None, self._filling, **_LIGHT)
        page.load(self._filled, None, self._filling, **_LIGHT)
        flipped = self.flip.click(
            self.stage_do.flip, [self.current, self.shown], [self.switch, self.shown, self.rankings], **_LIGHT
        )
        turned = self.switch.input(
            self.stage_do.turn_to,
            [self.current, self.shown, self.switch],
            [self.shown, self.rankings],
            **_LAST,
        )
        self.rankings.select(
            self.form_do.why, [self.current, self.shown], self.why, show_progress="hidden",
            api_visibility="private", **_MODELS,
        )  # fmt: skip
        # What was said about another ranking goes.
        for changed in (self.query.change, flipped.then, turned.then):
            changed(lambda: "", None, self.why, **_LIGHT)
        self._rank(self.note.select(self.stage_do.fail, [self.current, self.second], self._shown, **_LAST))
        self._wire_gallery(self.gallery)
        self._wire_own(self.own)
        self._wire_search(self.search)
        self._wire_models(self.models)

    @property
    def _shown(self) -> list[Any]:
        return [*self.stage, self.asked]

    @property
    def _filling(self) -> list[Any]:
        return [self.scores, self.gallery.outcome, self.gallery.cards, self.limits]

    def _filled(self) -> tuple[Any, ...]:
        return *self.gallery_do.fill(), limits_html(self.bench.results.all())

    def _rank(self, shown: Dependency) -> Dependency:
        """Let the models rank what an event has shown, or has asked for."""
        computed = shown.success(
            self.fresh_do.compute,
            [self.asked, self.current, self.shown],
            [self.fresh, self.rankings, self.note],
            # What is recorded stays readable meanwhile.
            **self.slow | {"show_progress": "hidden"},
        )
        computed.failure(None, self.rankings, self.rankings, js=_SAY_BUSY)
        swapped: Dependency = computed.success(
            self.fresh_do.swap, [self.fresh, self.current, self.shown], self.stage, **_LIGHT
        )
        return swapped

    def _wire_gallery(self, gallery: GalleryTab) -> None:
        filters = [gallery.outcome, gallery.subject, gallery.words]
        for cards in (gallery.cards, self.limits):
            self._rank(cards.select(self.stage_do.choose, self.second, self._shown, **_LAST))
        gallery.cards.input(self.gallery_do.more, filters, gallery.cards, **_LIGHT)
        for narrow in (gallery.outcome.input, gallery.subject.input, gallery.words.input):
            narrow(self.gallery_do.narrow, filters, gallery.cards, **_LAST)
        self.scores.select(self.gallery_do.count, None, [*filters, gallery.cards, self.tabs], **_LAST)
        random = gallery.surprise.click(
            self.gallery_do.surprise, [*filters, self.current, self.second], self._shown, **_LIGHT
        )
        self._rank(random)

    def _wire_own(self, own: OwnForm) -> None:
        labels = [own.wanted_a, own.wanted_b]
        fields = [*own.question, own.passages, *labels]
        own.rank.click(self.form_do.own, [*fields, self.second], [*self.stage, own.message], **self.slow)
        numbered = gr.State(passage_choices(SAMPLE.passages), time_to_live=SESSION_SECONDS)
        own.copy.click(self.form_do.copy_all, [self.current, self.shown], [*fields, numbered], **_LIGHT)
        uploaded = own.upload.upload(self.form_do.upload, None, [own.passages, own.message], **_LIGHT)
        for changed in (own.passages.blur, uploaded.then):
            changed(self.form_do.number, [own.passages, *labels, numbered], [*labels, numbered], **_LIGHT)
            changed(
                self.form_do.prepare,
                [own.passages, self.second],
                None,
                concurrency_id="prepare",
                concurrency_limit=1,
                show_progress="hidden",
                api_visibility="private",
            )
        self._wire_suggestion(own)

    def _wire_search(self, search: Form) -> None:
        search.rank.click(
            self.form_do.search, [*search.question, self.second], [*self.stage, search.message], **self.slow
        )
        search.copy.click(self.form_do.copy_question, [self.current, self.shown], search.question, **_LIGHT)
        self._wire_suggestion(search)

    def _wire_suggestion(self, form: Form) -> None:
        _, first, second = form.question
        form.suggest.click(self.form_do.suggest, first, [second, form.message], **_LIGHT)

    def _wire_models(self, models: ModelTab) -> None:
        inputs = [models.reference, self.current, self.shown]
        outputs = [*self.stage, self.second, models.message]
        models.use.click(self.stage_do.use_model, inputs, outputs, **self.slow)
        models.back.click(lambda: None, None, models.reference, **_LIGHT).then(
            self.stage_do.use_model, inputs, outputs, **self.slow
        )
