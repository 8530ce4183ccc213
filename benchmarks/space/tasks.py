"""Five things that a first-time visitor wants of the demo, each from a cold page: steps, and seconds.

python benchmarks/space/tasks.py --model FOLDER [--base FOLDER]

A step is a click, or a field that is filled in. The seconds are those that the page takes, from its address
to the result on the screen; a reader's own time comes on top.
"""

from __future__ import annotations

import argparse
import os
import sys
import time
from collections.abc import Callable, Sequence
from pathlib import Path

from playwright.sync_api import BrowserContext, Page
from sharing import BASE, Server, Visit, browser, say, start_server

PASSAGES = (
    "Where it came from\nThe first saxophones of 1841 were made for military bands; jazz came decades later.",
    "What it costs\nA student model is 700 euros, a professional one 5,000, and a new set of pads 400.",
    "How it sounds\nA reed sets the air in a conical tube in motion, so that it overblows an octave.",
)
#: What the second page runs, which needs no model: whose link is looked for.
PUBLISHED = "sentence-transformers/all-MiniLM-L12-v2"


class Steps:
    """A page whose steps are counted."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.count = 0

    def click(self, selector: str) -> None:
        """Click, and count it."""
        self.page.click(selector)
        self.count += 1

    def fill(self, selector: str, text: str) -> None:
        """Fill in a field, and count it."""
        self.page.fill(selector, text)
        self.count += 1

    def wait(self, condition: str) -> None:
        """Wait for a condition in JavaScript."""
        self.page.wait_for_function(condition)


def see_the_ordinary_model_fail(steps: Steps) -> None:
    """Flip, and read that the ordinary model's first passage stays."""
    steps.click("#flip-button")
    steps.wait("document.querySelector('.flip-panel.is-base .flip-words').innerText.includes('✗ Still')")


def ask_with_three_passages(steps: Steps) -> None:
    """Fill in a question of one's own and three passages, have the opposite suggested, and rank."""
    steps.click("role=tab[name='Your own text']")
    steps.fill("#flip-own-passages textarea", "\n\n".join(PASSAGES))
    steps.fill("#flip-own-query textarea", "saxophone")
    steps.fill("#flip-own-a textarea", "its price, not its history")
    steps.click("#flip-own-suggest")
    steps.wait("document.querySelector('#flip-own-b textarea').value === 'its history, not its price'")
    steps.click("#flip-own")
    steps.wait("document.querySelector('#flip-own-message').innerText.startsWith('Ranked 3')")


def see_why(steps: Steps) -> None:
    """Open a passage, and ask why it is where it is."""
    steps.click(".flip-panel.is-trained .flip-card summary")
    steps.click(".flip-panel.is-trained .flip-card .flip-why-button")
    steps.wait("document.querySelectorAll('#flip-why .flip-bars li').length >= 2")


def share_it(steps: Steps) -> None:
    """Copy the link, open it in another window, and find the same search."""
    search = "document.querySelector('#flip-query h2')?.innerText"
    steps.wait(search)
    before = steps.page.evaluate(search)
    steps.page.context.grant_permissions(["clipboard-read", "clipboard-write"])
    steps.click(".flip-copy")
    steps.wait("document.querySelector('.flip-copied').innerText === 'Copied'")
    other = steps.page.context.new_page()
    other.goto(steps.page.evaluate("navigator.clipboard.readText()"))
    other.wait_for_function(f"(before) => {search} === before", arg=before)


def find_the_model(steps: Steps) -> None:
    """Follow the link at the top; only its address is read, as nothing is asked of the Hub here."""
    link = steps.page.get_by_role("link", name="Model")
    link.wait_for()
    steps.count += 1
    if link.get_attribute("href") != f"https://huggingface.co/{PUBLISHED}":
        raise ValueError("the page does not link to its model")


def do(task: Callable[[Steps], None], server: Server, context: BrowserContext) -> None:
    """Do a task on a fresh page, and print its steps and seconds."""
    visit = Visit(context, server)
    began = time.perf_counter()
    visit.page.goto(server.url)
    visit.page.wait_for_selector(".flip-panel.is-trained .flip-card")
    opened = time.perf_counter()
    steps = Steps(visit.page)
    task(steps)
    done = time.perf_counter()
    if visit.troubles or visit.strangers:
        raise ValueError(f"{task.__name__}: {visit.troubles or visit.strangers}")
    unit = "step" if steps.count == 1 else "steps"
    say(
        f"{task.__name__.replace('_', ' ')}: {steps.count} {unit}, {done - began:.1f} s "
        f"({opened - began:.1f} s until the page is there)"
    )
    context.close()


def main(argv: Sequence[str] | None = None) -> int:
    """Do the five tasks."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="trained model: a folder or package:NAME/SUBPATH")
    parser.add_argument("--base", default=BASE, help="base model (the packaged MiniLM)")
    args = parser.parse_args(argv)
    base, model = (str(Path(one).resolve()) if Path(one).is_dir() else one for one in (args.base, args.model))
    say(f"{len(os.sched_getaffinity(0))} cores, load {os.getloadavg()[0]:.1f} before")
    offline = {**os.environ, "HF_HUB_OFFLINE": "1"}
    with browser() as new_context:
        server = start_server("--base", base, "--model", model)
        try:
            # As on a page that others have opened before: the models are loaded.
            Visit(new_context(), server).open()
            for task in (see_the_ordinary_model_fail, ask_with_three_passages, see_why, share_it):
                do(task, server, new_context())
        finally:
            server.stop()
        server = start_server("--base", base, "--model", PUBLISHED, env=offline)
        try:
            do(find_the_model, server, new_context())
        finally:
            server.stop()
    return 0


if __name__ == "__main__":
    sys.exit(main())
