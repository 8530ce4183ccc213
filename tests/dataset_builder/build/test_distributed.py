"""The engine ``ray``: the same bytes as in one process, also when a machine is lost on the way."""

from __future__ import annotations

import argparse
import asyncio
import os
import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Any

import pytest

from dualview.cards.errors import InputError
from dualview.dataset_builder.__main__ import main
from dualview.dataset_builder.build import engines
from dualview.dataset_builder.build.distributed.ray_settings import RaySettings
from dualview.dataset_builder.llm.messages import LlmReply, LlmRequest
from tests.dataset_builder.llm_server.server import Behaviour, FakeLlm

ROOT = Path(__file__).resolve().parents[3]
IN_FLIGHT = 8


@contextmanager
def listening(behaviour: Behaviour) -> Iterator[tuple[FakeLlm, str]]:
    """A language model's server in a thread, and its URL."""
    loop, fake = asyncio.new_event_loop(), FakeLlm(behaviour, keep_bodies=False)
    port = loop.run_until_complete(fake.start())
    thread = threading.Thread(target=loop.run_forever, daemon=True)
    thread.start()
    try:
        yield fake, f"http://127.0.0.1:{port}/v1"
    finally:
        loop.call_soon_threadsafe(loop.stop)
        thread.join()


def contents(folder: Path) -> dict[str, bytes]:
    return {
        path.relative_to(folder).as_posix(): path.read_bytes() for path in folder.rglob("*") if path.is_file()
    }


COMMON = ["build", "--source", "seeds:sets", "--writer", "endpoint", "--dialect", "openai"]
COMMON += ["--concurrency", str(IN_FLIGHT)]


def wait_for(what: Callable[[], bool], seconds: float) -> None:
    end = time.monotonic() + seconds
    while not what():
        assert time.monotonic() < end, "it took too long"
        time.sleep(0.05)


@pytest.mark.slow
def test_a_cluster_that_loses_a_machine_builds_the_same(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    from ray.cluster_utils import Cluster

    local, spread = tmp_path / "local" / "set", tmp_path / "spread" / "set"
    with listening(Behaviour(bad=0.2)) as (_, url):
        assert main([*COMMON, "--base-url", url, "--out", str(local)]) == 0
    # The head asks nothing, so that it is a working machine that is lost.
    cluster = Cluster(initialize_head=True, head_node_args={"num_cpus": 0})
    try:
        machines = [cluster.add_node(num_cpus=1) for _ in range(2)]
        with listening(Behaviour(bad=0.2, latency=0.3)) as (fake, url):
            flags = [*COMMON, "--base-url", url, "--out", str(spread)]
            flags += ["--engine", "ray", "--ray-address", cluster.address, "--ray-workers", "2"]
            build = subprocess.Popen(
                [sys.executable, "-m", "dataset_builder", *flags],
                cwd=ROOT,
                stderr=subprocess.PIPE,
                text=True,
                env=os.environ | {"OMP_NUM_THREADS": "1"},
            )
            wait_for(lambda: sum(fake.answered.values()) > 150 or build.poll() is not None, 200)
            assert build.poll() is None
            cluster.remove_node(machines[1], allow_graceful=False)
            _, errors = build.communicate(timeout=400)
    finally:
        cluster.shutdown()
    assert build.returncode == 0, errors
    assert contents(spread) == contents(local)
    # What had been answered was written down, so only what the lost machine was waiting for came again.
    again = sum(count - 1 for count in fake.came.values())
    assert again <= IN_FLIGHT / 2
    assert IN_FLIGHT / 2 < fake.most_in_flight <= IN_FLIGHT


@pytest.mark.slow
def test_two_servers_are_shared_by_two_actors_and_one_of_them_may_fail(tmp_path: Path) -> None:
    pytest.importorskip("ray")
    local, spread = tmp_path / "local" / "set", tmp_path / "spread" / "set"
    with listening(Behaviour(bad=0.2)) as (_, url):
        assert main([*COMMON, "--base-url", url, "--out", str(local)]) == 0
    slow = {"bad": 0.2, "latency": 0.2}
    with listening(Behaviour(**slow)) as (good, first), listening(Behaviour(**slow)) as (bad, second):
        flags = [*COMMON, "--base-url", first, "--base-url", second, "--out", str(spread)]
        build = subprocess.Popen(
            [sys.executable, "-m", "dataset_builder", *flags, "--engine", "ray", "--ray-workers", "2"],
            cwd=ROOT,
            stderr=subprocess.PIPE,
            text=True,
            env=os.environ | {"OMP_NUM_THREADS": "1"},
        )
        try:
            wait_for(lambda: bad.answered.total() > 50 or build.poll() is not None, 300)
            bad.behaviour.status = 503
            others = good.answered.total()
            wait_for(lambda: good.answered.total() > others + 100 or build.poll() is not None, 200)
            bad.behaviour.status = None
            answered = bad.answered.total()
            _, errors = build.communicate(timeout=400)
        finally:
            build.terminate()
    assert build.returncode == 0, errors
    assert "the others go on" in errors and "answers again" in errors
    assert contents(spread) == contents(local)
    # Each is used as far as it may, and the one that failed is used again.
    assert IN_FLIGHT / 2 < max(good.most_in_flight, bad.most_in_flight) <= IN_FLIGHT
    assert bad.answered.total() > answered
    # What one server has answered is not asked of the other.
    assert good.answered.total() + bad.answered.total() == len(good.answered | bad.answered)


@pytest.mark.slow
def test_what_a_cluster_cannot_do_is_one_line(tmp_path: Path) -> None:
    """Of a flag that only the actors use, and of an address where nobody is."""
    pytest.importorskip("ray")
    with listening(Behaviour(status=401)) as (_, url):
        flags = ["--writer", "endpoint", "--base-url", url, "--model", "m", "--dialect", "openai"]
        done = run_build(tmp_path, *flags, "--ray-workers", "1")
    assert done.returncode == 2
    assert "error: the server" in done.stderr and "does not accept the API key" in done.stderr
    assert "Traceback" not in done.stderr and not (tmp_path / "set").exists()
    done = run_build(tmp_path, "--ray-address", "auto")
    assert done.returncode == 2
    assert "error: --ray-address auto: no cluster can be used there" in done.stderr
    assert "Traceback" not in done.stderr
    done = run_build(tmp_path, "--ray-address", "127.0.0.1:9")
    assert done.returncode == 2
    assert "error: --ray-address 127.0.0.1:9: no cluster listens there" in done.stderr
    assert "Traceback" not in done.stderr


def run_build(folder: Path, *flags: str) -> subprocess.CompletedProcess[str]:
    command = [sys.executable, "-m", "dataset_builder", "build", "--source", "seeds:sets", "--engine", "ray"]
    return subprocess.run(
        [*command, "--out", str(folder / "set"), *flags],
        cwd=ROOT,
        capture_output=True,
        text=True,
        check=False,
        timeout=300,
    )


def state(tmp_path: Path, money: float | None = None, tokens: int | None = None) -> Any:
    pytest.importorskip("ray")
    from dualview.dataset_builder.build.distributed.shared import SharedState

    return SharedState(tmp_path / "shared.ledger.sqlite", money, tokens)


def test_a_reply_of_one_actor_is_there_for_all(tmp_path: Path) -> None:
    async def use(shared: Any) -> None:
        request = LlmRequest("judge", "who", "judge-1", (("user", "?"),), 5)
        reply = LlmReply("yes", "stop", 3, 1)
        assert await shared.find(request.key("m")) is None
        await shared.record_reply(request.key("m"), request, "m", reply, "replied")
        found = await shared.find(request.key("m"))
        assert found is not None and found.text == "yes"
        await shared.remember("fact", "value")
        assert await shared.recall("fact") == "value"
        await shared.close()

    asyncio.run(use(state(tmp_path)))


def test_what_a_lost_actor_had_set_aside_is_free_again(tmp_path: Path) -> None:
    async def use(shared: Any) -> None:
        assert await shared.begin("a") and await shared.begin("b")
        assert await shared.hold("a", 0.0, 70) == ""
        assert await shared.hold("b", 0.0, 30) == ""
        waiting = asyncio.ensure_future(shared.hold("b", 0.0, 60))
        await asyncio.sleep(0.01)
        assert not waiting.done()
        # The actor is made anew; the reply that it was waiting for never comes.
        await shared.begin("a")
        assert await waiting == ""
        await shared.settle("a", 0.0, 70, 0.0, 10)
        await shared.settle("b", 0.0, 30, 0.0, 30)
        await shared.settle("b", 0.0, 60, 0.0, 55)
        refusal = await shared.hold("b", 0.0, 6)
        assert "95 of 100 tokens" in refusal
        await shared.close()

    asyncio.run(use(state(tmp_path, tokens=100)))


def test_a_rate_holds_for_all_actors_together(tmp_path: Path) -> None:
    async def use(shared: Any) -> None:
        started = time.monotonic()
        await asyncio.gather(*(shared.wait("server", "requests", 600, 1) for _ in range(6)))
        assert 0.45 < time.monotonic() - started < 3
        await shared.close()

    asyncio.run(use(state(tmp_path)))


def test_a_missing_package_is_named(monkeypatch: pytest.MonkeyPatch) -> None:
    for name in [
        name for name in sys.modules if name.startswith("dualview.dataset_builder.build.distributed")
    ]:
        monkeypatch.delitem(sys.modules, name)
    monkeypatch.setitem(sys.modules, "ray", None)
    parser = argparse.ArgumentParser()
    engines.add_arguments(parser)
    with pytest.raises(InputError, match=r"pip install 'dualview\[scale\]'"):
        engines.make_engine(RaySettings.from_arguments(parser.parse_args(["--engine", "ray"])), (), None)
