"""Engines run the stages of a build: in this process, or on a Ray cluster."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from dualview.dataset_builder.build.distributed.ray_settings import RaySettings
from dualview.dataset_builder.build.stages import CheckedItem, closers, run_stages
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.judge_protocol import AnyJudge, JudgeSettings
from dualview.dataset_builder.number_types import positive_int
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, WriterSettings

ENGINES = ("local", "ray")


class Engine(Protocol):
    """Takes items through writing, rules and judging."""

    def process(
        self, placed: Iterable[PlacedItem], writers: Sequence[AnyWriter], judge: AnyJudge | None
    ) -> AbstractContextManager[Iterator[CheckedItem]]:
        """The items in their order, as they are done; writers and judge are closed at the end."""
        ...


class LocalEngine:
    """One process and one event loop."""

    @contextmanager
    def process(
        self, placed: Iterable[PlacedItem], writers: Sequence[AnyWriter], judge: AnyJudge | None
    ) -> Iterator[Iterator[CheckedItem]]:
        """See :class:`Engine`."""
        with Waiting() as waiting:
            waiting.close_at_end(*closers(writers, judge))
            yield run_stages(placed, writers, judge, waiting)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the engine and its settings to a command."""
    group = parser.add_argument_group("engine")
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default=ENGINES[0],
        help="'local' for this process; 'ray' for a Ray cluster, which needs dualview[scale] "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="address of a running cluster, such as 'auto' (default: start one on this machine)",
    )
    group.add_argument(
        "--ray-workers",
        type=positive_int,
        metavar="N",
        help="number of worker processes, which share --concurrency among them (default: one for each CPU)",
    )
    group.add_argument(
        "--ray-gpus",
        type=float,
        default=0.0,
        metavar="N",
        help="GPUs of each worker, for a judge that is a CrossEncoder (default: %(default)g)",
    )


def make_engine(
    ray: RaySettings | None, writers: Sequence[WriterSettings], judge: JudgeSettings | None
) -> Engine:
    """The engine of a build.

    :param ray: settings of a cluster; None for this process.
    :param writers: settings of the writers and of the judge, which a cluster makes on each machine.
    :raises InputError: if Ray is asked for and not installed.
    """
    if ray is None:
        return LocalEngine()
    from dualview.dataset_builder.build.distributed.engine import RayEngine

    return RayEngine(ray, writers, judge)
