"""Memory of the Space over thousands of different requests.

python benchmarks/space/memory.py --model FOLDER [--requests 5000]

Calls of the API and visits to the page follow each other: rankings and flips of new passages, searches, wrong
calls, own text, flips and examples. Printed are the resident memory after each tenth of the requests, and its
growth per 1,000 requests over the first and the last half.
"""

from __future__ import annotations

import argparse
import json
import random
import sys
import uuid
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import Any

import httpx

ROOT = Path(__file__).resolve().parents[2]
sys.path[:0] = [str(ROOT), str(ROOT / "tests" / "spaces" / "instruction_flip")]

from flip_visiting import BASE, SPACE, start_server  # noqa: E402

#: Pages that are open at the same time; each visit replaces the oldest of them.
_OPEN_PAGES = 20


class Visitor:
    """An open page: a session of its own, in which events are sent as a browser sends them."""

    def __init__(self, client: httpx.Client) -> None:
        self._client, self._session = client, uuid.uuid4().hex
        config = client.get("config").json()
        self._events = {one["api_name"]: one for one in config["dependencies"]}
        self.send("open", "")

    def send(self, name: str, *values: object, event: dict[str, Any] | None = None) -> None:
        """Send an event and wait for its result; states are filled in by the server.

        :raises ValueError: if the page does not answer with a result.
        """
        found = self._events[name]
        data = [*values, *[None] * (len(found["inputs"]) - len(values))]
        body = {"data": data, "fn_index": found["id"], "session_hash": self._session, "event_data": event}
        self._client.post("gradio_api/queue/join", json=body).raise_for_status()
        asked = {"session_hash": self._session}
        with self._client.stream("GET", "gradio_api/queue/data", params=asked) as events:
            lines = [line for line in events.iter_lines() if '"process_completed"' in line]
        if not json.loads(lines[-1].removeprefix("data:"))["success"]:
            raise ValueError(lines[-1])


def call(client: httpx.Client, name: str, *values: object) -> None:
    """Call an endpoint of the API once, without a session."""
    event = client.post(f"gradio_api/call/{name}", json={"data": values}).json()["event_id"]
    client.get(f"gradio_api/call/{name}/{event}").raise_for_status()


def requests(client: httpx.Client, source: random.Random) -> list[Callable[[], None]]:
    """Return the kinds of requests, each with other text whenever it is sent."""
    rows = json.loads((SPACE / "flip" / "text" / "examples.json").read_text(encoding="utf-8"))
    ids = [row["set_id"] for row in rows]
    words = " ".join(passage["text"] for row in rows for passage in row["passages"]).split()
    open_pages: list[Visitor] = []

    def text(count: int) -> str:
        return " ".join(source.choices(words, k=count))

    def page() -> Visitor:
        if not open_pages or source.random() < 0.3:
            open_pages[:] = [*open_pages[1 - _OPEN_PAGES :], Visitor(client)]
        return source.choice(open_pages)

    def passages() -> list[str]:
        return [text(30) for _ in range(10)]

    return [
        lambda: call(client, "rank", text(5), text(8), passages(), "trained"),
        lambda: call(client, "rank", text(5), "", passages(), "base"),
        lambda: call(client, "rank", text(5), "", [1, 2], "base"),
        lambda: call(client, "flip", text(5), text(8), text(9), passages(), 1, 2, "trained"),
        lambda: call(client, "search", text(5), text(8), text(9), "trained"),
        lambda: page().send("own", text(5), text(8), text(9), "\n\n".join(passages()), 1, 2, ""),
        lambda: page().send("choose", "", event={"example": source.choice(ids)}),
        lambda: page().send("flip_1"),
    ]


def resident(pid: int) -> float:
    """Return the resident memory of a process, in MB."""
    lines = Path(f"/proc/{pid}/status").read_text(encoding="utf-8").splitlines()
    return next(int(line.split()[1]) for line in lines if line.startswith("VmRSS")) / 1000


def main(argv: Sequence[str] | None = None) -> int:
    """Run the measurement."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--model", required=True, help="trained model: a folder or package:NAME/SUBPATH")
    parser.add_argument("--base", default=BASE, help="base model (the packaged MiniLM)")
    parser.add_argument("--requests", type=int, default=5000)
    args = parser.parse_args(argv)
    # The Space starts in a folder of its own.
    base, model = (str(Path(one).resolve()) if Path(one).is_dir() else one for one in (args.base, args.model))
    server = start_server("--base", base, "--model", model)
    assert server.process is not None
    sizes = []
    try:
        with httpx.Client(base_url=server.url, timeout=120) as client:
            kinds = requests(client, random.Random(0))
            for number in range(args.requests + 1):
                kinds[number % len(kinds)]()
                if number % (args.requests // 10) == 0:
                    sizes.append(resident(server.process.pid))
                    sys.stdout.write(f"{number:,} requests: {sizes[-1]:,.0f} MB\n")
                    sys.stdout.flush()
    finally:
        server.stop()
    half = args.requests / 2000
    first, last = (sizes[5] - sizes[0]) / half, (sizes[10] - sizes[5]) / half
    sys.stdout.write(f"MB per 1,000 requests: first half {first:.1f}, last half {last:.1f}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
