"""The output folder of a training run: whose it is, what it holds, and writing into it in one step."""

from __future__ import annotations

import contextlib
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
_DEFAULTS = json.loads(json.dumps(default_settings()))


class RunFolder:
    """What a run keeps: ``model/`` once it is finished, ``checkpoints/`` until then, ``run.json``, the log.

    Two runs are the same if the settings that decide the weights and the data's fingerprint are the same;
    ``run.json`` holds both.

    :param path: the folder; it need not exist.
    :param settings: what decides the weights, from
        :meth:`dualview.trainer.settings.training.TrainingSettings.of_the_run`.
    :param fingerprint: of the data.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], fingerprint: str) -> None:
        self.path = path
        self.identity = json.loads(json.dumps({"settings": dict(settings), "fingerprint": fingerprint}))

    @property
    def model(self) -> Path:
        """The trained model; this folder is there only when it is whole."""
        return self.path / "model"

    @property
    def checkpoints(self) -> Path:
        """Where the state of the training is kept between interruptions."""
        return self.path / "checkpoints"

    @property
    def log(self) -> Path:
        """One JSON object a line: the loss with its components, and every evaluation."""
        return self.path / "log.jsonl"

    @property
    def curve(self) -> Path:
        """The picture of the loss and of the evaluations."""
        return self.path / "loss_curve.png"

    @property
    def base_embeddings(self) -> Path:
        """What the base model makes of the texts, where the training needs it."""
        return self.path / "base_embeddings"

    def is_finished(self) -> bool:
        """Say whether this very run's model is there."""
        return self.model.is_dir() and self._difference() is None

    def prepare(self, restart: bool = False) -> None:
        """Make the folder, or take over what an interrupted run left in it.

        :param restart: throw away what another run left, instead of refusing.
        :raises InputError: if the folder cannot be written, or holds another run or something else.
        """
        try:
            if self.path.exists() and not self.path.is_dir():
                raise InputError(f"{self.path}: is a file; choose a folder for --output")
            self.path.mkdir(parents=True, exist_ok=True)
            stored = self._stored()
            if stored is None and any(self.path.iterdir()):
                raise InputError(
                    f"{self.path}: not empty, and no training run made it; choose another --output"
                )
            if stored is not None and (difference := self._difference()) is not None:
                if not restart:
                    raise InputError(
                        f"{self.path}: holds a run with other settings ({difference}); "
                        "choose another --output, or add --restart to throw that run away"
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
        """Find the newest checkpoint that was written to its end, and remove the broken ones after it."""
        found = sorted(self.checkpoints.glob(f"{PREFIX_CHECKPOINT_DIR}-*"), key=_step, reverse=True)
        for checkpoint in found:
            # The trainer writes this file last.
            with contextlib.suppress(OSError, ValueError, TypeError):
                TrainerState.load_from_json(str(checkpoint / "trainer_state.json"))
                return checkpoint
            shutil.rmtree(checkpoint, ignore_errors=True)
        return None

    def add_seconds(self, seconds: float) -> float:
        """Add to the time that this run took so far, interruptions left out; return the sum in seconds."""
        stored = self._stored() or {**self.identity, "format": _FORMAT, "seconds": 0.0}
        stored["seconds"] += seconds
        self._write(stored)
        return float(stored["seconds"])

    def save_model(self, write: Callable[[Path], None]) -> Path:
        """Let ``write`` fill a folder and put it in the model's place; a reader never sees a half one."""
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
        """Name what tells the stored run from this one; None if nothing does."""
        stored = self._stored()
        if stored is None:
            return "no run"
        if stored["fingerprint"] != self.identity["fingerprint"]:
            return "the data changed"
        # A setting that did not exist yet was what its default gives.
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
        """Remove what a run wrote, and nothing else."""
        shutil.rmtree(self.model, ignore_errors=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        shutil.rmtree(self.base_embeddings, ignore_errors=True)
        for file in (self.log, self.curve, self.path / RUN_FILE):
            file.unlink(missing_ok=True)


def _step(checkpoint: Path) -> int:
    number = checkpoint.name.rpartition("-")[2]
    return int(number) if number.isdigit() else -1
