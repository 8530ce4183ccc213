"""The page behind a reverse proxy, under a path prefix: page, clicks, links and API."""

from __future__ import annotations

from collections.abc import Iterator
from types import ModuleType

import pytest
from flip_visiting import BASE, Server, Visit, serving_here
from gradio_client import Client
from playwright.sync_api import Browser
from prefix_proxy import Proxy, proxied

PREFIX = "/team/demo"
CANDLES = "things-024:aspect:things-024-b:things-024-e"


@pytest.fixture(scope="module")
def proxy(app: ModuleType) -> Iterator[Proxy]:
    with pytest.MonkeyPatch.context() as patch:
        patch.setenv("GRADIO_ROOT_PATH", PREFIX)
        with serving_here(app, "--base", BASE, "--model", BASE) as server, proxied(server.url, PREFIX) as one:
            yield one


def test_page_clicks_and_links_work(proxy: Proxy, browser: Browser) -> None:
    context = browser.new_context(viewport={"width": 1280, "height": 800})
    visit = Visit(context, Server(proxy.url))
    asked: list[str] = []
    visit.page.on("request", lambda request: asked.append(request.url))
    page = visit.open(f"#example={CANDLES}&view=B")
    assert page.locator("#flip-query h2").inner_text() == "homemade soy candles"
    assert page.locator("#flip-switch input").nth(2).is_checked()
    visit.flip()
    assert page.url.startswith(f"{proxy.url}#example={CANDLES}&view=A")
    card = page.locator("#flip-gallery .flip-example").first
    title = card.locator("strong").inner_text()
    card.click()
    page.wait_for_function("(text) => document.querySelector('#flip-query h2').innerText === text", arg=title)
    context.close()
    beside = [url for url in asked if url.startswith("http") and not url.startswith(proxy.url)]
    assert not beside and not proxy.strays
    assert not visit.strangers and not visit.troubles


def test_the_api_works(proxy: Proxy) -> None:
    client = Client(proxy.url, verbose=False)
    ranked = client.predict("cake", "without eggs", ["Cake with eggs.", "Cake, vegan."], api_name="/rank")
    assert [item["rank"] for item in ranked] == [1, 2]
    assert not proxy.strays
