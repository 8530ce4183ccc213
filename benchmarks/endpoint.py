"""Measures the rate of the writer `endpoint` against a server on loopback, and where the time goes.

    python benchmarks/endpoint.py                           # 20,000 requests, 256 in flight, 0.3 s +- 0.1 s
    python benchmarks/endpoint.py --transport kept-alive    # aiohttp with connections for many requests
    python benchmarks/endpoint.py --transport httpx2        # the library's own connections
    python benchmarks/endpoint.py --requests 4000 --profile
    python benchmarks/endpoint.py --requests 4000 --beside curator --curator-python curator/bin/python

The server, in a process of its own, answers every request after 300 ms, give or take 100. With 256 requests
in flight no client can have more than 256 / 0.3 s replies; what is reached is given as a share of that. One
reversal is asked for each set, through the ledger; prompts, parser and rules are all at work. The number in
flight begins with an eighth; the rate is also given from when all are in flight.

With ``--beside curator``, Bespoke Curator sends the same requests to the same server, from an environment of
its own: ``python -m venv curator && curator/bin/pip install bespokelabs-curator``.
"""

from __future__ import annotations

import argparse
import asyncio
import cProfile
import json
import os
import pstats
import resource
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import aiohttp
import httpx2
from beside import compare
from pipeline import MadeUpSets

from dualview.dataset_builder.event_loop import rare_collections
from dualview.dataset_builder.llm import connection
from dualview.dataset_builder.llm.client import LlmClient
from dualview.dataset_builder.llm.connection import find_server
from dualview.dataset_builder.llm.conversation import Sampling
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.llm.wire.transport import AiohttpClient
from dualview.dataset_builder.schema import CandidateSet
from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter
from dualview.dataset_builder.writers.endpoint.writing_settings import WritingSettings

_ROOT = Path(__file__).resolve().parent.parent


def main() -> None:
    """Ask, and print the rate."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--requests", type=int, default=20_000)
    parser.add_argument("--in-flight", type=int, default=256)
    parser.add_argument("--latency", type=float, default=0.3, help="seconds")
    parser.add_argument("--jitter", type=float, default=0.1, help="seconds, more or less")
    parser.add_argument("--transport", choices=("aiohttp", "kept-alive", "httpx2"), default="aiohttp")
    parser.add_argument("--profile", action="store_true", help="show where the time goes")
    parser.add_argument("--beside", choices=("curator",), help="compare with another program")
    parser.add_argument("--curator-python", default="curator/bin/python", help="a Python that has it")
    parser.add_argument("--faults", type=float, default=0.05, help="with --beside: share of failing requests")
    parser.add_argument("--url", help="a server that runs already")
    parser.add_argument("--ledger", type=Path, help="keep the replies there, and print JSON")
    args = parser.parse_args()
    if args.transport == "kept-alive":
        connection.open_connections = _KeptAlive
    if args.transport == "httpx2":
        limits = httpx2.Limits(max_connections=args.in_flight, max_keepalive_connections=args.in_flight)
        connection.open_connections = lambda: httpx2.AsyncClient(limits=limits)  # type: ignore[assignment]
    behaviour = ["--latency", str(args.latency), "--jitter", str(args.jitter)]
    if args.beside:
        compare(args.curator_python, args.requests, args.in_flight, behaviour, args.faults)
        return
    if args.url:
        asyncio.run(_ask(args.url, args))
        return
    command = [sys.executable, "-m", "tests.dataset_builder.llm_server", *behaviour]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            url = server.stdout.readline().strip()
            profile = cProfile.Profile()
            if args.profile:
                profile.runcall(asyncio.run, _ask(url, args))
            else:
                asyncio.run(_ask(url, args))
        finally:
            server.kill()
    if args.profile:
        found = pstats.Stats(profile, stream=sys.stdout)
        found.sort_stats("tottime").print_stats(30)
        found.sort_stats("cumtime").print_stats(60)


class _KeptAlive(AiohttpClient):
    """The transport with connections that carry one request after the other: fast, and unsafe."""

    def _session(self) -> aiohttp.ClientSession:
        if self._aiohttp is None:
            self._aiohttp = aiohttp.ClientSession(connector=aiohttp.TCPConnector(limit=0))
        return self._aiohttp


async def _ask(url: str, args: argparse.Namespace) -> None:
    with tempfile.TemporaryDirectory() as folder:
        run = LlmRun.open(args.ledger or Path(folder) / "ledger.sqlite")
        server = find_server(url, None, 60)
        client = LlmClient(server, "made-up", run.ledger, "openai", concurrency=args.in_flight, max_tries=30)
        writer = EndpointWriter(client, run, WritingSettings(), Sampling(), args.in_flight)
        sets = iter(MadeUpSets(args.requests))
        cpu, started = time.process_time(), time.perf_counter()
        # As the build does, more items wait than requests may be in flight.
        full = asyncio.ensure_future(_when_full(client, args.in_flight))
        with rare_collections():
            await asyncio.gather(*(_write(sets, writer) for _ in range(2 * args.in_flight)))
        seconds, cpu = time.perf_counter() - started, time.process_time() - cpu
        asked = client.used()["requests"]
        await writer.close()
    ideal = args.in_flight / args.latency
    peak = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / 2**10
    if args.ledger:
        sys.stdout.write(json.dumps({"requests": asked, "seconds": seconds, "peak": peak}) + "\n")
        return
    full.cancel()
    steady = "never all in flight"
    if full.done() and not full.cancelled():
        before, at = full.result()
        rate = (asked - before) / (started + seconds - at)
        steady = f"from all in flight on {rate:,.0f}, {rate / ideal:.1%}"
    sys.stdout.write(
        f"{args.transport}: {asked:,} requests, {args.in_flight} in flight: {asked / seconds:,.0f} a second, "
        f"{asked / seconds / ideal:.1%} of the ideal {ideal:,.0f} ({steady}); "
        f"{1e6 * cpu / asked:,.0f} us of CPU each; peak memory {peak:,.0f} MB; "
        f"load of the machine {os.getloadavg()[0]:.1f}\n"
    )


async def _when_full(client: LlmClient, in_flight: int) -> tuple[int, float]:
    """Requests that were answered before all were in flight, and when that was."""
    while sum(sender.slots.in_flight for sender in client._senders) < in_flight:
        await asyncio.sleep(0.05)
    return client.used()["requests"], time.perf_counter()


async def _write(sets: Iterator[CandidateSet], writer: EndpointWriter) -> None:
    for item in sets:
        await writer.write_async(item)


if __name__ == "__main__":
    main()
