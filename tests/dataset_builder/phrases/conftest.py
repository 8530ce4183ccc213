"""Passages and texts, read."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from dualview.dataset_builder.phrases.corpus import lexicon_of
from dualview.dataset_builder.phrases.reading import ReadPassage, read_passage
from dualview.dataset_builder.schema import Passage

Read = Callable[..., ReadPassage]


@pytest.fixture
def read() -> Read:
    """Reads a text with a title."""

    def reading(text: str, title: str = "", language: str = "en") -> ReadPassage:
        return read_passage(Passage("p", title, text), lexicon_of(language))

    return reading
