"""How fast the Space answers, in a real browser and under a crowd.

python benchmarks/space/latency.py click --model FOLDER      from a click to the painted cards
python benchmarks/space/latency.py passages --model FOLDER   100 new passages of 100 words
python benchmarks/space/latency.py bound --model FOLDER      how fast these cores could encode those at best
python benchmarks/space/latency.py crowd --model FOLDER      20 people flipping for 60 s
python benchmarks/space/latency.py start --model FOLDER      from nothing to the first computed ranking

FOLDER is a trained model, such as runs/quickstart/training/model; --base is the one that it is compared with.
start takes a second setup, to be run in turns with the first: --beside-space (the folder of another version
of the Space), --beside-base and --beside-model.
"""

from __future__ import annotations

import argparse
import json
import os
import random
import sys
import threading
import time
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx
from playwright.sync_api import Page
from sharing import (
    BASE,
    SPACE,
    Server,
    Visit,
    browser,
    processor_time,
    report,
    say,
    start_server,
    wait_until_idle,
)
from start import Setup, measure_start

# Resolves two frames after other cards are there: what the click asked for is on the screen then.
_PAINTED = """(click) => new Promise((resolve) => {
    const shown = '#flip-rankings [data-link], #flip-rankings .flip-card';
    const title = (node) => node.querySelector('.flip-title')?.textContent;
    const told = (node) => node.dataset.link + node.dataset.key + title(node);
    const cards = () => [...document.querySelectorAll(shown)].map(told).join();
    const before = cards(), start = performance.now();
    const look = () => cards() === before ? requestAnimationFrame(look)
        : requestAnimationFrame(() => requestAnimationFrame(() => resolve(performance.now() - start)));
    document.querySelector(click).click();
    look();
})"""


def measure_clicks(page: Page, times: int) -> None:
    """Time flips, and examples of the gallery that were seen before."""
    report("flip, click to painted", [_painted(page, "#flip-button") for _ in range(times)])
    cards = page.locator("#flip-gallery .flip-example").evaluate_all(
        "(cards) => cards.map((card) => card.dataset.example)"
    )
    # The first one is on the page, so that nothing would change.
    cards = cards[1:] + cards[:1]
    rounds = [
        _painted(page, f'[data-example="{card}"]') for _ in range(1 + times // len(cards)) for card in cards
    ]
    report("an example seen for the first time, click to painted", rounds[: len(cards)])
    report("an example seen before, click to painted", rounds[len(cards) :])


def measure_passages(page: Page, server: Server, times: int) -> None:
    """Time a person's own 100 passages of 100 words: ranked as soon as pasted, and some seconds after it."""
    words = _words()
    page.get_by_role("tab", name="Your own text").click()
    for name, seconds in (("at once", 0.0), ("20 s after they were pasted", 20.0)):
        found, taken = [], []
        for number in range(times):
            source = random.Random(f"{name}{number}")
            texts = _passages(words, source)
            page.fill("#flip-own-passages textarea", "\n\n".join(texts))
            page.fill("#flip-own-query textarea", f"query {number}")
            page.fill("#flip-own-a textarea", f"only {name}")
            page.fill("#flip-own-b textarea", f"not {name}")
            page.wait_for_timeout(1000 * seconds)
            assert server.process is not None
            before = processor_time(server.process.pid)
            found.append(_painted(page, "#flip-own"))
            taken.append(processor_time(server.process.pid) - before)
        report(f"100 new passages of 100 words, two models, {name}, click to painted", found)
        report("  CPU time of the server for them from the click on", taken)


def measure_bound(model: str, base: str) -> None:
    """Tell how long the matrix products alone take for 100 passages, at the measured peak of the cores."""
    import torch

    from dualview.trainer.encoders.models import load_model
    from dualview.trainer.encoders.sides import modules_of
    from dualview.trainer.evaluation.rankers.text_encoder import model_key

    multiplications = 0.0
    # What encodes passages as the base does leaves the page one encoder to run.
    encoders = {model_key(encoder, "document"): encoder for encoder in map(load_model, (model, base))}
    for encoder in encoders.values():
        passages = _passages(_words(), random.Random(0))
        tokens = int(encoder.preprocess(passages, task="document")["attention_mask"].sum())
        linear = [
            one for one in modules_of(encoder, "document").modules() if isinstance(one, torch.nn.Linear)
        ]
        # BERT's pooler is not used.
        weights = sum(one.weight.numel() for one in linear) - linear[-1].weight.numel()
        multiplications += weights * tokens
    square = torch.randn(2048, 2048)
    seconds = []
    for _ in range(10):
        began = time.perf_counter()
        square @ square
        seconds.append(time.perf_counter() - began)
    peak = 2048**3 / min(seconds)
    say(
        f"100 passages of 100 words, two models: {multiplications / 1e9:,.0f} billion multiplications; "
        f"{peak / 1e9:,.0f} billion a second at best: {multiplications / peak:.1f} s at least"
    )


def _words() -> list[str]:
    rows = json.loads((SPACE / "flip" / "text" / "examples.json").read_text())
    return " ".join(passage["text"] for row in rows for passage in row["passages"]).split()


def _passages(words: Sequence[str], source: random.Random) -> list[str]:
    return [" ".join(source.sample(words, 100)) for _ in range(100)]


def measure_crowd(server: Server, people: int, seconds: float) -> None:
    """Let people flip, each with a session of its own and a pause of 0.2 to 1 s between flips."""
    until = time.monotonic() + seconds
    times: list[float] = []
    errors: list[str] = []

    def flip_on(number: int) -> None:
        source = random.Random(number)
        try:
            with httpx.Client(base_url=server.url, timeout=60) as client:
                flip = _open_session(client, f"person-{number}")
                while time.monotonic() < until:
                    time.sleep(source.uniform(0.2, 1.0))
                    started = time.perf_counter()
                    flip()
                    times.append(1000 * (time.perf_counter() - started))
        except (httpx.HTTPError, LookupError, ValueError) as error:
            errors.append(repr(error))

    threads = [threading.Thread(target=flip_on, args=(number,)) for number in range(people)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    report(f"{people} people flipping for {seconds:.0f} s, request to reply", times)
    say(f"  {len(times) / seconds:.1f} flips a second, {len(errors)} errors {errors[:3] or ''}")


def _open_session(client: httpx.Client, session: str) -> Callable[[], None]:
    """Open the page as a browser would, and return what one flip is."""
    config = client.get("config").json()
    ids = {part["props"].get("elem_id"): part["id"] for part in config["components"]}

    def event(component: int | None, name: str) -> int:
        return next(
            one["id"]
            for one in config["dependencies"]
            for target in one["targets"]
            if target[1] == name and component in (None, target[0])
        )

    load, flip = event(None, "load"), event(ids["flip-button"], "click")
    asked = {"fn_index": load, "data": [""], "session_hash": session}
    client.post("gradio_api/queue/join", json=asked).raise_for_status()
    with client.stream("GET", "gradio_api/queue/data", params={"session_hash": session}) as events:
        for line in events.iter_lines():
            if '"process_completed"' in line:
                if not json.loads(line.removeprefix("data:"))["success"]:
                    raise ValueError(line)
                break

    def flip_once() -> None:
        body = {"fn_index": flip, "data": [None, None], "session_hash": session}
        reply = client.post("gradio_api/run/predict", json=body)
        reply.raise_for_status()
        if "flip-card" not in reply.text:
            raise ValueError(reply.text[:200])

    return flip_once


def _painted(page: Page, click: str) -> float:
    found: Any = page.evaluate(_PAINTED, click)
    page.wait_for_timeout(400)  # the cards slide
    return float(found)


def main(argv: Sequence[str] | None = None) -> int:
    """Run one measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("what", choices=("click", "passages", "bound", "crowd", "start"))
    parser.add_argument("--model", required=True, help="trained model: a folder or package:NAME/SUBPATH")
    parser.add_argument("--base", default=BASE, help="base model (the packaged MiniLM)")
    parser.add_argument("--times", type=int, default=None, help="repetitions (click 40, passages 5, start 3)")
    parser.add_argument("--people", type=int, default=20)
    parser.add_argument("--seconds", type=float, default=60)
    parser.add_argument("--beside-space", type=Path, help="start: folder of another version of the Space")
    parser.add_argument("--beside-base", help="start: base model of the second setup")
    parser.add_argument("--beside-model", help="start: trained model of the second setup")
    args = parser.parse_args(argv)
    cores = len(os.sched_getaffinity(0))
    # The Space starts in a folder of its own.
    for name in ("model", "base", "beside_model", "beside_base"):
        if (given := getattr(args, name)) and Path(given).is_dir():
            setattr(args, name, str(Path(given).resolve()))
    say(f"{cores} cores, load {os.getloadavg()[0]:.1f} before; base {args.base}, model {args.model}")
    if args.what == "start":
        setups = [Setup(SPACE, args.base, args.model)]
        if args.beside_space or args.beside_base or args.beside_model:
            beside = (
                args.beside_space or SPACE,
                args.beside_base or args.base,
                args.beside_model or args.model,
            )
            setups.append(Setup(*beside))
        measure_start(setups, args.times or 3)
        return 0
    if args.what == "bound":
        measure_bound(args.model, args.base)
        return 0
    server = start_server("--base", args.base, "--model", args.model)
    try:
        with browser() as new_context:
            visit = Visit(new_context(), server)
            visit.open()
            wait_until_idle(server)
            if args.what == "click":
                measure_clicks(visit.page, args.times or 40)
            elif args.what == "passages":
                measure_passages(visit.page, server, args.times or 5)
            else:
                measure_crowd(server, args.people, args.seconds)
    finally:
        server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
