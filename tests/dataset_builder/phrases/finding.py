"""The phrases of a text, whatever their weight."""

from __future__ import annotations

from dualview.dataset_builder.phrases.candidates import Phrase, find_spans, make_phrase
from dualview.dataset_builder.phrases.reading import ReadPassage


def find_phrases(read: ReadPassage) -> list[Phrase]:
    """All candidates behind the title, as phrases."""
    return [make_phrase(read, span) for span in find_spans(read).values()]
