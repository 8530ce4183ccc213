"""A build in a process of its own, which a test may kill."""

from __future__ import annotations

import multiprocessing
import sys
from collections.abc import Sequence
from multiprocessing.process import BaseProcess
from pathlib import Path

from dualview.dataset_builder.__main__ import main


def start_build(arguments: Sequence[str], log: Path) -> BaseProcess:
    """Start ``python -m dataset_builder ARGUMENTS``; what it says goes to a file.

    The process is forked from a server that has imported everything: only the first one waits for that.
    """
    context = multiprocessing.get_context("forkserver")
    context.set_forkserver_preload(
        [
            "dualview.dataset_builder.build.command",
            "dualview.dataset_builder.llm.setup",
            "tests.dataset_builder.llm_server.building",
        ]
    )
    process = context.Process(target=_build, args=(list(arguments), log), daemon=True)
    process.start()
    return process


def _build(arguments: list[str], log: Path) -> None:
    sys.stderr = log.open("a", encoding="utf-8")
    sys.exit(main(arguments))
