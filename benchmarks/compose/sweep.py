"""Running configurations, several at a time on one device, and keeping what they give."""

from __future__ import annotations

import json
import multiprocessing
import queue
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

import torch

from benchmarks.compose.configurations import Configuration
from benchmarks.compose.evaluation import composed_vectors, evaluate, joined_vectors
from benchmarks.compose.scene import Scene, make_scene
from benchmarks.compose.table import heading, line_of
from benchmarks.compose.training import train

if TYPE_CHECKING:
    from multiprocessing.queues import Queue

# Compositions of the base without training: how much is subtracted, and if only its orthogonal part is.
_COMPOSED = tuple((alpha, orthogonal) for orthogonal in (False, True) for alpha in (0.2, 0.4, 0.8, 1.0))
# How the composed figures of a trained model are made, beside its own.
_TRAINED_COMPOSED = (0.2, False)


@dataclass(frozen=True)
class Setup:
    """What all processes of a sweep are given.

    :param deadline: seconds of ``time.time()`` after which nothing new is started.
    :param test: measure the test parts instead of validation.
    :param small: see :func:`benchmarks.compose.scene.make_scene`.
    """

    data: Path
    model: Path
    device: str
    deadline: float
    test: bool
    small: int
    threads: int
    bf16: bool = False


def baselines(scene: Scene) -> Iterator[dict[str, Any]]:
    """Measure the base, joined and composed."""
    ways = [("base joined", joined_vectors(scene, scene.base))]
    ways.append(("base, excluded clause dropped", composed_vectors(scene, scene.base, 0.0, False)))
    for alpha, orthogonal in _COMPOSED:
        name = f"base composed {alpha}{' orthogonal' if orthogonal else ''}"
        ways.append((name, composed_vectors(scene, scene.base, alpha, orthogonal)))
    for name, vectors in ways:
        start = time.perf_counter()
        result = {"name": name, **evaluate(scene, vectors)}
        yield {**result, "seconds": round(time.perf_counter() - start, 1)}


def run_one(scene: Scene, settings: Configuration, test: bool) -> Iterator[dict[str, Any]]:
    """Train and measure a configuration; with ``test`` composed by the rule as well."""
    start = time.perf_counter()
    encoder, terms = train(scene, settings)
    trained = time.perf_counter() - start
    passages = encoder if settings.both_sides else None
    known = {"settings": asdict(settings), "terms": terms, "training_seconds": round(trained, 1)}
    result = {"name": settings.name, **evaluate(scene, joined_vectors(scene, encoder), passages), **known}
    yield {**result, "seconds": round(time.perf_counter() - start, 1)}
    if settings.both_sides:
        apart = evaluate(scene, joined_vectors(scene, encoder))
        yield {"name": f"{settings.name}, base's passages", **apart, "seconds": 0.0}
    if test:
        composed = evaluate(scene, composed_vectors(scene, encoder, *_TRAINED_COMPOSED), passages)
        yield {"name": f"{settings.name}, composed 0.2", **composed, "seconds": 0.0}


def _results(scene: Scene, settings: Configuration | None, test: bool) -> Iterator[dict[str, Any]]:
    """One that fails must not end the others: the error becomes its result."""
    try:
        yield from baselines(scene) if settings is None else run_one(scene, settings, test)
    except Exception as error:
        name = settings.name if settings else "baselines"
        yield {"name": name, "error": f"{type(error).__name__}: {error}".splitlines()[0][:300]}


def _worker(setup: Setup, waiting: Queue[Configuration | None], finished: Queue[Any]) -> None:
    torch.set_num_threads(setup.threads)
    torch.set_float32_matmul_precision("high")
    start = time.perf_counter()
    scene = make_scene(
        setup.data,
        setup.model,
        torch.device(setup.device),
        "test" if setup.test else "validation",
        setup.small,
        setup.bf16,
    )
    finished.put(f"texts ready after {time.perf_counter() - start:.1f} s")
    while time.time() < setup.deadline:
        try:
            settings = waiting.get(timeout=1)
        except queue.Empty:
            break
        for result in _results(scene, settings, setup.test):
            finished.put(result)
    finished.put(None)


def sweep(
    setup: Setup, configurations: Sequence[Configuration], out: Path, workers: int, base: bool = True
) -> None:
    """Run what is not done yet and write each result as it comes.

    :param base: measure the base too, joined and composed.
    :param out: folder of ``results.jsonl`` (with the test parts: ``test.jsonl``).
    :param workers: processes beside each other on the device.
    """
    out.mkdir(parents=True, exist_ok=True)
    path = out / ("test.jsonl" if setup.test else "results.jsonl")
    done = finished_names(path)
    context = multiprocessing.get_context("spawn")
    waiting, finished = context.Queue(), context.Queue()
    if base and "base joined" not in done:
        waiting.put(None)
    for settings in configurations:
        if settings.name not in done:
            waiting.put(settings)
    say(heading())
    processes = [
        context.Process(target=_worker, args=(setup, waiting, finished), daemon=True) for _ in range(workers)
    ]
    for process in processes:
        process.start()
    running = workers
    with path.open("a", encoding="utf-8") as results:
        while running:
            try:
                message = finished.get(timeout=5)
            except queue.Empty:
                if not any(process.is_alive() for process in processes):
                    break
                continue
            if message is None:
                running -= 1
            elif isinstance(message, str):
                say(message)
            else:
                results.write(json.dumps(message) + "\n")
                results.flush()
                say(line_of(message))
    # What is left there was not started in time.
    waiting.cancel_join_thread()
    for process in processes:
        process.join(timeout=10)
    waiting.close()
    finished.close()


def finished_names(path: Path) -> set[str]:
    """Names of the configurations in a file of results; failed ones are tried again."""
    if not path.is_file():
        return set()
    results = [json.loads(line) for line in path.read_text(encoding="utf-8").splitlines()]
    return {result["name"] for result in results if "error" not in result}


def say(text: str) -> None:
    """Write a line at once."""
    sys.stdout.write(text + "\n")
    sys.stdout.flush()
