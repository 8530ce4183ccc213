"""The page in a real browser with real models: opening, flipping, gallery, search, and layout."""

from __future__ import annotations

import re

import pytest
from flip.page.words import MINUS
from flip_visiting import Visit

PHONE = {"viewport": {"width": 360, "height": 740}, "has_touch": True}
STILL = {"reduced_motion": "reduce"}


def shown_view(visit: Visit) -> str:
    return visit.page.locator("#flip-switch label:has(input:checked)").inner_text()


def test_opens_on_an_example_that_only_the_trained_model_turns_over(visit: Visit) -> None:
    page = visit.open()
    assert page.title() == "Flip the instruction"
    assert page.locator("#flip-query h2").inner_text()
    assert page.locator("#flip-switch label").count() >= 2
    assert "Obeys both instructions" in page.locator(".flip-board.is-trained").inner_text()
    assert "Obeys both" not in page.locator(".flip-board.is-base").inner_text()
    assert re.search(r"p-MRR \+\d+\.\d", page.locator(".flip-board.is-trained").inner_text())
    assert "flip yes" in page.locator(".flip-board.is-trained .flip-figures").inner_text()
    assert page.locator("svg.flip-chart").count() == 2
    assert "as computed just now" in page.locator("#flip-note").inner_text()
    visit.picture("desktop")
    visit.picture("desktop-whole", whole=True)


def test_the_mouse_flips_and_the_cards_really_move(visit: Visit) -> None:
    page = visit.open()
    before, words = visit.order(), page.locator(".is-trained .flip-words").inner_text()
    visit.flip()
    after = visit.order()
    assert sorted(after) == sorted(before)
    assert after != before
    top = page.locator(".flip-panel.is-trained .flip-card").first
    assert "relevant under B" in top.inner_text()
    assert re.search(r"▲ \+\d", top.inner_text())
    assert (
        page.locator(".flip-panel.is-trained .flip-move.is-down").first.inner_text().startswith(f"▼ {MINUS}")
    )
    said = page.locator(".is-trained .flip-words").inner_text()
    assert said != words
    assert re.search(r"went from \d to 1\.", said)
    assert "view=B" in page.url
    visit.picture("flipped")
    visit.flip()
    assert visit.order() == before


def test_cards_slide_for_300_ms(visit: Visit) -> None:
    page = visit.open()
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
    slides = page.evaluate("window.slides")
    assert slides
    assert set(slides) == {300}


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
    first = shown_view(visit)
    page.keyboard.press("Tab")
    for _ in range(8):
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
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#flip-switch input').checked")
    assert shown_view(visit) == first


def test_the_gallery_narrows_and_opens_an_example(visit: Visit) -> None:
    page = visit.open()
    cards = page.locator("#flip-gallery .flip-example")
    assert cards.count() == 12
    page.get_by_role("button", name="Show more").click()
    page.wait_for_function("document.querySelectorAll('#flip-gallery .flip-example').length === 24")
    page.get_by_label("Words").fill("dial in")
    page.wait_for_function("document.querySelectorAll('#flip-gallery .flip-example').length === 1")
    cards.first.focus()
    page.keyboard.press("Enter")
    page.wait_for_function("document.querySelector('#flip-query h2').innerText.includes('northern lights')")
    assert "example=home-060" in page.url
    page.get_by_label("Words").fill("")
    page.wait_for_function("document.querySelectorAll('#flip-gallery .flip-example').length === 12")
    page.get_by_role("button", name="Random").click()
    page.wait_for_function("!document.querySelector('#flip-query h2').innerText.includes('northern lights')")


def test_the_gallery_narrows_by_lever(visit: Visit) -> None:
    page = visit.open()
    page.get_by_label("Lever").click()
    page.get_by_role("option", name="audience").click()
    page.wait_for_function(
        "[...document.querySelectorAll('.flip-about')].every((one) => one.innerText.includes('audience'))"
    )
    assert 1 <= page.locator(".flip-example").count() < 12


def test_three_instructions_have_three_keys(visit: Visit) -> None:
    page = visit.open("#example=computing-044&view=C")
    assert page.locator("#flip-switch label").count() == 3
    assert page.locator("#flip-switch input").nth(2).is_checked()
    assert page.locator(".flip-board.is-base .flip-chart-head").count() == 3
    visit.picture("three-views")
    visit.flip()
    assert page.locator("#flip-switch input").nth(0).is_checked()


def test_a_search_shows_the_first_ten_of_all_passages(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Search a corpus").click()
    page.click("#flip-search-copy")
    page.wait_for_function("document.querySelector('#flip-search-query textarea').value !== ''")
    page.click("#flip-search")
    page.wait_for_function("document.querySelector('#flip-note').innerText.match(/All \\d+ passages/)")
    panel = page.locator(".flip-panel.is-trained")
    assert panel.locator(".flip-cards").first.locator(".flip-card").count() == 10
    assert "text=" in page.url
    visit.flip()
    assert "New in the top 10:" in panel.locator(".flip-words").inner_text()
    visit.picture("search")


@pytest.mark.parametrize("visit", [PHONE], indirect=True)
def test_a_phone_shows_one_model_at_a_time(visit: Visit) -> None:
    page = visit.open()
    assert visit.overflows() == 0
    base, trained = page.locator(".flip-panel.is-base"), page.locator(".flip-panel.is-trained")
    assert trained.is_visible() and not base.is_visible()
    visit.picture("phone")
    page.locator("#flip-tab label").first.click()
    base.wait_for(state="visible")
    assert not trained.is_visible()
    visit.flip()
    assert visit.overflows() == 0
    visit.picture("phone-whole", whole=True)


@pytest.mark.parametrize("width", [360, 720, 721, 1024, 1920, 3840])
def test_no_width_scrolls_sideways(visit: Visit, width: int) -> None:
    visit.page.set_viewport_size({"width": width, "height": 900})
    page = visit.open("#example=computing-044&view=B")
    for tab in page.get_by_role("tab").all():
        if tab.is_visible():
            tab.click()
            assert visit.overflows() == 0, tab.inner_text()
    if width == 3840:
        visit.picture("wide")
