"""HTML of the page: all text is escaped, and the ranks are correct."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flip.engine.compare import Comparison
from flip.page.chart import slope_chart
from flip.page.gallery import gallery_html, matching
from flip.page.view import (
    boards_html,
    message_html,
    note_html,
    query_html,
    rankings_html,
    status_html,
    tab_choices,
)
from flip.types import Example, Passage, View
from flip_making import make_comparison, make_example, make_result
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

ALLOWED = {
    "a", "b", "button", "circle", "details", "div", "g", "h2", "h3", "h4", "li", "ol", "p", "polyline",
    "rect", "section", "span", "strong", "summary", "svg", "text", "ul",
}  # fmt: skip


class Reader(HTMLParser):
    """Collects tags, attributes and text, and checks that tags are closed in order."""

    def __init__(self, html: str) -> None:
        super().__init__(convert_charrefs=True)
        self.tags: list[str] = []
        self.names: set[str] = set()
        self.attributes: list[tuple[str, str | None]] = []
        self.text = ""
        self._open: list[str] = []
        self.feed(html)
        self.close()
        assert not self._open

    def handle_starttag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.names |= {name for name, _ in attrs}
        self._open.append(tag)

    def handle_startendtag(self, tag, attrs):
        self.tags.append(tag)
        self.attributes += attrs
        self.names |= {name for name, _ in attrs}

    def handle_endtag(self, tag):
        assert self._open.pop() == tag

    def handle_data(self, data):
        self.text += data


def pages(comparison: Comparison) -> str:
    example = comparison.example
    return "".join(
        [
            query_html(example),
            boards_html(comparison, 0),
            rankings_html(comparison, None, 0, "link"),
            rankings_html(comparison, 0, 1, None),
            gallery_html([example]),
            note_html([example.query], "link"),
            note_html([example.query], None),
            status_html(example.query),
            message_html(example.query, is_error=True),
        ]
    )


def wild_example(text: str) -> Example:
    passages = (Passage("d0", text, text), Passage("d1", "", text), Passage(text, text, ""))
    views = (View(text, "d0", text), View(f"{text} not", "d1", text))
    return Example(text, text, views, passages, domain=text, source=text)


def _is_foreign(text: str) -> bool:
    return text not in ("d0", "d1") and any(character.isalnum() for character in text)


# Whitespace-only text is left out of the page, which changes the structure.
@given(st.text(st.characters(), min_size=1, max_size=300).filter(_is_foreign))
@case("<script>alert(1)</script>")
@case("'><img src=x onerror=alert(1)>")
@case('" onmouseover="alert(1)" x="')
@case("</svg></ol></div><style>*{}</style>")
@case("${alert(1)} {{value}} &lt;b&gt; &#x3c; \u202e \x00 🎂 مرحبا")
def test_foreign_text_stays_text(text: str) -> None:
    example = wild_example(text)
    comparison = make_comparison(example, [(0, 1, 2), (1, 0, 2)], [(2, 1, 0), (0, 1, 2)])
    renamed = replace(comparison, base=replace(comparison.base, name=text, role=text))
    plain = Reader(pages(make_comparison(wild_example("x"), [(0, 1, 2), (1, 0, 2)], [(2, 1, 0), (0, 1, 2)])))
    wild = Reader(pages(renamed))
    assert set(wild.tags) <= ALLOWED
    # The structure does not depend on the text: no extra tags or attributes.
    assert wild.tags == plain.tags
    assert wild.names == plain.names
    assert not any(name.startswith("on") for name in wild.names)


def comparison(**more: str) -> Comparison:
    return make_comparison(make_example(**more), [(0, 1, 2), (0, 1, 2)], [(0, 1, 2), (1, 2, 0)])


def test_cards_come_in_rank_order_with_what_they_gained() -> None:
    html = rankings_html(comparison(), 0, 1, "link")
    trained = html[html.index("is-trained") :]
    assert [trained.index(f'data-key="trained-{n}"') for n in (1, 2, 0)] == sorted(
        trained.index(f'data-key="trained-{n}"') for n in range(3)
    )
    text = Reader(trained[trained.index("<ol") : trained.index("</ol>") + 5]).text
    assert "▲ +1up 1, from 2 to 1" in text
    assert "▼ \N{MINUS SIGN}2down 2, from 1 to 3" in text
    assert "relevant under B" in text


def test_nothing_moved_before_the_first_flip() -> None:
    assert "flip-move" not in rankings_html(comparison(), None, 0, "link")
    assert rankings_html(comparison(), 0, 1, "link").count("is-same") == 3


def test_boards_judge_by_all_views() -> None:
    text = Reader(boards_html(comparison(), 0)).text
    assert "✗ Obeys only Ap-MRR 0.0 flip no" in text
    assert "✓ Obeys both instructionsp-MRR +66.7 flip yes" in text
    assert [label for label, _ in tab_choices(comparison())] == ["Base model ✗", "Dual-view model ✓"]


def test_without_labels_nothing_is_judged() -> None:
    example = make_example(wanted=(None, None))
    open_ended = make_comparison(example, [(0, 1, 2)] * 2, [(0, 1, 2), (1, 2, 0)])
    text = Reader(boards_html(open_ended, 0)).text
    assert "Not judged" in text
    assert "p-MRR" not in text
    assert [label for label, _ in tab_choices(open_ended)] == ["Base model", "Dual-view model"]


def test_ten_cards_are_shown_and_up_to_200_wait() -> None:
    order = list(range(30))
    html = rankings_html(make_comparison(make_example(30), [order] * 2, [order] * 2), None, 0, None)
    assert html.count('<details class="flip-rest"><summary>Ranks 11 to 30') == 2
    assert (
        html.count('class="flip-card') - html.count('class="flip-card-top') - html.count('class="flip-cards')
        == 60
    )


def test_of_a_corpus_only_the_first_ten_are_sent() -> None:
    order = list(range(250))
    html = rankings_html(make_comparison(make_example(250), [order] * 2, [order] * 2), None, 0, None)
    assert html.count("data-key=") == 20
    assert "The first 10 of 250 passages." in html


def test_long_text_is_cut_and_said_so() -> None:
    passages = (Passage("d0", "t", "x" * 19_000), Passage("d1", "u", "y"))
    example = replace(make_example(2), passages=passages)
    html = rankings_html(make_comparison(example, [(0, 1)] * 2, [(0, 1)] * 2), None, 0, None)
    assert "shortened here; the models get all 19,000 characters" in html
    assert len(html) < 15_000


def test_the_chart_draws_and_tells_every_rank() -> None:
    example = make_example()
    result = make_result(example, (0, 1, 2), (1, 2, 0))
    chart = slope_chart(example, result, 0)
    reader = Reader(chart)
    assert reader.tags.count("polyline") == 3
    label = dict(reader.attributes)["aria-label"]
    assert label is not None
    assert "“title 0” 1 to 3" in label and "“title 1” 2 to 1" in label and "“title 2” 3 to 2" in label
    assert chart.count("is-shown") == 1
    # Without changes all lines are level.
    still = Reader(slope_chart(example, make_result(example, (0, 1, 2), (0, 1, 2)), 0))
    for points in (value for name, value in still.attributes if name == "points"):
        assert points is not None
        assert len({point.split(",")[1] for point in points.split()}) == 1


def test_the_chart_of_many_passages_has_one_row_for_the_deep_ones() -> None:
    example = make_example(50)
    result = make_result(example, list(range(50)), list(reversed(range(50))))
    html = slope_chart(example, result, 0)
    chart = Reader(html)
    assert chart.tags.count("polyline") == 20
    assert html.count(">11+</text>") == 2
    assert ">12</text>" not in html
    heights = [
        point.split(",")[1] for name, value in chart.attributes if name == "points" for point in value.split()
    ]
    assert len(set(heights)) == 11


def test_the_gallery_matches_domain_lever_and_words() -> None:
    one, two = make_example(), replace(make_example(), set_id="set-2", query="Other thing", domain="food")
    assert matching([one, two], "food", None) == [two]
    assert matching([one, two], "all", "region") == [one, two]
    assert matching([one, two], "all", "time") == []
    assert matching([one, two], None, None, "OTHER instruction") == [two]


@pytest.mark.parametrize(
    ("count", "limit", "cards", "left"), [(3, 12, 3, None), (20, 12, 12, 8), (20, 24, 20, None)]
)
def test_the_gallery_shows_so_many(count: int, limit: int, cards: int, left: int | None) -> None:
    html = gallery_html([replace(make_example(), set_id=f"s{n}") for n in range(count)], limit)
    assert html.count("data-example=") == cards
    assert (f"({left} left)" in html) == (left is not None)
