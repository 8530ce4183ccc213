"""Output folder of a training run: its identity, its files, and writing to it in one step."""

from __future__ import annotations

import contextlib
import errno
import json
import os
import shutil
from collections.abc import Callable, Mapping
from pathlib import Path
from typing import Any

from transformers.trainer_callback import TrainerState
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from dualview.cards.errors import InputError
from dualview.trainer.settings.training import default_settings

RUN_FILE = "run.json"
_FORMAT = 1
_OUT_OF_SPACE = {errno.ENOSPC, errno.EDQUOT, errno.EFBIG}
# torch and safetensors write through code of their own, which reports in words.
_OUT_OF_SPACE_WORDS = (
    "no space left on device",
    "disk quota exceeded",
    "file too large",
    "file write failed",
    "failed writing file",
)
_DEFAULTS = json.loads(json.dumps(default_settings()))


class RunFolder:
    """Files of a run: ``model/`` once it is finished, ``checkpoints/`` until then, ``run.json``, the log.

    Two runs are the same if the settings that decide the weights and the data's fingerprint are the same;
    ``run.json`` holds both.

    :param path: the folder; it need not exist.
    :param settings: those that decide the weights, from
        :meth:`dualview.trainer.settings.training.TrainingSettings.of_the_run`.
    :param fingerprint: of the data.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], fingerprint: str) -> None:
        self.path = path
        self.identity = json.loads(json.dumps({"settings": dict(settings), "fingerprint": fingerprint}))

    @property
    def model(self) -> Path:
        """The trained model; this folder exists only once it is complete."""
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        """States of the training, to go on from after an interruption."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """JSON lines: the loss with its components, and every evaluation."""
        return self.path / "log.jsonl"

    @property
    def curve(self) -> Path:
        """Plot of the loss and the evaluations."""
        return self.path / "loss_curve.png"

    @property
    def base_embeddings(self) -> Path:
        """The base model's vectors of the texts, where the training needs them."""
        return self.path / "base_embeddings"

    def is_finished(self) -> bool:
        """Return whether this run's model is complete."""
        return self.model.is_dir() and self._difference() is None

    def prepare(self, restart: bool = False) -> None:
        """Make the folder, or take over what an interrupted run left in it.

        :param restart: delete what another run left, instead of refusing.
        :raises InputError: if the folder cannot be written, or has another run or other files in it.
        """
        try:
            if self.path.exists() and not self.path.is_dir():
                raise InputError(f"{self.path}: is a file; choose a folder for --out")
            self.path.mkdir(parents=True, exist_ok=True)
            stored = self._stored()
            if stored is None and any(self.path.iterdir()):
                raise InputError(f"{self.path}: not empty, and no training run made it; choose another --out")
            if stored is not None and (difference := self._difference()) is not None:
                if not restart:
                    raise InputError(
                        f"{self.path}: holds a run with other settings ({difference}); "
                        "choose another --out, or add --restart to delete that run"
                    )
                self._clear()
                stored = None
            if stored is None:
                self._write({**self.identity, "format": _FORMAT, "seconds": 0.0})
        except OSError as error:
            raise InputError(
                f"{self.path}: cannot be written ({error.strerror}); choose a folder you may write to"
            ) from error

    def last_checkpoint(self) -> Path | None:
        """Find the newest complete checkpoint, and remove incomplete ones after it."""
        found = sorted(self.checkpoints.glob(f"{PREFIX_CHECKPOINT_DIR}-*"), key=_step, reverse=True)
        for checkpoint in found:
            # The trainer writes this file last.
            with contextlib.suppress(OSError, ValueError, TypeError):
                TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
                return checkpoint
            shutil.rmtree(checkpoint, ignore_errors=True)
        return None

    def add_seconds(self, seconds: float) -> float:
        """Add to the time that the run has taken, without interruptions; return the sum in seconds."""
        stored = self._stored() or {**self.identity, "format": _FORMAT, "seconds": 0.0}
        stored["seconds"] += seconds
        self._write(stored)
        return float(stored["seconds"])

    def save_model(self, write: Callable[[Path], None]) -> Path:
        """Let ``write`` fill a folder, then rename it to the model's: readers never see a part of one."""
        beside = self.path / f".model-{os.getpid()}"
        shutil.rmtree(beside, ignore_errors=True)
        try:
            beside.mkdir(parents=True)
            write(beside)
            if self.model.exists():
                shutil.rmtree(self.model)
            beside.replace(self.model)
        finally:
            shutil.rmtree(beside, ignore_errors=True)
        return self.model

    def _difference(self) -> str | None:
        """Name a difference between the stored run and this one; None if they are the same."""
        stored = self._stored()
        if stored is None:
            return "no run"
        if stored["fingerprint"] != self.identity["fingerprint"]:
            return "the data changed"
        # A setting that is newer than the stored run had its default's effect.
        before, now = {**_DEFAULTS, **stored["settings"]}, {**_DEFAULTS, **self.identity["settings"]}
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                return f"{name} was {before.get(name)!r}, is {now.get(name)!r}"
        return None

    def _stored(self) -> dict[str, Any] | None:
        try:
            stored = json.loads((self.path / RUN_FILE).read_text(encoding="utf-8"))
            if isinstance(stored["settings"], dict) and isinstance(stored["seconds"], float):
                return stored if "fingerprint" in stored else None
        except (FileNotFoundError, NotADirectoryError, ValueError, KeyError, TypeError):
            pass
        return None

    def _write(self, stored: dict[str, Any]) -> None:
        beside = self.path / f".{RUN_FILE}.{os.getpid()}"
        beside.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
        beside.replace(self.path / RUN_FILE)

    def _clear(self) -> None:
        """Remove the files that a run wrote, and no others."""
        shutil.rmtree(self.model, ignore_errors=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        shutil.rmtree(self.base_embeddings, ignore_errors=True)
        for file in (self.log, self.curve, self.path / RUN_FILE):
            file.unlink(missing_ok=True)


def is_out_of_space(error: BaseException | None) -> bool:
    """Return whether an error, or its cause, is a full disk, in one of the ways that libraries report it."""
    seen: set[int] = set()
    while error is not None and id(error) not in seen:
        seen.add(id(error))
        if isinstance(error, OSError) and error.errno in _OUT_OF_SPACE:
            return True
        if any(words in str(error).lower() for words in _OUT_OF_SPACE_WORDS):
            return True
        error = error.__cause__ or error.__context__
    return False


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
