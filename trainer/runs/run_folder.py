"""Output folder of a training run: its identity, its files, and writing to it in one step."""

from __future__ import annotations

import contextlib
import json
import logging
import os
import shutil
from collections.abc import Callable, Iterator, Mapping
from pathlib import Path
from typing import Any

from filelock import FileLock, Timeout

from dualview.cards.errors import InputError
from dualview.trainer.runs.checkpoints import newest_whole_checkpoint
from dualview.trainer.settings.training import default_settings

logger = logging.getLogger("dualview.train")

RUN_FILE = "run.json"
# 2: its checkpoints have checksums.
_FORMAT = 2
_LOCK_FILE = ".lock"
# Names of what a start that was killed may leave before there is a run.
_LEFT_OVER = (_LOCK_FILE, f".{RUN_FILE}.*")
# What names the base model; its hash counts where there is one.
_BASE_SETTINGS = ("model", "model_revision")
_DEFAULTS = json.loads(json.dumps(default_settings()))


class RunFolder:
    """Files of a run: ``model/`` once it is finished, ``checkpoints/`` until then, ``run.json``, the log.

    Two runs are the same if the settings that decide the weights, the base model and the data's fingerprint
    are the same; ``run.json`` holds all three.

    :param path: the folder; it need not exist.
    :param settings: those that decide the weights, from
        :meth:`dualview.trainer.settings.training.TrainingSettings.of_the_run`.
    :param fingerprint: of the data.
    :param base: hash of the base model, from :func:`dualview.trainer.runs.base_model.base_key`; it counts
        instead of the model's name, so that a copy elsewhere is the same and another model in its place is
        not.
    """

    def __init__(self, path: Path, settings: Mapping[str, Any], fingerprint: str, base: str = "") -> None:
        self.path = path
        identity = {"settings": dict(settings), "fingerprint": fingerprint, "base": base}
        self.identity = json.loads(json.dumps(identity))

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

    @contextlib.contextmanager
    def reserved(self, restart: bool = False) -> Iterator[None]:
        """Prepare the folder and keep other trainings out of it until the end of the block.

        :param restart: see :meth:`prepare`.
        :raises InputError: see :meth:`prepare`, or if another training has the folder.
        """
        with self._errors_in_a_line():
            self._make()
        lock = FileLock(self.path / _LOCK_FILE, timeout=0)
        try:
            with self._errors_in_a_line():
                lock.acquire()
        except Timeout as error:
            raise InputError(
                f"{self.path}: another training is writing to it; wait for its end, or choose another --out"
            ) from error
        except NotImplementedError:
            logger.warning("%s: this file system has no locks; start no second training on it", self.path)
        try:
            self.prepare(restart)
            yield
        finally:
            lock.release()

    def prepare(self, restart: bool = False) -> None:
        """Make the folder, or take over what an interrupted run left in it.

        :param restart: delete what another run left, instead of refusing.
        :raises InputError: if the folder cannot be written, or has another run or other files in it.
        """
        with self._errors_in_a_line():
            self._make()
            stored = self._stored()
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

    def _make(self) -> None:
        """Make the folder; refuse one with files of others."""
        if self.path.exists() and not self.path.is_dir():
            raise InputError(f"{self.path}: is a file; choose a folder for --out")
        self.path.mkdir(parents=True, exist_ok=True)
        if self._stored() is None:
            left_over = {path for pattern in _LEFT_OVER for path in self.path.glob(pattern)}
            if set(self.path.iterdir()) - left_over:
                raise InputError(f"{self.path}: not empty, and no training run made it; choose another --out")

    @contextlib.contextmanager
    def _errors_in_a_line(self) -> Iterator[None]:
        try:
            yield
        except OSError as error:
            if isinstance(error, Timeout):
                raise
            raise InputError(
                f"{self.path}: cannot be written ({error.strerror}); choose a folder you may write to"
            ) from error

    def last_checkpoint(self) -> Path | None:
        """Find the newest checkpoint to go on from; see :mod:`dualview.trainer.runs.checkpoints`."""
        stored = self._stored() or {}
        return newest_whole_checkpoint(self.checkpoints, stored.get("format", _FORMAT) >= _FORMAT)

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
        bases = stored.get("base", ""), self.identity["base"]
        if all(bases):  # an earlier release stored none
            for settings in (before, now) if bases[0] == bases[1] else ():
                settings.update(dict.fromkeys(_BASE_SETTINGS))
        for name in sorted(before.keys() | now.keys()):
            if before.get(name) != now.get(name):
                return f"{name} was {before.get(name)!r}, is {now.get(name)!r}"
        if all(bases) and bases[0] != bases[1]:
            return "the base model changed"
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
        try:
            beside.write_text(json.dumps(stored, indent=2) + "\n", encoding="utf-8")
            beside.replace(self.path / RUN_FILE)
        finally:
            beside.unlink(missing_ok=True)

    def _clear(self) -> None:
        """Remove the files that a run wrote, and no others."""
        shutil.rmtree(self.model, ignore_errors=True)
        shutil.rmtree(self.checkpoints, ignore_errors=True)
        shutil.rmtree(self.base_embeddings, ignore_errors=True)
        for file in (self.log, self.curve, self.path / RUN_FILE):
            file.unlink(missing_ok=True)
