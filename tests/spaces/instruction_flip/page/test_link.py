"""Links in the address: they restore the same state, and malformed ones are rejected."""

from __future__ import annotations

import base64
import json
import zlib

import pytest
from flip.page.link import MAX_LINK_CHARS, read_link, write_link
from flip.text.inputs import make_example as make_own
from flip.types import Example, FlipError
from flip_making import make_comparison, make_example
from hypothesis import given
from hypothesis import strategies as st


def link_of(example: Example, view: int = 0) -> str | None:
    count = len(example.passages)
    orders = [list(range(count))] * len(example.views)
    return write_link(make_comparison(example, orders, orders), view)


def pack(content: object) -> str:
    raw = json.dumps(content).encode()
    return "text=" + base64.urlsafe_b64encode(zlib.compress(raw)).decode().rstrip("=")


def test_an_example_is_named() -> None:
    fragment = link_of(make_example(), view=1)
    assert fragment == "example=set-1&view=B&base=table&model=table"
    link = read_link(f"#{fragment}")
    assert link is not None
    assert (link.example, link.view, link.base, link.model) == ("set-1", 1, "table", "table")


def test_own_text_travels_in_the_link() -> None:
    example = make_own("q & a", "only #1", "ünï 漢字", ["T\nbody", "two\nlines" + "x" * 200], 2, 1)
    link = read_link(link_of(example))
    assert link is not None and not link.is_search
    assert make_own(link.query, *link.instructions, link.texts, *link.wanted) == example


TEXT = st.text(st.characters(codec="utf-8"), min_size=1, max_size=80)


@given(TEXT, TEXT, TEXT, st.lists(TEXT, min_size=2, max_size=4))
def test_any_own_text_comes_back(query: str, first: str, second: str, texts: list[str]) -> None:
    try:
        example = make_own(query, first, second, texts)
    except FlipError:
        return
    link = read_link(link_of(example))
    assert link is not None
    assert make_own(link.query, *link.instructions, link.texts, *link.wanted) == example


def test_a_search_is_told_from_own_text() -> None:
    link = read_link(link_of(make_example(kind="search")))
    assert link is not None and link.is_search
    assert link.instructions == ("instruction a", "instruction b")


def test_too_much_text_has_no_link() -> None:
    import random

    texts = ["".join(random.Random(n).choices("abcdefghijklmnop ", k=20_000)) for n in range(5)]
    assert link_of(make_own("q", "a", "b", texts)) is None
    assert link_of(make_own("q", "a", "b", ["x" * 20_000, "y"])) is not None


@pytest.mark.parametrize("fragment", [None, "", "#", "view=B", "other=1", "%%%", "a=b=c"])
def test_nothing_asked_is_nothing(fragment: str | None) -> None:
    assert read_link(fragment) is None


@pytest.mark.parametrize(
    "fragment",
    [
        "text=!!",
        "text=AAAA",
        "text=" + "A" * (2 * MAX_LINK_CHARS),
        pack([1, 2]),
        pack({"q": "x"}),
        pack({"q": "x", "i": ["a"]}),
        pack({"q": "x", "i": ["a", "b", "c"]}),
        pack({"q": 1, "i": ["a", "b"]}),
        pack({"q": "x", "i": ["a", "b"], "p": [1, 2]}),
        pack({"q": "x", "i": ["a", "b"], "p": 5}),
        pack({"q": "x", "i": ["a", "b"], "p": ["x", "y"], "w": ["1", 2]}),
        pack({"q": "x", "i": ["a", "b"], "p": ["x", "y"], "w": [1]}),
        pack({"q": "x" * 10_000_000, "i": ["a", "b"]}),
        pack({"q": "x", "i": ["a", "b"]})[:-6],
    ],
)
def test_a_damaged_link_is_told(fragment: str) -> None:
    with pytest.raises(FlipError, match=r"The link is damaged or cut off\."):
        read_link(fragment)


@given(st.text(max_size=200), st.binary(max_size=200))
def test_any_address_is_read_or_told(text: str, data: bytes) -> None:
    packed = base64.urlsafe_b64encode(zlib.compress(data)).decode()
    for fragment in (text, f"text={text}", f"example={text}&view={text}", f"text={packed}"):
        try:
            link = read_link(fragment)
        except FlipError as error:
            assert "\n" not in str(error)
        else:
            assert link is None or link.view >= 0
