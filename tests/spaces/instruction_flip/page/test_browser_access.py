"""Accessibility of the page: axe-core finds nothing serious in light and dark mode and on a phone."""

from __future__ import annotations

import importlib.util
from pathlib import Path
from typing import Any

import pytest
from flip_visiting import Visit

DARK = {"color_scheme": "dark"}
PHONE = {"viewport": {"width": 360, "height": 740}}
DARK_PHONE = DARK | PHONE


def findings(visit: Visit, part: str = "body") -> list[str]:
    """Serious and critical findings of axe-core in a part of the page, one line each."""
    if visit.page.evaluate("typeof axe") == "undefined":
        spec = importlib.util.find_spec("axe_playwright_python")
        assert spec is not None and spec.origin is not None
        visit.page.evaluate((Path(spec.origin).parent / "axe.min.js").read_text(encoding="utf-8"))
    # Wait for colour transitions, whose intermediate values would be reported.
    visit.page.wait_for_function("document.getAnimations().every((one) => one.playState !== 'running')")
    result: dict[str, Any] = visit.page.evaluate(
        "(part) => axe.run(part, { resultTypes: ['violations'] })", part
    )
    assert result["testEngine"]["version"] >= "4.12"
    return [
        f"{found['id']} ({found['impact']}): {node['html'][:200]} {[why['message'] for why in node['any']]}"
        for found in result["violations"]
        if found["impact"] in ("serious", "critical")
        for node in found["nodes"]
    ]


def is_dark(visit: Visit, place: str) -> bool:
    """Tell whether a part of the page has a dark background."""
    color = visit.page.locator(place).first.evaluate("(node) => getComputedStyle(node).backgroundColor")
    parts = color.partition("(")[2].split(")")[0].split(",")[:3]
    return max(int(part) for part in parts) < 100


@pytest.mark.parametrize("visit", [{}, DARK, DARK_PHONE], ids=["light", "dark", "dark phone"], indirect=True)
def test_axe_finds_nothing_serious(visit: Visit, request: pytest.FixtureRequest) -> None:
    page = visit.open()
    visit.flip()
    page.locator(".flip-full summary").first.click()
    # Move the mouse away, so that nothing is in hover state.
    page.mouse.move(0, 0)
    name = request.node.callspec.id.replace(" ", "-")
    visit.picture(name, whole=True)
    assert findings(visit) == []
    if "dark" in name:
        for place in ("body", ".flip-card", ".flip-panel", "#flip-switch label"):
            assert is_dark(visit, place), place
    for tab in page.get_by_role("tab").all():
        if tab.is_visible() and tab.inner_text() != "Examples":
            tab.click()
            page.mouse.move(0, 0)
            # The rest of the page has not changed.
            assert findings(visit, "#flip-tabs") == [], tab.inner_text()


def test_axe_finds_nothing_serious_in_messages(visit: Visit) -> None:
    page = visit.open()
    page.get_by_role("tab", name="Your own text").click()
    page.fill("#flip-own-query textarea", "")
    page.click("#flip-own")
    page.wait_for_selector("#flip-own-message .is-error")
    page.mouse.move(0, 0)
    visit.picture("message", whole=True)
    assert findings(visit) == []


def test_screen_readers_are_told_what_happens(visit: Visit) -> None:
    page = visit.open()
    assert page.get_by_role("radiogroup", name="Instruction").get_by_role("radio").count() == 3
    assert page.get_by_role("button", name="Flip").count() == 1
    region = page.get_by_role("region", name="Ranking of the dual-view model")
    assert region.get_by_role("listitem").count() >= 2
    assert "Read " in region.locator("summary").first.text_content()
    before = region.locator("[aria-live=polite]").text_content()
    visit.flip()
    region = page.get_by_role("region", name="Ranking of the dual-view model")
    said = region.locator("[aria-live=polite]").text_content()
    assert said.startswith("Dual-view model: ")
    assert said != before
    assert "dual-view model" in region.get_by_role("img").get_attribute("aria-label")
    assert page.locator("html").get_attribute("lang") == "en"
    assert page.locator("h1").count() == 1


@pytest.mark.parametrize("visit", [{"forced_colors": "active"}], ids=["forced"], indirect=True)
def test_forced_colours_leave_borders(visit: Visit) -> None:
    page = visit.open()
    visit.flip()
    for place in (".flip-card", ".flip-panel", ".flip-part", ".flip-tag"):
        width = page.locator(place).first.evaluate("(node) => getComputedStyle(node).borderTopWidth")
        assert float(width.removesuffix("px")) >= 1, place
    visit.picture("forced-colours")
