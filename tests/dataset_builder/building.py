"""Builds as a user runs them, and what lies in a folder."""

from __future__ import annotations

import hashlib
from collections.abc import Callable
from pathlib import Path
from typing import Any

from dualview.dataset_builder.__main__ import main

Make = Callable[..., Any]


def build(*flags: str | Path) -> int:
    return main(["build", *map(str, flags)])


def digests(folder: Path) -> dict[str, str]:
    return {
        path.relative_to(folder).as_posix(): hashlib.sha256(path.read_bytes()).hexdigest()
        for path in sorted(folder.rglob("*"))
        if path.is_file()
    }
