"""Environments without the project, for examples and for other releases: ready ones, or made for the test."""

from __future__ import annotations

import os
import shutil
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

#: Pythons that have packages already, for every test whose probe they pass; the others install theirs.
READY = "DUALVIEW_CLIENTS"
#: Of a Python outside the project: its own packages alone, nothing from the network at run time.
OUTSIDE = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "PYTHONPATH": ""}


def output_of(arguments: Sequence[str | Path], requirements: Sequence[str], probe: str, folder: Path) -> str:
    """Run a program with a Python that has some packages, and return what it prints.

    :param arguments: of that Python.
    :param probe: a program that ends without an error where the packages are there.
    :param folder: where they are installed if need be; it is removed in the end.
    """
    try:
        command = [_python_with(requirements, probe, folder), *map(str, arguments)]
        run = subprocess.run(command, capture_output=True, text=True, env=outside(), check=False)
    finally:
        # Each holds a copy of PyTorch, and pytest keeps the folders of its last runs.
        shutil.rmtree(folder, ignore_errors=True)
    assert run.returncode == 0, run.stderr[-2000:]
    return run.stdout


def _python_with(requirements: Sequence[str], probe: str, folder: Path) -> str:
    for found in filter(None, os.environ.get(READY, "").split(os.pathsep)):
        run = subprocess.run([found, "-c", probe], capture_output=True, check=False, env=outside())
        if run.returncode == 0:
            return found
    subprocess.run([sys.executable, "-m", "venv", str(folder)], check=True)
    python = str(folder / "bin" / "python")
    # The version of the tests, since the packages take any. With PIP_EXTRA_INDEX_URL it is the CPU's build.
    torch_pin = f"torch=={torch.__version__.split('+')[0]}"
    install = [python, "-m", "pip", "install", "-q", "--no-cache-dir", torch_pin, *requirements]
    subprocess.run(install, check=True, env=outside())
    return python


def outside() -> dict[str, str]:
    """Return the variables of a program that must not see the project."""
    return {**os.environ, **OUTSIDE}
