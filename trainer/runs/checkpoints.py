"""Checkpoints of a run: checksums of their files, and the newest one that is whole."""

from __future__ import annotations

import hashlib
import json
import logging
import shutil
from pathlib import Path

from transformers.trainer_callback import TrainerState
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

logger = logging.getLogger("dualview.train")

#: File with the checksum of every other file of a checkpoint; it is written last.
CHECKSUMS = "checksums.json"
_STATE = "trainer_state.json"


def write_checksums(checkpoint: Path) -> None:
    """Write the checksums of a checkpoint's files, once all are written."""
    sums = {
        path.relative_to(checkpoint).as_posix(): _checksum(path)
        for path in sorted(checkpoint.rglob("*"))
        if path.is_file() and path.name != CHECKSUMS
    }
    beside = checkpoint / f".{CHECKSUMS}"
    beside.write_text(json.dumps(sums, indent=2) + "\n", encoding="utf-8")
    beside.replace(checkpoint / CHECKSUMS)


def find_fault(checkpoint: Path, needs_checksums: bool = True) -> str:
    """Name what is wrong with a checkpoint; empty if it is whole.

    :param needs_checksums: False for the checkpoints of a run that an earlier release began.
    """
    try:
        sums = json.loads((checkpoint / CHECKSUMS).read_text(encoding="utf-8"))
        for name, wanted in sums.items():
            path = checkpoint / name
            if not path.is_file():
                return f"{name} is missing"
            if _checksum(path) != wanted:
                return f"{name} is damaged"
    except FileNotFoundError:
        if needs_checksums:
            return f"{CHECKSUMS} is missing: it was not written to the end"
    except (OSError, ValueError, TypeError, AttributeError):
        return f"{CHECKSUMS} is damaged"
    try:
        TrainerState.load_from_json(str(checkpoint / _STATE))
    except (OSError, ValueError, TypeError):
        return f"{_STATE} is missing or damaged"
    return ""


def newest_whole_checkpoint(folder: Path, needs_checksums: bool = True) -> Path | None:
    """Find the newest checkpoint from which the training can go on as if it had not stopped.

    It is whole, and so is the best checkpoint until then, from which the trained model may be taken. Newer
    ones are named and removed: the training writes them again.

    :param folder: has the checkpoints of the run.
    :param needs_checksums: see :func:`find_fault`.
    """
    for checkpoint in sorted(folder.glob(f"{PREFIX_CHECKPOINT_DIR}-*"), key=_step, reverse=True):
        fault = find_fault(checkpoint, needs_checksums)
        if not fault and (best := best_checkpoint(checkpoint)) not in (None, checkpoint):
            fault = find_fault(best, needs_checksums)
            fault = fault and f"its best checkpoint so far is {best.name}, and there {fault}"
        if not fault:
            return checkpoint
        logger.warning("%s: %s; going on from what is before it", checkpoint, fault)
        shutil.rmtree(checkpoint, ignore_errors=True)
    return None


def best_checkpoint(checkpoint: Path) -> Path | None:
    """Return the best checkpoint of a run until a checkpoint, in the same folder, wherever that was moved."""
    best = TrainerState.load_from_json(str(checkpoint / _STATE)).best_model_checkpoint
    return checkpoint.with_name(Path(best).name) if best else None


def _checksum(path: Path) -> str:
    with path.open("rb") as file:
        return hashlib.file_digest(file, lambda: hashlib.blake2b(digest_size=16)).hexdigest()


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
