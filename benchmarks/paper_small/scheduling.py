"""Running what is left, some models at a time, each in a process of its own that frees its memory."""

from __future__ import annotations

import logging
import os
import subprocess
import sys
import time
from collections.abc import Callable, Sequence
from concurrent.futures import ThreadPoolExecutor, as_completed
from pathlib import Path

from benchmarks.paper_small.jobs import Job

logger = logging.getLogger("dualview.paper_small")

_QUIET = {
    "HF_HUB_OFFLINE": "1",
    "HF_DATASETS_DISABLE_PROGRESS_BARS": "1",
    "TOKENIZERS_PARALLELISM": "false",
}


def run_all(
    left: Sequence[Sequence[Job]], command: Callable[[Sequence[Job]], list[str]], logs: Path, processes: int
) -> int:
    """Run jobs, those of one trained model after each other in one process.

    :param command: what runs some jobs.
    :param logs: the folder for what the processes say.
    :param processes: how many run at a time; the cores are shared out between them.
    :return: how many processes failed; what they said last is on standard error.
    """
    logs.mkdir(parents=True, exist_ok=True)
    began, failed = time.monotonic(), 0
    with ThreadPoolExecutor(processes) as pool:
        running = {
            pool.submit(_run, command(jobs), logs / f"{jobs[0].id}.log", processes): jobs for jobs in left
        }
        try:
            for done, future in enumerate(as_completed(running), start=1):
                code = future.result()
                minutes = (time.monotonic() - began) / 60
                logger.info(
                    "%d of %d: %s%s (%.0f min, some %.0f to go)",
                    done,
                    len(left),
                    "; ".join(map(str, running[future])),
                    f" FAILED, exit code {code}" if code else "",
                    minutes,
                    minutes / done * (len(left) - done),
                )
                failed += bool(code)
        except KeyboardInterrupt:
            pool.shutdown(wait=False, cancel_futures=True)
            raise
    return failed


def _run(command: Sequence[str], log: Path, processes: int) -> int:
    # Of the cores that this process may use, where the system tells.
    cores = len(os.sched_getaffinity(0)) if hasattr(os, "sched_getaffinity") else os.cpu_count() or 1
    threads = max(1, cores // processes)
    environment = {**os.environ, **_QUIET, "OMP_NUM_THREADS": str(threads)}
    with log.open("w", encoding="utf-8") as file:
        code = subprocess.run(
            command, env=environment, stdout=file, stderr=subprocess.STDOUT, check=False
        ).returncode
    if code:
        sys.stderr.write("".join(log.read_text(encoding="utf-8").splitlines(keepends=True)[-15:]))
    return code
