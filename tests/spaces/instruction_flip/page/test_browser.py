"""The page in a real browser with real models: opening, flipping, gallery, search, and layout."""

from __future__ import annotations

import re

import pytest
from flip.html.words import MINUS
from flip_visiting import Visit

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
STILL = {"reduced_motion": "reduce"}


def shown_view(visit: Visit) -> str:
    return visit.page.locator("#flip-switch label:has(input:checked)").inner_text()


def test_a_first_visit_shows_everything_above_the_fold_and_flips(visit: Visit) -> None:
    page = visit.open()
    assert page.title() == page.locator("h1").inner_text() == "Does your search do what you ask?"
    # No instruction, A and B; the view to begin with is one that the base model follows.
    assert page.locator("#flip-switch label").count() == 3
    assert "✓" in page.locator(".flip-panel.is-base .flip-words").inner_text()
    assert page.locator("svg.flip-chart").count() == 0
    last = page.locator(".flip-panel .flip-card").last.bounding_box()
    assert last["y"] + last["height"] <= 800
    assert "held-out examples" in page.locator("#flip-scores").inner_text()
    assert page.locator("#flip-scores button").count() >= 2
    described = page.locator("meta[property='og:description']").last.get_attribute("content")
    assert "pairs of opposite instructions" in described
    visit.picture("first-load")
    before, first = visit.order(), shown_view(visit)
    page.evaluate(
        """() => {
            window.slides = [];
            const animate = Element.prototype.animate;
            Element.prototype.animate = function (frames, how) {
                if (this.matches('.flip-card')) window.slides.push(how.duration);
                return animate.call(this, frames, how);
            };
        }"""
    )
    visit.flip()
    after = visit.order()
    assert sorted(after) == sorted(before) and after != before and shown_view(visit) != first
    top = page.locator(".flip-panel.is-trained .flip-card").first.inner_text()
    assert "wanted by" in top and re.search(r"▲ \+\d", top)
    down = page.locator(".flip-panel.is-trained .flip-move.is-down").first
    assert down.inner_text().startswith(f"▼ {MINUS}")
    assert "✓ Now" in page.locator(".flip-panel.is-trained .flip-words").inner_text()
    assert page.locator("svg.flip-chart").count() == 2
    assert set(page.evaluate("window.slides")) == {300}
    visit.picture("after-one-flip")
    visit.picture("whole-page", whole=True)
    visit.flip()
    assert visit.order() == before
    page.locator("#flip-switch label").first.click()
    page.wait_for_function("location.hash.includes('view=none')")
    visit.flip()
    assert shown_view(visit) == first


def test_opened_passages_stay_open_and_say_why(visit: Visit) -> None:
    page = visit.open()
    row = page.locator(".flip-panel.is-trained .flip-card").nth(1)
    key = row.get_attribute("data-key")
    row.locator("summary").click()
    visit.flip()
    kept = page.locator(f"[data-key='{key}']")
    assert kept.locator("details").evaluate("(one) => one.open")
    kept.get_by_role("button", name="Why here?").click()
    answer = page.locator("#flip-why section")
    answer.wait_for()
    assert "Why is" in answer.inner_text()
    assert answer.locator(".flip-bars").count() == 2
    assert answer.locator(".flip-bars li").count() >= 2
    visit.picture("why")
    visit.flip()
    page.wait_for_function("!document.querySelector('#flip-why section')")


@pytest.mark.parametrize("visit", [STILL], indirect=True)
def test_nothing_slides_for_those_who_prefer_no_motion(visit: Visit) -> None:
    page = visit.open()
    page.evaluate(
        """() => { window.slides = 0; Element.prototype.animate = function () { window.slides += 1; }; }"""
    )
    before = visit.order()
    visit.flip()
    assert visit.order() != before
    assert page.evaluate("window.slides") == 0


def test_the_keyboard_alone_suffices(visit: Visit) -> None:
    page = visit.open()
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.className") == "flip-skip"
    first = shown_view(visit)
    for _ in range(16):
        if page.evaluate("document.activeElement.closest('#flip-switch') !== null"):
            break
        page.keyboard.press("Tab")
    outline = page.evaluate(
        "getComputedStyle(document.querySelector('#flip-switch label:has(input:focus)')).outlineStyle"
    )
    assert outline == "solid"
    page.keyboard.press("ArrowRight")
    page.wait_for_selector(".flip-move")
    assert shown_view(visit) != first
    page.keyboard.press("Tab")
    assert page.evaluate("document.activeElement.id") == "flip-button"
    second = shown_view(visit)
    page.keyboard.press("Enter")
    page.wait_for_function(
        "(before) => document.querySelector('#flip-switch label:has(input:checked)').innerText !== before",
        arg=second,
    )
    page.locator(".flip-skip").focus()
    page.keyboard.press("Enter")
    assert page.evaluate("document.activeElement.id") == "flip-rankings"


def test_the_gallery_narrows_and_opens_an_example(visit: Visit) -> None:
    page = visit.open()
    cards = page.locator("#flip-gallery .flip-example")
    count = "document.querySelectorAll('#flip-gallery .flip-example').length"
    page.wait_for_function(f"{count} === 24")
    page.get_by_role("button", name="Show more").click()
    page.wait_for_function(f"{count} > 24")
    visit.picture("gallery", whole=True)
    part = page.locator("#flip-scores [data-outcome]").first
    wanted = part.locator("b").inner_text()
    part.click()
    page.wait_for_function(f"{count} === Math.min(24, {wanted})")
    assert page.locator("#flip-outcome input:checked").evaluate("(one) => one.value") != "all"
    text = cards.first.locator("strong").inner_text()
    cards.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("(text) => document.querySelector('#flip-query h2').innerText === text", arg=text)
    assert "example=" in page.url
    page.get_by_role("button", name="Random").click()
    page.wait_for_function("(text) => document.querySelector('#flip-query h2').innerText !== text", arg=text)
    assert page.evaluate("document.querySelector('#flip-query').getBoundingClientRect().top >= -5")


def test_a_search_shows_the_first_ten_of_all_passages(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Search all passages").click()
    page.click("#flip-search-copy")
    page.wait_for_function("document.querySelector('#flip-search-query textarea').value !== ''")
    page.click("#flip-search")
    page.wait_for_function("document.querySelector('#flip-note').innerText.match(/All \\d+ passages/)")
    panel = page.locator(".flip-panel.is-trained")
    assert panel.locator(".flip-cards").first.locator(".flip-card").count() == 10
    assert "text=" in page.url
    visit.flip()
    visit.picture("search")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_phone_shows_both_models_under_a_flip_that_stays(visit: Visit) -> None:
    page = visit.open()
    assert visit.overflows() == 0
    base, trained = (page.locator(f".flip-panel.is-{kind}").bounding_box() for kind in ("base", "trained"))
    assert base["y"] == trained["y"] and trained["x"] > base["x"] + 100
    visit.picture("phone")
    visit.flip()
    verdict = page.locator(".flip-panel.is-trained .flip-words").bounding_box()
    assert verdict["y"] + verdict["height"] <= 740
    visit.picture("phone-after-one-flip")
    page.evaluate("document.querySelector('#flip-note').scrollIntoView()")
    assert abs(page.locator("#flip-button").bounding_box()["y"]) <= 1
    visit.picture("phone-whole", whole=True)


def test_no_width_scrolls_sideways(visit: Visit) -> None:
    page = visit.open()
    visit.flip()
    for width in (320, 360, 720, 721, 1024, 1920, 3840):
        page.set_viewport_size({"width": width, "height": 900})
        for tab in page.get_by_role("tab").all():
            if tab.is_visible():
                tab.click()
                assert visit.overflows() == 0, (width, tab.inner_text())
    visit.picture("wide")
