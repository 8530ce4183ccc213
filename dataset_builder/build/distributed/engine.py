"""The engine ``ray``: the driver's side of a build over a cluster."""

from __future__ import annotations

import asyncio
import logging
import os
import socket
from collections.abc import Iterable, Iterator, Sequence
from contextlib import contextmanager
from itertools import islice
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.terminal import write_line
from dualview.dataset_builder.build.distributed.ray_settings import RaySettings
from dualview.dataset_builder.build.stages import CheckedItem, closers
from dualview.dataset_builder.judges.judge_protocol import AnyJudge, JudgeSettings
from dualview.dataset_builder.llm.connection import KEY_VARIABLE
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, CountingWriter, WriterSettings

# Ray reads this while it is imported: a build reports nothing to Ray's makers.
os.environ.setdefault("RAY_USAGE_STATS_ENABLED", "0")
try:
    import ray
    import ray.data
    from ray.data import ActorPoolStrategy
    from ray.exceptions import RayError
    from ray.util.scheduling_strategies import NodeAffinitySchedulingStrategy
except ImportError as error:
    raise InputError("--engine ray needs Ray; run pip install 'dualview[scale]'") from error

from dualview.dataset_builder.build.distributed.shared import SharedState
from dualview.dataset_builder.build.distributed.stage_settings import StageSettings
from dualview.dataset_builder.build.distributed.worker import StageActor, pack_items, unpack_result

#: Items of a part. An actor works on one part at a time, and all its items wait for answers together.
ITEMS_A_PART = 64
# Parts in memory at once, here and in the object store; each run of them starts new actors.
_PARTS = 256
# Requests of all actors that may wait for the shared state at once.
_MANY = 10_000


class RayEngine:
    """Runs the stages in actors of a Ray cluster."""

    def __init__(
        self, settings: RaySettings, writers: Sequence[WriterSettings], judge: JudgeSettings | None
    ) -> None:
        self._settings = settings
        self._stages = StageSettings.of(writers, judge)

    @contextmanager
    def process(
        self, placed: Iterable[PlacedItem], writers: Sequence[AnyWriter], judge: AnyJudge | None
    ) -> Iterator[Iterator[CheckedItem]]:
        """See :class:`~dualview.dataset_builder.build.engines.Engine`."""
        # The writers and the judge of this process describe themselves in card and recipe; others work.
        _close(writers, judge)
        with _cluster(self._settings.address):
            workers = self._settings.workers or max(1, int(ray.cluster_resources().get("CPU", 1)))
            stages = self._stages.shared_by(workers, writers, judge)
            state = _share_state(stages)
            try:
                yield self._stream(placed, writers, stages, state, workers)
            finally:
                if state is not None:
                    ray.get(state.close.remote())
                    ray.kill(state)

    def _stream(
        self,
        placed: Iterable[PlacedItem],
        writers: Sequence[AnyWriter],
        stages: StageSettings,
        state: Any,  # noqa: ANN401 - a handle has no type
        workers: int,
    ) -> Iterator[CheckedItem]:
        """The items in their order, part after part."""
        parts = _parts(placed)
        actor: Any = StageActor
        while rows := list(islice(parts, _PARTS)):
            dataset = ray.data.from_items(rows, override_num_blocks=len(rows)).map(
                actor,
                fn_constructor_kwargs={"stages": stages, "state": state, "key": os.environ.get(KEY_VARIABLE)},
                compute=ActorPoolStrategy(min_size=1, max_size=workers, initial_size=workers),
                num_cpus=1,
                num_gpus=self._settings.gpus,
            )
            dataset.context.execution_options.preserve_order = True
            dataset.context.enable_progress_bars = False
            dataset.context.print_on_execution_start = False
            for row in _rows(dataset):
                done, counted = unpack_result(row)
                for writer, tally in zip(writers, counted, strict=True):
                    if isinstance(writer, CountingWriter):
                        writer.add_tally(tally)
                yield from done


@contextmanager
def _cluster(address: str | None) -> Iterator[None]:
    """A cluster to work on: the one of the address, or one of our own that ends with the build."""
    if ray.is_initialized():
        yield
        return
    if address is not None:
        _must_listen(address)
    # It logs every step; errors are raised.
    logging.getLogger("ray.data").setLevel(logging.ERROR)
    try:
        ray.init(address, include_dashboard=False if address is None else None, logging_level=logging.WARNING)
    except Exception as error:  # Ray raises that, too, where a cluster does not start in time
        reason = str(error).strip().splitlines()[0]
        where = "no cluster starts on this machine" if address is None else "no cluster can be used there"
        raise InputError(f"--ray-address {address or '(none)'}: {where} ({reason})") from error
    try:
        yield
    finally:
        ray.shutdown()


def _must_listen(address: str) -> None:
    """Ray itself tries for many minutes to reach a cluster that is not there."""
    host, _, port = address.rpartition(":")
    if not host or not port.isdigit() or "/" in host:
        return
    try:
        socket.create_connection((host, int(port)), timeout=10).close()
    except (OSError, OverflowError) as error:
        raise InputError(f"--ray-address {address}: no cluster listens there ({error})") from error


def _close(writers: Sequence[AnyWriter], judge: AnyJudge | None) -> None:
    """Close what holds the ledger open, so that the shared state can open it."""

    async def close() -> None:
        for give_back in closers(writers, judge):
            await give_back()

    asyncio.run(close())


def _share_state(stages: StageSettings) -> Any:  # noqa: ANN401 - a handle has no type
    """The shared state, in an actor on this machine, where the ledger is; None where no model is asked."""
    if stages.client is None:
        return None
    here = ray.get_runtime_context().get_node_id()
    state = (
        ray.remote(SharedState)
        .options(
            num_cpus=0,
            max_concurrency=_MANY,
            scheduling_strategy=NodeAffinitySchedulingStrategy(here, soft=False),
        )
        .remote(stages.ledger, stages.client.budget, stages.client.budget_tokens)
    )
    return state


def _parts(placed: Iterable[PlacedItem]) -> Iterator[dict[str, Any]]:
    """The items in parts, each a row."""
    remaining = iter(placed)
    while items := list(islice(remaining, ITEMS_A_PART)):
        yield pack_items(items)


def _rows(dataset: ray.data.Dataset) -> Iterator[dict[str, Any]]:
    try:
        yield from dataset.iter_rows()
    except RayError as error:
        for line in str(error).splitlines():
            write_line(line)
        raise InputError("the cluster stopped; its own message is above") from error
