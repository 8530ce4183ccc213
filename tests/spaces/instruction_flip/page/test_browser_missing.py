"""The page without its models: recorded results, and what is missing."""

from __future__ import annotations

import threading
from pathlib import Path
from types import ModuleType

import pytest
from flip_visiting import BASE, Visit, serving_here
from huggingface_hub import close_session, constants
from playwright.sync_api import Browser

from tests.hub.loopback.server import serving
from tests.hub.loopback.state import Hub

UNREACHABLE = "The Hub cannot be reached, so org/base cannot be loaded."
NO_MODEL = "org/none does not exist, or is private: set DUALVIEW_MODEL to a model that you may read."


@pytest.fixture(autouse=True)
def online(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(constants, "HF_HUB_OFFLINE", False)
    close_session()


def told(visit: Visit, sentence: str) -> str:
    """Open the page, wait until its note has the sentence, and return the note."""
    visit.page.goto(visit.server.url)
    visit.page.wait_for_function(
        "(words) => document.querySelector('#flip-note')?.innerText.includes(words)", arg=sentence
    )
    return visit.page.locator("#flip-note").inner_text()


def test_without_network_the_recorded_results_can_be_flipped(
    app: ModuleType, browser: Browser, monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    monkeypatch.setattr(constants, "ENDPOINT", "http://127.0.0.1:9")
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visit = Visit(context)
    page = visit.page
    with serving_here(app, "--base", "org/base", "--model", "org/none") as visit.server:
        # As at a start, both the server itself and a visitor find out.
        threading.Thread(target=app.warm_up, args=(visit.server.bench,)).start()
        assert "Recorded: ranked earlier by" in told(visit, UNREACHABLE)
        assert "recorded" in page.locator("#flip-scores").inner_text()
        visit.flip()
        assert "✓ Now" in page.locator(".flip-panel.is-trained .flip-words").inner_text()
        assert "✗ Still" in page.locator(".flip-panel.is-base .flip-words").inner_text()
        visit.picture("no-network", whole=True)
        # The recorded results hold failures, which are one click away.
        before = page.locator("#flip-query h2").inner_text()
        page.click("[data-failure]")
        page.wait_for_function(
            "(text) => document.querySelector('#flip-query h2').innerText !== text", arg=before
        )
        visit.flip()
        assert "Follows both" not in page.locator(".flip-panel.is-trained .flip-verdict").inner_text()
        page.get_by_role("tab", name="Your own text").click()
        page.click("#flip-own")
        assert page.wait_for_selector("#flip-own-message .is-error").inner_text() == UNREACHABLE
        context.close()
    assert not visit.strangers and not visit.troubles
    lines = [line for line in caplog.messages if "cannot be" in line]
    assert len(lines) == 1, lines
    assert "Traceback" not in caplog.text


def test_an_id_that_does_not_exist_is_named_with_its_setting(
    app: ModuleType, browser: Browser, monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visit = Visit(context)
    with serving(Hub(tmp_path / "hub")) as hub:
        monkeypatch.setattr(constants, "ENDPOINT", hub.url)
        with serving_here(app, "--base", BASE, "--model", "org/none") as visit.server:
            assert "Recorded: ranked earlier by" in told(visit, NO_MODEL)
            visit.flip()
            assert "✓ Now" in visit.page.locator(".flip-panel.is-trained .flip-words").inner_text()
            visit.picture("wrong-id", whole=True)
            context.close()
    assert not visit.strangers and not visit.troubles
