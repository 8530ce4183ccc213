"""Runs two clients one after the other on one server, and kills each of them once, for ``endpoint.py``.

Both get the same prompts, requests in flight and faults. Of each: requests a second from the first request to
the last reply, the peak of memory, and, after a kill in the middle and a second run of the same command, how
many requests that had been answered before the kill were asked again.
"""

from __future__ import annotations

import contextlib
import json
import os
import subprocess
import sys
import tempfile
import time
import urllib.request
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

from pipeline import MadeUpSets

from dualview.dataset_builder.schema import Writer
from dualview.dataset_builder.writers.endpoint.endpoint_writer import KIND, WritingSettings, ask_about

_ROOT = Path(__file__).resolve().parent.parent
_HERE = Path(__file__).resolve().parent


def compare(curator: str, requests: int, in_flight: int, behaviour: Sequence[str], faults: float) -> None:
    """Run both clients and print a line for each.

    :param curator: a Python with ``bespokelabs-curator``.
    :param behaviour: flags of the server.
    :param faults: share of requests that fail in the runs that are killed.
    """
    if subprocess.run([curator, "-c", "import bespokelabs.curator"], capture_output=True).returncode:
        raise SystemExit(f"error: {curator} cannot import bespokelabs.curator; install it there with pip")
    with tempfile.TemporaryDirectory() as folder:
        prompts = Path(folder) / "prompts.jsonl"
        with prompts.open("w", encoding="utf-8") as file:
            for messages in _prompts(requests):
                file.write(json.dumps(messages) + "\n")
        count = str(in_flight)
        for name in ("dualview", "curator"):
            lines = []
            for run, flags in (("calm", behaviour), ("killed", [*behaviour, "--faults", str(faults)])):
                with _serving(flags) as url:
                    work = Path(folder) / f"{name}-{run}"
                    if name == "curator":
                        command = [curator, str(_HERE / "curator_client.py"), "--prompts", str(prompts)]
                        command += ["--work", str(work)]
                    else:
                        command = [sys.executable, str(_HERE / "endpoint.py"), "--requests", str(requests)]
                        command += ["--ledger", str(work)]
                    command += ["--url", url, "--in-flight", count]
                    lines.append(_run(command) if run == "calm" else _kill_and_go_on(command, url, requests))
            sys.stdout.write(f"{name}: {'; '.join(lines)}; load of the machine {os.getloadavg()[0]:.1f}\n")
            sys.stdout.flush()


def _prompts(requests: int) -> Iterator[list[dict[str, str]]]:
    """The messages that the writer sends for made-up sets."""
    for item in MadeUpSets(requests):
        (question,) = ask_about(item, WritingSettings(), Writer(KIND))
        yield [{"role": role, "content": text} for role, text in question.prompt.messages]


def _run(command: Sequence[str]) -> str:
    found = json.loads(_start(command).communicate()[0].decode().splitlines()[-1])
    return (
        f"{found['requests']:,} requests, {found['requests'] / found['seconds']:,.0f} a second, peak memory "
        f"{found['peak']:,.0f} MB"
    )


def _kill_and_go_on(command: Sequence[str], url: str, requests: int) -> str:
    process = _start(command)
    while process.poll() is None and sum(_counts(url)["answered"].values()) < requests / 2:
        time.sleep(0.2)
    process.kill()
    process.wait()
    # What is on its way to a client that is gone is not answered to it.
    before = _counts(url)
    process = _start(command)
    process.communicate()
    after = _counts(url)
    again = [name for name in before["answered"] if after["came"][name] > before["came"][name]]
    answered = len(before["answered"])
    failed = "" if process.returncode == 0 else f" (the second run ended with {process.returncode})"
    return f"killed with {answered:,} answered, {len(again):,} of these asked again{failed}"


def _start(command: Sequence[str]) -> subprocess.Popen[bytes]:
    return subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, stderr=subprocess.DEVNULL)


def _counts(url: str) -> dict[str, Any]:
    with urllib.request.urlopen(url.removesuffix("/v1") + "/counts") as response:
        found: dict[str, Any] = json.load(response)
    return found


@contextlib.contextmanager
def _serving(flags: Sequence[str]) -> Iterator[str]:
    command = [sys.executable, "-m", "tests.dataset_builder.llm_server", *flags]
    with subprocess.Popen(command, cwd=_ROOT, stdout=subprocess.PIPE, text=True) as server:
        assert server.stdout is not None
        try:
            yield server.stdout.readline().strip()
        finally:
            server.kill()
