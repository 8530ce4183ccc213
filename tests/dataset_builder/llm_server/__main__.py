"""A language model's server of your own, to try the writer ``endpoint`` without a model.

    python -m tests.dataset_builder.llm_server --port 8080 --faults 0.3

It prints its URL, and stops on Ctrl-C.
"""

from __future__ import annotations

import argparse
import asyncio
import contextlib
import sys

from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm


async def _serve(behaviour: Behaviour, port: int) -> None:
    server = FakeLlm(behaviour, keep_bodies=False)
    sys.stdout.write(f"http://127.0.0.1:{await server.start(port)}/v1\n")
    sys.stdout.flush()
    await asyncio.Event().wait()


def main() -> None:
    """Serve until interrupted."""
    parser = argparse.ArgumentParser(
        prog="python -m tests.dataset_builder.llm_server",
        description=__doc__,
        formatter_class=argparse.RawDescriptionHelpFormatter,
    )
    parser.add_argument("--port", type=int, default=0, help="on 127.0.0.1; 0 takes a free one")
    parser.add_argument("--latency", type=float, default=0.0, help="seconds until a reply")
    parser.add_argument("--jitter", type=float, default=0.0, help="seconds, more or less")
    parser.add_argument("--faults", type=float, default=0.0, help="share of requests that are not answered")
    parser.add_argument("--bad", type=float, default=0.0, help="share of answers that are no use")
    args = parser.parse_args()
    behaviour = Behaviour(latency=args.latency, jitter=args.jitter, faults=args.faults, bad=args.bad)
    with contextlib.suppress(KeyboardInterrupt):
        asyncio.run(_serve(behaviour, args.port))


if __name__ == "__main__":
    main()
