"""Publishing of checkpoints on the Hub during a training.

Design:

- Only the main process publishes, in a thread: no other process waits at a barrier for an upload.
- Each checkpoint is copied first (large files as hard links), so that the trainer may delete its own.
  Checkpoints are published in the order in which they were saved, each as one commit.
- No error on the way to the Hub ends a training. It is logged, the copy is kept, and the next save and the
  end of the training try again.
"""

from __future__ import annotations

import logging
import os
import shutil
import threading
from collections.abc import Callable
from dataclasses import dataclass, field, replace
from pathlib import Path

from huggingface_hub.utils import disable_progress_bars
from transformers import TrainerCallback, TrainerControl, TrainerState, TrainingArguments
from transformers.trainer_utils import PREFIX_CHECKPOINT_DIR

from dualview.cards.errors import HubError, InputError
from dualview.cards.hub.errors import is_transient
from dualview.cards.hub.model_layout import select_model_files
from dualview.cards.hub.model_upload import model_upload, query_upload
from dualview.cards.hub.publish import publish, reserve
from dualview.cards.hub.repo import HubRepo
from dualview.cards.hub.retries import Patience
from dualview.cards.hub.upload import PublishOptions

logger = logging.getLogger("dualview.train")

BEST_TAG = "best"
# Seconds and tries while the training goes on: the next save tries again.
WHILE_TRAINING = Patience(tries=4, total=60.0)
# Checkpoints that wait for the Hub; older ones are dropped for newer ones.
WAITING = 3
_LINKED_FROM = 1_000_000  # bytes; smaller files are copied, as cards and configurations are changed

Describe = Callable[[Path, str], None]


@dataclass(frozen=True)
class Staged:
    """Copy of a checkpoint that waits to be published.

    :param title: of the commit.
    :param best: whether it was the best when it was saved.
    """

    folder: Path
    title: str
    best: bool


def check_hub(repo_id: str, public: bool, assume_yes: bool) -> None:
    """Check before a training that the Hub takes the model, and ask before it becomes public.

    :raises InputError: if it does not. A Hub that is busy or offline has time until the first save.
    """
    repo = HubRepo(repo_id, "model", logger.warning, replace(WHILE_TRAINING, tries=2))
    options = PublishOptions(public=public, assume_yes=assume_yes, patience=repo.patience)
    try:
        reserve(repo, options)
    except HubError as error:
        if not is_transient(error):
            raise InputError(str(error)) from error
        _warn(error)


@dataclass(eq=False)
class CheckpointPusher(TrainerCallback):
    """Publishes every checkpoint that is saved, and the trained model.

    :param staging: folder for the copies, on the disk of the checkpoints.
    :param public: make the model public.
    :param describe: writes the card into a folder, given a sentence on the state of the training in it.
    :param patience: with the Hub during the training; ``patience_in_the_end`` after it.
    """

    repo_id: str
    staging: Path
    public: bool = False
    describe: Describe = lambda folder, note: None
    patience: Patience = WHILE_TRAINING
    patience_in_the_end: Patience = field(default_factory=Patience)
    _waiting: list[Staged] = field(default_factory=list)
    _lock: threading.Lock = field(default_factory=threading.Lock)
    _thread: threading.Thread | None = None

    def on_train_begin(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Remove copies that a killed run left: its checkpoints have the same."""
        if state.is_world_process_zero:
            shutil.rmtree(self.staging, ignore_errors=True)
            disable_progress_bars()  # they would interrupt the lines of the log

    def on_save(
        self, args: TrainingArguments, state: TrainerState, control: TrainerControl, **kwargs: object
    ) -> None:
        """Copy the checkpoint and publish what waits."""
        if not state.is_world_process_zero:
            return
        checkpoint = Path(str(args.output_dir), f"{PREFIX_CHECKPOINT_DIR}-{state.global_step}")
        if (checkpoint / "adapter_config.json").exists():
            logger.info("step %d: adapters are not published; the merged model will be", state.global_step)
            return
        best = state.best_global_step == state.global_step
        title = f"Checkpoint of step {state.global_step} of {state.max_steps}"
        self._stage(checkpoint, title + (", the best so far" if best else ""), best, describe=True)
        self._start()

    def finish(self, model: Path) -> bool:
        """Publish what waits and the trained model; return whether all is published.

        :param model: the folder of the trained model, with its card.
        """
        if self._thread is not None:
            self._thread.join()
        self._stage(model, "Trained model", best=False, describe=False)
        self.patience = self.patience_in_the_end
        self._publish_waiting()
        done = not self._waiting and self._publish_query_side(model)
        if not done:
            logger.warning(
                "the model could not be published; try: dualview publish model %s --repo-id %s%s",
                model,
                self.repo_id,
                " --public" if self.public else "",
            )
        shutil.rmtree(self.staging, ignore_errors=True)
        return done

    def _publish_query_side(self, model: Path) -> bool:
        """Publish the query side, where there is one, to its own repository; return False if that failed."""
        try:
            upload = query_upload(model, self.repo_id)
            if upload is not None:
                options = PublishOptions("Query side", self.public, assume_yes=True, patience=self.patience)
                done = publish(upload, options, logger.debug)
                logger.info("Query side: %s/commit/%s", done.url, done.commit)
        except Exception as error:  # no error may end the training here
            _warn(error)
            return False
        return True

    def _stage(self, source: Path, title: str, best: bool, describe: bool) -> None:
        folder = self.staging / source.name
        try:
            shutil.rmtree(folder, ignore_errors=True)
            for file in select_model_files(source).files:
                assert isinstance(file.source, Path)
                target = folder / file.path
                target.parent.mkdir(parents=True, exist_ok=True)
                _link_or_copy(file.source, target)
            if describe:
                self.describe(folder, f"{title}; the finished model follows when the training has ended.")
        except Exception as error:  # no error may end the training here
            _warn(error)
            return
        with self._lock:
            self._waiting.append(Staged(folder, title, best))
            while len(self._waiting) > WAITING:
                # Neither the first, which may be in an upload now, nor the last.
                between = self._waiting[1:-1]
                dropped = next((other for other in between if not other.best), between[0])
                self._waiting.remove(dropped)
                logger.warning("%s is not published, as newer ones wait", dropped.title)
                shutil.rmtree(dropped.folder, ignore_errors=True)

    def _start(self) -> None:
        if self._thread is None or not self._thread.is_alive():
            self._thread = threading.Thread(target=self._publish_waiting, name="push", daemon=True)
            self._thread.start()

    def _publish_waiting(self) -> None:
        """Publish in order until nothing waits or one fails."""
        while self._waiting:
            staged = self._waiting[0]
            try:
                self._publish(staged)
            except Exception as error:  # no error may end the training here
                _warn(error)
                return
            with self._lock:
                self._waiting.remove(staged)
            shutil.rmtree(staged.folder, ignore_errors=True)

    def _publish(self, staged: Staged) -> None:
        upload = model_upload(staged.folder, self.repo_id)
        options = PublishOptions(staged.title, self.public, assume_yes=True, patience=self.patience)
        done = publish(upload, options, logger.debug)
        if staged.best:
            repo = HubRepo(self.repo_id, "model", logger.debug, self.patience)
            repo.set_tag(BEST_TAG, done.commit, move=True)
        logger.info("%s: %s/commit/%s", staged.title, done.url, done.commit)


def _warn(error: BaseException) -> None:
    logger.warning("not published, the training goes on: %s", error)


def _link_or_copy(source: Path, target: Path) -> None:
    if source.stat().st_size >= _LINKED_FROM:
        try:
            os.link(source, target)
            return
        except OSError:
            pass  # another disk, or one without hard links
    shutil.copyfile(source, target)
