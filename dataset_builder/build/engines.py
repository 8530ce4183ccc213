"""Where the stages of a build run: in this process, or on a cluster."""

from __future__ import annotations

import argparse
from collections.abc import Iterable, Iterator, Sequence
from contextlib import AbstractContextManager, contextmanager
from typing import Protocol

from dualview.dataset_builder.build.stages import CheckedItem, run_stages
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.judges.judge_protocol import AnyJudge, AsyncPairJudge
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.writer_protocol import AnyWriter, AsyncPairWriter

ENGINES = ("local", "ray")


class Engine(Protocol):
    """What takes items through writing, rules and judging."""

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
            for part in (*writers, judge):
                if isinstance(part, (AsyncPairWriter, AsyncPairJudge)):
                    waiting.close_at_end(part.close)
            yield run_stages(placed, writers, judge, waiting)


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add where the stages run."""
    group = parser.add_argument_group("engine")
    group.add_argument(
        "--engine",
        choices=ENGINES,
        default=ENGINES[0],
        help="'ray' spreads writing, rules and judging over a Ray cluster; it needs dualview[scale] "
        "(default: %(default)s)",
    )
    group.add_argument(
        "--ray-address",
        metavar="ADDRESS",
        help="of a cluster that is there, such as 'auto' (default: one on this machine, for this build)",
    )
    group.add_argument(
        "--ray-workers",
        type=_positive,
        metavar="N",
        help="actors that hold a writer and a judge; --concurrency is shared among them (default: one a CPU)",
    )
    group.add_argument(
        "--ray-gpus",
        type=float,
        default=0.0,
        metavar="N",
        help="GPUs of each actor, for a judge that is a CrossEncoder (default: %(default)g)",
    )


def make_engine(args: argparse.Namespace) -> Engine:
    """The engine of a build.

    :raises InputError: if Ray is asked for and not there.
    """
    if args.engine == "local":
        return LocalEngine()
    from dualview.dataset_builder.build.distributed.engine import RayEngine

    return RayEngine(args)


def _positive(text: str) -> int:
    number = int(text)
    if number < 1:
        raise argparse.ArgumentTypeError(f"'{text}' is not a whole number above 0")
    return number
