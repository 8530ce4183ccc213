"""Shown text changes nothing but itself, whatever it holds: checked against a CommonMark parser."""

from __future__ import annotations

import ast
import html
import re

import pytest
from hypothesis import example, given
from hypothesis import strategies as st
from markdown_it import MarkdownIt
from markdown_it.token import Token

from dualview.cards.readme import render
from dualview.cards.text import Markdown, code, escape, fence, one_line, python_string, shorten, table

PARSER = MarkdownIt("commonmark").enable(["table", "strikethrough"])
PIECES = [
    "---", "===", "`", "```", "~~~", "|", "\\", "<b>", "</td>", "<!-- by hand -->", "<!--", "-->", "{{ x }}",
    "{% if %}", "![a](http://b)", "[a](b)", "[^1]", "*", "**", "_", "#", "# ", "> ", "- ", "+ ", "1. ", "1) ",
    "&amp;", "&#42;", "&", "\n", "\n\n", "\r", "\t", "    ", "\x00", "\x85", "\u2028", "\u202e", "http://a.b",
    "www.a.b", "a@b.c", "$x$", "\\(", ":", "word", " ", "é", "漢", "\ud800", ";", "!", '"', "'", "=",
]  # fmt: skip
WILD = st.one_of(st.text(), st.lists(st.sampled_from(PIECES), max_size=12).map("".join))


def structure(tokens: list[Token]) -> list[tuple[str, str]]:
    """Every token but the text itself."""
    shape = []
    for token in tokens:
        if token.type not in ("text", "text_special"):
            shape.append((token.type, token.tag))
        shape += structure(token.children or [])
    return shape


def visible(tokens: list[Token]) -> str:
    return "".join(
        token.content
        if token.type in ("text", "text_special", "code_inline")
        else visible(token.children or [])
        for token in tokens
    )


CONTEXTS = {
    "paragraph": "before\n\n{}\n\nafter",
    "after a line": "before\n{}\n\nafter",
    "item": "- {}\n- after",
    "heading": "### {}\n\nafter",
    "bold": "before **{}** after",
    "cell": "| a | b |\n| --- | --- |\n| {} | c |\n| d | e |\n\nafter",
    "first cell": "| {} | b |\n| --- | --- |\n| c | d |",
}


@pytest.mark.parametrize("context", CONTEXTS.values(), ids=CONTEXTS)
@given(text=WILD)
@example("1. a\n- b")
@example("<!-- by hand -->")
@example("&amp; &#42; &lt;")
@example("\\|")
@example("-" * 5)
@example("0 #")
@example("__init__ a_b _c_")
def test_escaped_text_reads_as_itself_and_does_nothing(context: str, text: str) -> None:
    text = f"x{text}x" if "**" in context else text  # nothing is bold where there is nothing
    line = one_line(text)
    if not line:
        return
    shown = PARSER.parse(context.format(escape(text)))
    plain = PARSER.parse(context.format("word"))
    assert structure(shown) == structure(plain)
    assert visible(shown) == visible(plain).replace("word", line)


@given(WILD)
def test_code_keeps_its_cell(text: str) -> None:
    line = one_line(text)
    if not line:
        return
    shown = PARSER.parse(f"| a | b |\n| --- | --- |\n| {code(text)} | c |")
    cells = [token for token in shown if token.type == "td_open"]
    assert len(cells) == 2
    assert visible(shown) == f"ab{line}c"


@given(WILD)
def test_a_fence_holds_all_lines(text: str) -> None:
    tokens = PARSER.parse(f"before\n\n{fence(text, 'bash')}\n\nafter")
    kinds = [token.type for token in tokens if token.level == 0]
    around = ["paragraph_open", "paragraph_close"]
    assert [kind for kind in kinds if kind != "inline"] == [*around, "fence", *around]
    assert tokens[-2].content == "after"


@given(st.text())
def test_python_string_is_the_same_string(text: str) -> None:
    literal = python_string(text)
    assert ast.literal_eval(literal) == text
    assert literal.isprintable() and literal.startswith('"')


@given(WILD)
def test_no_html_tag_survives(text: str) -> None:
    assert "<" not in escape(text)
    assert html.unescape(escape(text)) == one_line(text)


@given(WILD)
def test_what_is_shown_can_be_written(text: str) -> None:
    for shown in (escape(text), code(text), fence(text)):
        shown.encode("utf-8")
        assert not re.search("[\u202a-\u202e\u2066-\u2069\x00\x85\u2028]", shown)


@given(WILD, st.integers(min_value=2, max_value=40))
def test_shorten_keeps_the_beginning(text: str, limit: int) -> None:
    short = shorten(text, limit)
    assert len(short) <= limit
    assert one_line(text).startswith(short.removesuffix("…").rstrip()) or short == one_line(text)


def test_readable_text_stays_readable() -> None:
    text = 'In 2024, R&D cost 5% (or more) - that\'s a lot: see #3; "quoted".'
    assert escape(text) == text
    assert code("query_id") == "`query_id`"
    assert escape("100.5 km") == "100.5 km"


def test_table_escapes_cells_but_not_markdown() -> None:
    made = table(["a", "n"], [["x|y", Markdown("**2**")]], numbers=[1])
    assert made == "| a | n |\n| --- | ---: |\n| x&#124;y | **2** |"


def test_a_template_that_forgets_to_escape_is_safe() -> None:
    assert render("method.bib.jinja").startswith("@misc")
    from jinja2 import DictLoader

    from dualview.cards import readme

    environment = readme.environment()
    environment.loader = DictLoader({"t": "{{ text }} {{ safe }} {{ 3 }}"})
    assert environment.get_template("t").render(text="<i>|{{ x }}", safe=Markdown("**b**")) == (
        "&#60;i&#62;&#124;&#123;&#123; x &#125;&#125; **b** 3"
    )
