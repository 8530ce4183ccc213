"""Actors of a cluster: they take the parts of a build through writers and judge, one part after the other."""

from __future__ import annotations

import contextlib
import os
import pickle
from collections import Counter
from collections.abc import Mapping, Sequence
from typing import Any

import ray

from dualview.cards.errors import InputError
from dualview.dataset_builder.build.distributed.shared import SharedRun
from dualview.dataset_builder.build.distributed.stage_settings import StageSettings
from dualview.dataset_builder.build.stages import CheckedItem, closers, run_stages
from dualview.dataset_builder.event_loop import Waiting
from dualview.dataset_builder.llm.connection import KEY_VARIABLE
from dualview.dataset_builder.llm.setup import LlmRun
from dualview.dataset_builder.splits.plan import PlacedItem
from dualview.dataset_builder.writers.writer_protocol import CountingWriter


def pack_items(placed: Sequence[PlacedItem]) -> dict[str, Any]:
    """A part of a build as a row of a Ray dataset."""
    return {"items": pickle.dumps(placed)}


def unpack_result(row: Mapping[str, Any]) -> tuple[list[CheckedItem], list[Counter[str]]]:
    """The result of a part, and the counts of its writers.

    :raises InputError: if the actor met an input error.
    """
    if row["error"]:
        raise InputError(row["error"])
    done: tuple[list[CheckedItem], list[Counter[str]]] = pickle.loads(row["done"])  # noqa: S301 - from our own processes
    return done


class StageActor:
    """Takes parts through the stages; Ray Data starts several of them, and starts one again when it is lost.

    :param stages: settings of the writers and the judge.
    :param state: the actor that holds ledger, budget and rates; None where no language model is asked.
    :param key: the API key of the server that is asked, as the driver's environment has it.
    """

    def __init__(self, stages: StageSettings, state: Any, key: str | None) -> None:  # noqa: ANN401
        self._waiting = Waiting().__enter__()
        self._problem = ""
        if key:
            os.environ[KEY_VARIABLE] = key
        if stages.ledger is not None:
            LlmRun.lend(stages.ledger, SharedRun(state, str(ray.get_runtime_context().get_actor_id())))
        try:
            self._writers = [writer.make() for writer in stages.writers]
            self._judge = None if stages.judge is None else stages.judge.make()
        except InputError as error:
            # Ray would report an actor that cannot start; so the driver gets it with the first part.
            self._problem = str(error)
            return
        self._waiting.close_at_end(*closers(self._writers, self._judge))

    def __call__(self, row: dict[str, Any]) -> dict[str, Any]:
        """Take one part through the stages."""
        if self._problem:
            return {"done": b"", "error": self._problem}
        before = self._tallies()
        try:
            done = list(run_stages(pickle.loads(row["items"]), self._writers, self._judge, self._waiting))  # noqa: S301 - from our own processes
        except InputError as error:
            return {"done": b"", "error": str(error)}
        counted = [now - then for now, then in zip(self._tallies(), before, strict=True)]
        return {"done": pickle.dumps((done, counted)), "error": ""}

    def __del__(self) -> None:
        """Give back connections; Ray Data drops the object before it ends the actor."""
        with contextlib.suppress(Exception):
            self._waiting.__exit__()

    def _tallies(self) -> list[Counter[str]]:
        return [
            writer.tally() if isinstance(writer, CountingWriter) else Counter() for writer in self._writers
        ]
