"""Train a retriever on all views of each candidate set at once.

From a clone, on any number of processes (trainer/accelerate holds configurations for accelerate):

    accelerate launch trainer/train.py --recipe trainer/recipes/quickstart.yaml
    accelerate launch trainer/train.py --recipe trainer/recipes/minilm.yaml --dataset ./data --output ./run

Installed, the same is `python -m trainer.train`. The same command goes on from the last checkpoint after an
interruption, and does nothing once the model in --output is the one that these settings give. The folder
--output holds the trained model in model/, the log in log.jsonl and the loss curve in loss_curve.png.
"""

from __future__ import annotations

import logging
import os
import sys
from collections.abc import Sequence
from pathlib import Path

if __name__ == "__main__" and not __package__:
    # Run as a script, this folder stands first on the path, where its files would pass for packages.
    sys.path[0] = str(Path(__file__).resolve().parent.parent)

import transformers
from accelerate import PartialState
from sentence_transformers import SentenceTransformer

from cards.model_facts import ModelFacts
from cards.readme import CardError
from trainer.arguments import parse_settings
from trainer.data.published import load_training_data
from trainer.data.text_lengths import count_long_texts
from trainer.encoders.averaging import average_with_base
from trainer.encoders.lora import merge_lora
from trainer.encoders.models import load_base_model, store_template
from trainer.encoders.precision import has_bfloat16
from trainer.errors import InputError
from trainer.runs.building import build_run
from trainer.runs.disk import is_out_of_space
from trainer.runs.model_card import facts_of_run, write_card
from trainer.runs.pushing import CheckpointPusher, check_hub
from trainer.runs.run_folder import RunFolder
from trainer.settings import TrainingSettings

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


def main(argv: Sequence[str] | None = None) -> int:
    """Run the command line; return the exit code."""
    rank = int(os.environ.get("RANK", "0"))
    logging.basicConfig(stream=sys.stderr, format="%(message)s", level=logging.WARNING)
    logger.setLevel(logging.INFO if rank == 0 else logging.WARNING)
    try:
        settings = parse_settings(argv, __doc__ or "")
        folder = train(settings)
    except (InputError, CardError) as error:
        sys.stderr.write(f"error: {error}\n")
        return 2
    except KeyboardInterrupt:
        sys.stderr.write("stopped; the same command goes on from the last checkpoint\n")
        return 130
    if rank == 0:
        sys.stdout.write(f"{folder}\n")
    return 0


if __name__ == "__main__":
    sys.exit(main())
