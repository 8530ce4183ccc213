"""One training, from its settings to the model in its folder."""

from __future__ import annotations

import logging
from pathlib import Path

import transformers
from accelerate import PartialState
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.model_facts import ModelFacts
from dualview.trainer.data.published import load_training_data
from dualview.trainer.data.text_lengths import count_long_texts
from dualview.trainer.encoders.averaging import average_with_base
from dualview.trainer.encoders.lora import merge_lora
from dualview.trainer.encoders.models import load_base_model, store_template
from dualview.trainer.encoders.precision import has_bfloat16
from dualview.trainer.runs.assembly import build_run
from dualview.trainer.runs.disk import is_out_of_space
from dualview.trainer.runs.pushing import CheckpointPusher, check_hub
from dualview.trainer.runs.run_facts import facts_of_run, write_card
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.settings.training import TrainingSettings

logger = logging.getLogger("dualview.train")


def train(settings: TrainingSettings) -> Path:
    """Train, and return the folder of the finished model.

    :raises InputError: if model, data or output folder cannot be used, or the training had to stop.
    """
    state = PartialState()
    if settings.push_to_hub and state.is_main_process:
        check_hub(settings.push_to_hub, settings.public, settings.yes)
    with state.main_process_first():
        data = load_training_data(settings)
    folder = RunFolder(Path(settings.output), settings.of_the_run(), data.fingerprint)
    pusher = CheckpointPusher(settings.push_to_hub, folder.path / ".pushing", settings.public)
    if folder.is_finished():
        logger.info("already trained with these settings: %s", folder.model)
        if settings.push_to_hub and state.is_main_process:
            pusher.finish(folder.model)
        return folder.model
    if state.is_main_process:
        folder.prepare(settings.restart)
    state.wait_for_everyone()
    transformers.set_seed(settings.seed)
    model = load_base_model(settings)
    if settings.precision == "bf16" and not has_bfloat16(model.device.type):
        logger.warning(
            "precision is bf16, which this %s has no instructions for: training is several times slower "
            "than with fp32",
            model.device.type.upper(),
        )
    long_texts = count_long_texts(model, data, settings) if state.is_main_process else ""
    if long_texts:
        logger.info("%s", long_texts)
    run = build_run(settings, model, data, folder)
    notes = [long_texts] if long_texts else []

    def describe(path: Path, said: str) -> None:
        seconds = run.log.count_seconds()
        facts = facts_of_run(settings, data, model, run.loss, seconds, state.num_processes, [said, *notes])
        store_template(path, settings.template)
        write_card(path, facts)

    if settings.push_to_hub:
        pusher.describe = describe
        run.trainer.add_callback(pusher)
    checkpoint = folder.last_checkpoint()
    if checkpoint:
        logger.info("going on from %s", checkpoint)
    try:
        run.trainer.train(resume_from_checkpoint=str(checkpoint) if checkpoint else None)
        if state.is_main_process:
            seconds = run.log.count_seconds()
            if settings.lora_rank:
                merge_lora(model)
            if settings.base_share:
                average_with_base(model, load_base_model(settings), settings.base_share)
            facts = facts_of_run(settings, data, model, run.loss, seconds, state.num_processes, notes)
            folder.save_model(lambda path: _fill(path, model, settings, facts))
    except Exception as error:
        if is_out_of_space(error):
            raise InputError(
                f"{folder.path}: no space left; free some and give the same command: it goes on from the "
                "last checkpoint"
            ) from error
        raise
    state.wait_for_everyone()
    if settings.push_to_hub and state.is_main_process:
        pusher.finish(folder.model)
    return folder.model


def _fill(path: Path, model: SentenceTransformer, settings: TrainingSettings, facts: ModelFacts) -> None:
    model.save_pretrained(str(path), create_model_card=False)
    store_template(path, settings.template)
    write_card(path, facts)
