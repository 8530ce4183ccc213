"""Answer sets over passages that differ in what they mention."""

from __future__ import annotations

from collections.abc import Callable, Sequence

import pytest

from dualview.dataset_builder.phrases.corpus import Corpus
from dualview.dataset_builder.schema import AnswerSet, Item, Passage, ViewPair
from dualview.dataset_builder.writers.contrasts import ContrastsWriter

TEXTS = (
    "The old harbour of Genoa was drawn by Anna Berger. Anna Berger lived in Genoa, near the lighthouse.",
    "The old harbour of Rostock was drawn by Paul Sander. Paul Sander had a bakery in Rostock.",
    "The old harbour of Varna was drawn by Mira Petrova. Mira Petrova feared the storm, and the storm came.",
)

MakeSet = Callable[..., AnswerSet]
Write = Callable[..., list[ViewPair]]


@pytest.fixture
def answer_set() -> MakeSet:
    """Makes an answer set of some texts; candidates are passages that a search found."""

    def make(
        texts: Sequence[str] = TEXTS, query: str = "old harbour", candidates: Sequence[str] = ()
    ) -> AnswerSet:
        passages = [Passage(f"p{number}", "", text) for number, text in enumerate((*texts, *candidates))]
        return AnswerSet(
            "set", "set", query, tuple(passages[: len(texts)]), tuple(passages[len(texts) :]), source="own"
        )

    return make


@pytest.fixture
def write() -> Write:
    """Writes the pairs of items after reading them all, without those that could not be written."""

    def writing(
        *items: Item, split: str = "train", seed: int = 1, most: int = 6, language: str = "en"
    ) -> list[ViewPair]:
        corpus = Corpus({"own": language})
        learned = list(corpus.learn(items))
        writer = ContrastsWriter(seed, most, corpus)
        outcomes = [outcome for item in learned for outcome in writer.write_in_split(item, split)]
        return [outcome for outcome in outcomes if isinstance(outcome, ViewPair)]

    return writing
