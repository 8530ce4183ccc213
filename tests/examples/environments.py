"""Environments without the project, for examples and for other releases: ready ones, or made for the test."""

from __future__ import annotations

import os
import subprocess
import sys
from collections.abc import Sequence
from pathlib import Path

import torch

#: Pythons that have packages already, for every test whose probe they pass; the others install theirs.
READY = "DUALVIEW_CLIENTS"
#: Of a Python outside the project: its own packages alone, nothing from the network at run time.
OUTSIDE = {"HF_HUB_OFFLINE": "1", "ANONYMIZED_TELEMETRY": "False", "PYTHONPATH": ""}


def python_with(requirements: Sequence[str], probe: str, folder: Path) -> str:
    """Return a Python that has some packages, after they were installed into a folder if need be.

    :param probe: a program that ends without an error where they are there.
    """
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
