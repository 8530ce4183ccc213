"""Markdown, HTML, plain text and PDF as documents."""

from __future__ import annotations

import importlib.util
import io

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st
from matplotlib.figure import Figure

from dualview.dataset_builder.sources.documents.document import Document, Section
from dualview.dataset_builder.sources.documents.html_document import read_html
from dualview.dataset_builder.sources.documents.markdown_document import read_markdown
from dualview.dataset_builder.sources.documents.pdf_document import read_pdf
from dualview.dataset_builder.sources.documents.plain_document import read_plain
from dualview.dataset_builder.sources.documents.tally import Tally

MARKDOWN = """\
---
title: Rice cookers
tags: [kitchen, rice]
made: {in: 1955, by: Toshiba}
checked: 2024-01-02
---
# Rice cookers

Some *words* first, with a [link](https://example.org) and `code`.

## Price ##

- a plain one
- with pressure
  - and more

| model | euros |
|---|---|
| A | 25 |

### For two

> It costs less.

Upkeep
------

```
wash --bowl
```

<!-- a comment -->
"""


def test_markdown_keeps_headings_words_and_front_matter() -> None:
    document = read_markdown(MARKDOWN, Tally())
    assert document.title == "Rice cookers"
    assert document.sections == (
        Section((), ("Some words first, with a link and code.",)),
        Section(("Price",), ("a plain one\nwith pressure\nand more", "model | euros\nA | 25")),
        Section(("Price", "For two"), ("It costs less.",)),
        Section(("Upkeep",), ("wash --bowl",)),
    )
    assert document.attributes == {
        "tags": ("kitchen", "rice"),
        "made.in": ("1955",),
        "made.by": ("Toshiba",),
        "checked": ("2024-01-02",),
    }


def test_front_matter_that_is_no_yaml_is_counted_and_a_rule_is_no_front_matter() -> None:
    tally = Tally()
    assert read_markdown("---\ntitle: [\n---\n\nText.\n", tally).sections == (Section((), ("Text.",)),)
    assert tally.lines() == ["1: front matter that is no YAML was passed over"]
    assert "Words" in str(read_markdown("---\nWords above.\n\n---\nText.\n", Tally()).sections)


def test_html_gives_its_main_part_without_navigation_and_scripts() -> None:
    document = read_html(
        "<html><head><title>Rice &amp; more</title><meta name=keywords content='a, b'>"
        "<style>p{}</style></head><body><nav>Home</nav><p>Cookies?</p><main><h1>Rice</h1>"
        "<p>Wash <b>it</b>\n well<br>twice"
        "<h2>Price</h2><table><tr><td>A<td>25</tr></table><script>if (a < b) {}</script>"
        "<pre>x\n  y</pre><ul><li>one<li>two</ul></main><footer>Imprint</footer>"
    )
    assert document == Document(
        "Rice & more",
        (Section((), ("Wash it well\ntwice",)), Section(("Price",), ("A | 25", "x\n  y", "one", "two"))),
        {"keywords": ("a", "b")},
    )


def test_plain_text_has_paragraphs_and_underlined_headings() -> None:
    document = read_plain(
        "Rice cookers\n\nThis paragraph was broken by hand at about\nforty characters.\n\n"
        "Price\n=====\n25 euros\n\na\nb\n"
    )
    assert document.title == "Rice cookers"
    assert document.sections == (
        Section((), ("This paragraph was broken by hand at about forty characters.",)),
        Section(("Price",), ("25 euros", "a\nb")),
    )


@pytest.mark.skipif(importlib.util.find_spec("pypdf") is None, reason="needs pypdf")
def test_what_is_no_pdf_is_none() -> None:
    assert read_pdf(b"%PDF-1.7 no more than this") is None


@pytest.mark.skipif(importlib.util.find_spec("pypdf") is None, reason="needs pypdf")
def test_pdf_gives_its_text_and_title() -> None:
    figure, data = Figure(), io.BytesIO()
    figure.text(0.1, 0.5, "The kettle costs 25 euros.\nIt boils fast.")
    figure.savefig(data, format="pdf", metadata={"Title": "Kettles"})
    assert read_pdf(data.getvalue()) == Document(
        "Kettles", (Section((), ("The kettle costs 25 euros. It boils fast.",)),)
    )
    empty = io.BytesIO()
    Figure().savefig(empty, format="pdf")
    assert read_pdf(empty.getvalue()) is None


@settings(max_examples=60)
@given(st.text(max_size=400))
def test_any_text_can_be_read(text: str) -> None:
    for document in (read_markdown(text, Tally()), read_html(text), read_plain(text)):
        assert all(paragraph.strip() for section in document.sections for paragraph in section.paragraphs)
