"""The glossary explains the words of the field that the pages use."""

from __future__ import annotations

import re
from functools import cache

import pytest

from dualview import cli
from tests.docs.pages import Page

#: Words with a meaning of their own here, as they appear in sentences.
WORDS = (
    "anchor",
    "arm",
    "attribute",
    "base model",
    "candidate set",
    "card",
    "facet",
    "flip accuracy",
    "hard negative",
    "instruction negative",
    "instructed query",
    "interval",
    "judge",
    "ledger",
    "lever",
    "mixture",
    "neutral view",
    "original view",
    "p-mrr",
    "paraphrase view",
    "polarity",
    "positive",
    "recipe",
    "reversal",
    "reversed view",
    "sample",
    "source",
    "split",
    "view",
    "writer",
)


@cache
def terms() -> dict[str, str]:
    """Each term of the glossary in small letters, with its explanation."""
    text = Page("docs/glossary.md").text
    return {
        term.lower(): meaning for term, meaning in re.findall(r"^\*\*(.+)\*\*\n:   (.+)$", text, re.MULTILINE)
    }


@pytest.mark.parametrize("word", WORDS)
def test_words_of_the_field_are_explained(word: str) -> None:
    assert word in terms()


def test_every_writer_is_named(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        cli.main(["build", "--help"])
    writers = re.search(r"--writer \{(.+?)\}", capsys.readouterr().out)
    assert writers
    assert [word for word in writers[1].split(",") if f"`{word}`" not in terms()["writer"]] == []
