"""Fixtures of the demo: its folder on the path, a server with two real models, and a browser."""

from __future__ import annotations

import importlib.util
import json
import os
import shutil
import sys
from collections.abc import Iterator
from pathlib import Path
from types import ModuleType
from typing import TYPE_CHECKING

import pytest

HERE = Path(__file__).resolve().parent
SPACE = HERE.parents[2] / "spaces" / "instruction_flip"
# As in production, the Space's own folder is first on the path.
sys.path[:0] = [str(SPACE), str(HERE)]

from flip_visiting import BASE, CHROMIUM, CHROMIUM_ARGUMENTS, Server, Visit, start_server  # noqa: E402 - found on the path set above

#: Examples that the obedient model is fitted to, the one that the page opens on among them.
FITTED = 24

if TYPE_CHECKING:
    from playwright.sync_api import Browser
    from sentence_transformers import SentenceTransformer


@pytest.fixture(scope="session")
def obedient_path(minilm: SentenceTransformer, tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The packaged encoder with a layer for queries that is fitted to some examples, so that it obeys.

    A real SentenceTransformer on disk, made in seconds. It is trained on the examples on purpose. Passages
    are encoded as by the base model, so that the Space encodes them once.
    """
    import torch
    from sentence_transformers import SentenceTransformer
    from sentence_transformers.base.modules import Router
    from sentence_transformers.models import Dense, Normalize
    from torch.nn.functional import cross_entropy, normalize

    sets = json.loads((SPACE / "flip" / "text" / "examples.json").read_text(encoding="utf-8"))[:FITTED]
    passages, queries, wanted = [], [], []
    for row in sets:
        docids = [passage["docid"] for passage in row["passages"]]
        for view in row["views"]:
            queries.append(f"{row['query']} {view['instruction']}")
            wanted.append(len(passages) + docids.index(view["wanted"]))
        passages += [f"{passage['title']}\n{passage['text']}" for passage in row["passages"]]
    torch.manual_seed(0)
    encoded = [minilm.encode(texts, convert_to_tensor=True).clone() for texts in (queries, passages)]
    layer = Dense(384, 384, bias=False, activation_function=torch.nn.Identity(), init_weight=torch.eye(384))
    optimizer = torch.optim.Adam(layer.parameters(), lr=3e-3)
    for _ in range(30):
        scores = normalize(layer.linear(encoded[0])) @ normalize(encoded[1]).T
        loss = cross_entropy(scores / 0.05, torch.tensor(wanted))
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    folder = tmp_path_factory.mktemp("models") / "obedient"
    router = Router.for_query_document([minilm[0], minilm[1], layer, Normalize()], list(minilm))
    model = SentenceTransformer(modules=[router], device="cpu")
    model.save(str(folder), create_model_card=False)
    return folder


@pytest.fixture(scope="session")
def app() -> ModuleType:
    """The module app.py of the demo."""
    # A unique module name, as other Spaces have an app.py too.
    spec = importlib.util.spec_from_file_location("flip_app", SPACE / "app.py")
    assert spec is not None and spec.loader is not None
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


@pytest.fixture(scope="session")
def server(request: pytest.FixtureRequest) -> Iterator[Server]:
    """One Space for all tests: the packaged MiniLM as base, the obedient model as trained one.

    DUALVIEW_SPACE_URL can name a running Space instead, started with such models.
    """
    if url := os.environ.get("DUALVIEW_SPACE_URL"):
        yield Server(url)
        return
    running = start_server("--base", BASE, "--model", str(request.getfixturevalue("obedient_path")))
    yield running
    running.stop()


@pytest.fixture(scope="session")
def browser() -> Iterator[Browser]:
    """One Chromium for all tests, with an empty profile."""
    if not shutil.which(CHROMIUM):
        pytest.skip(f"no browser here: {CHROMIUM} is missing (Debian's package chromium)")
    from playwright.sync_api import sync_playwright

    with sync_playwright() as playwright:
        running = playwright.chromium.launch(executable_path=CHROMIUM, args=CHROMIUM_ARGUMENTS)
        yield running
        running.close()


@pytest.fixture
def visit(browser: Browser, server: Server, request: pytest.FixtureRequest) -> Iterator[Visit]:
    """A visit in a fresh context; its options can be given by indirect parametrization."""
    options = {"viewport": {"width": 1280, "height": 800}} | getattr(request, "param", {})
    context = browser.new_context(**options)
    someone = Visit(context, server)
    yield someone
    context.close()
    assert not someone.strangers, "the page asked other machines"
    assert not someone.troubles
