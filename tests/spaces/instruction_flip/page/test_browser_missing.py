"""The page without any model: recorded results, and what is missing."""

from __future__ import annotations

import os

from flip_visiting import Server, Visit, start_server
from playwright.sync_api import Browser


def test_without_network_the_recorded_results_can_be_flipped(browser: Browser) -> None:
    env = {**os.environ, "HF_ENDPOINT": "http://127.0.0.1:9", "HF_HUB_OFFLINE": "0"}
    server: Server = start_server("--base", "org/base", "--model", "org/none", env=env)
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    try:
        visit = Visit(context, server)
        page = visit.page
        page.goto(server.url)
        page.wait_for_function(
            "document.querySelector('#flip-note')?.innerText.includes('The Hub cannot be reached')"
        )
        assert "Recorded: ranked earlier by" in page.locator("#flip-note").inner_text()
        assert "recorded" in page.locator("#flip-scores").inner_text()
        visit.flip()
        assert "✓ Now" in page.locator(".flip-panel.is-trained .flip-words").inner_text()
        assert "✗ Still" in page.locator(".flip-panel.is-base .flip-words").inner_text()
        visit.picture("no-network")
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
        message = page.wait_for_selector("#flip-own-message .is-error").inner_text()
        assert message == "The Hub cannot be reached, so org/base cannot be loaded."
        assert not visit.strangers and not visit.troubles
    finally:
        context.close()
        server.stop()
    told = [line for line in server.lines if "cannot be" in line or "Traceback" in line]
    assert len(told) == 1, told
