"""HTML of the page: all text is escaped, and the ranks are correct."""

from __future__ import annotations

from dataclasses import replace
from html.parser import HTMLParser

import pytest
from flip.engine.compare import Comparison
from flip.engine.why import PhraseEffect
from flip.html.chart import slope_chart
from flip.html.gallery import gallery_html, matching, outcome_choices
from flip.html.help import limits_html
from flip.html.panels import rankings_html
from flip.html.scoreboard import scoreboard_html
from flip.html.view import Links, header_html, message_html, note_html, query_html, status_html
from flip.html.why_view import why_html
from flip.results.outcomes import tally
from flip.types import Example, Passage, View
from flip_making import make_comparison, make_example, make_result
from hypothesis import example as case
from hypothesis import given
from hypothesis import strategies as st

ALLOWED = {
    "a", "b", "button", "circle", "details", "div", "g", "h2", "h3", "h4", "li", "ol", "p", "polyline",
    "rect", "section", "span", "strong", "summary", "svg", "table", "tbody", "td", "text", "th", "thead",
    "tr", "ul",
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
            scoreboard_html(tally([comparison])),
            limits_html([comparison]),
            why_html(example.passages[0], 0, [(comparison.base.name, [PhraseEffect(example.query, 0.1)])]),
            rankings_html(comparison, None, 0, "link"),
            rankings_html(comparison, 0, 1, None),
            gallery_html([example], {example.set_id: "neither"}),
            note_html([example.query], "link"),
            note_html([example.query], None),
            status_html(example.query),
            message_html(example.query, is_error=True),
        ]
    )


def wild_example(text: str) -> Example:
    passages = (Passage("d0", text, text), Passage("d1", "", text), Passage(text, text, ""))
    views = (View(text, "d0", text, "both"), View(f"{text} not", "d1", text, "both"))
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
    assert "wanted by B" in text


def test_nothing_moved_before_the_first_flip() -> None:
    assert "flip-move" not in rankings_html(comparison(), None, 0, "link")
    assert rankings_html(comparison(), 0, 1, "link").count("is-same") == 3


def test_after_a_flip_both_models_are_judged_and_drawn() -> None:
    before = rankings_html(comparison(), None, 0, "link")
    assert "flip-chart" not in before and "flip-verdict" not in before
    after = Reader(rankings_html(comparison(), 0, 1, "link"))
    assert "Follows only A" in after.text and "p-MRR 0.0 · flip no" in after.text
    assert "Follows both" in after.text and "p-MRR +66.7 · flip yes" in after.text
    assert "✗ Still “title 0” B wants “title 1”, at rank 2." in after.text
    assert "✓ Now “title 1” B wants this one." in after.text


def test_without_labels_nothing_is_judged() -> None:
    example = make_example(wanted=(None, None))
    open_ended = make_comparison(example, [(0, 1, 2)] * 2, [(0, 1, 2), (1, 2, 0)])
    html = rankings_html(open_ended, 0, 1, "link")
    assert "flip-chart" in html and "flip-verdict" not in html
    assert "p-MRR" not in html and "✓" not in html


def test_where_a_model_stops_reading_is_marked() -> None:
    cut = replace(comparison(), cuts={"d1": len("title 1\nte")}, tokens=3)
    html = rankings_html(cut, None, 0, "link")
    assert html.count('te<span class="flip-cut">✂ the model stops reading here</span>') == 2
    assert html.count('<span class="flip-unread">xt 1</span>') == 2
    assert html.count("flip-cut-mark") == 2


def test_links_lead_only_to_what_is_published() -> None:
    assert "huggingface.co" not in header_html(Links())
    html = header_html(Links(("a/model",), ("a/data",), "a/space"))
    for url in ("/a/model", "/datasets/a/data", "/spaces/a/space?duplicate=true"):
        assert f'href="https://huggingface.co{url}"' in html


def test_the_scoreboard_counts_and_hides_nothing() -> None:
    neither = make_comparison(make_example(), [(0, 1, 2)] * 2, [(2, 1, 0)] * 2)
    html = scoreboard_html(tally([comparison(), neither, neither], 1))
    text = Reader(html).text
    assert "Both instructions followed in 3 held-out examples: table 0, table 1, a reranker 1" in text
    assert 'data-outcome="neither" style="flex-grow:2"' in html and 'data-outcome="both"' not in html
    assert scoreboard_html(None) == ""


def test_ten_cards_are_shown_and_up_to_200_wait() -> None:
    order = list(range(30))
    html = rankings_html(make_comparison(make_example(30), [order] * 2, [order] * 2), None, 0, None)
    assert html.count('<details class="flip-rest"><summary>Ranks 11 to 30') == 2
    assert html.count("data-key=") == 60


def test_of_a_corpus_only_the_first_ten_are_sent() -> None:
    order = list(range(250))
    html = rankings_html(make_comparison(make_example(250), [order] * 2, [order] * 2), None, 0, None)
    assert html.count("data-key=") == 20
    assert "The first 10 of 250 passages." in html


def test_long_text_is_cut_and_said_so() -> None:
    passages = (Passage("d0", "t", "x" * 19_000), Passage("d1", "u", "y"))
    example = replace(make_example(2), passages=passages)
    html = rankings_html(make_comparison(example, [(0, 1)] * 2, [(0, 1)] * 2), None, 0, None)
    assert "(and 15,000 more characters)" in html
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


def test_the_gallery_matches_outcome_subject_and_words() -> None:
    one, two = make_example(), replace(make_example(), set_id="set-2", query="Other thing", domain="food")
    outcomes = {"set-1": "trained", "set-2": "neither"}
    assert matching([one, two], outcomes, None, "food") == [two]
    assert matching([one, two], outcomes, "all", "all") == [two, one]
    assert matching([one, two], outcomes, "trained") == [one]
    assert matching([one, two], {}, "trained") == []
    assert matching([one, two], outcomes, None, None, "OTHER instruction") == [two]
    assert outcome_choices(outcomes, 2) == [
        ("all (2)", "all"),
        ("only dual-view (1)", "trained"),
        ("neither (1)", "neither"),
    ]


@pytest.mark.parametrize(
    ("count", "limit", "cards", "left"), [(3, 12, 3, None), (20, 12, 12, 8), (20, 24, 20, None)]
)
def test_the_gallery_shows_so_many(count: int, limit: int, cards: int, left: int | None) -> None:
    html = gallery_html([replace(make_example(), set_id=f"s{n}") for n in range(count)], {}, limit)
    assert html.count("data-example=") == cards
    assert (f"({left} left)" in html) == (left is not None)
