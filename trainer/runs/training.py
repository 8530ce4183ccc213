"""One training, from its settings to the model in its folder."""

from __future__ import annotations

import contextlib
import logging
import os
from pathlib import Path

import transformers
from accelerate import PartialState
from accelerate.utils import broadcast_object_list
from sentence_transformers import CrossEncoder, SentenceTransformer

from dualview.cards.errors import InputError
from dualview.cards.model_facts import ModelFacts
from dualview.cards.query_card import QUERY_FOLDER, QueryFacts, save_query_facts, write_query_card
from dualview.trainer.data.text_lengths import count_long_texts
from dualview.trainer.data.training_data import DualViewData, load_training_data
from dualview.trainer.encoders.averaging import average_with_base
from dualview.trainer.encoders.limits import read_limit
from dualview.trainer.encoders.lora import merge_lora
from dualview.trainer.encoders.models import store_template
from dualview.trainer.encoders.precision import (
    check_save_dtype,
    describe_precision,
    has_bfloat16,
    to_full_precision,
    to_saved_precision,
)
from dualview.trainer.encoders.sides import is_split
from dualview.trainer.reranker.assembly import build_reranker_run
from dualview.trainer.reranker.loading import load_reranker
from dualview.trainer.reranker.pair_lengths import count_long_pairs
from dualview.trainer.runs.assembly import Run, build_run
from dualview.trainer.runs.base_model import base_key, load_base_model, query_limit
from dualview.trainer.runs.disk_space import is_out_of_space
from dualview.trainer.runs.live_line import LiveLine
from dualview.trainer.runs.pushing import CheckpointPusher, check_hub
from dualview.trainer.runs.run_facts import facts_of_run, write_card
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.serving.layout import write_old_names
from dualview.trainer.serving.query_model import query_model, save_query_model
from dualview.trainer.settings.reranker import RERANKER
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
    # Before the model is loaded: weights that its files lack are drawn at random.
    transformers.set_seed(settings.seed)
    model = _load(settings)
    folder = RunFolder(Path(settings.out), settings.of_the_run(), data.fingerprint, base_key(model))
    pusher = CheckpointPusher(settings.push_to_hub, folder.path / ".pushing", settings.public)
    if folder.is_finished():
        logger.info("already trained with these settings: %s", folder.model)
    else:
        # On CPUs accelerate knows of the other processes only once there are training arguments.
        is_first = state.is_main_process and os.environ.get("RANK", "0") == "0"
        with folder.reserved(settings.restart) if is_first else contextlib.nullcontext():
            state.wait_for_everyone()
            _train(settings, model, data, folder, pusher)
            state.wait_for_everyone()
    if settings.push_to_hub and state.is_main_process:
        pusher.finish(folder.model)
    return folder.model


def _load(settings: TrainingSettings) -> SentenceTransformer | CrossEncoder:
    """Load the model that the run starts from."""
    return load_reranker(settings) if settings.kind == RERANKER else load_base_model(settings)


def _train(
    settings: TrainingSettings,
    model: SentenceTransformer | CrossEncoder,
    data: DualViewData,
    folder: RunFolder,
    pusher: CheckpointPusher,
) -> None:
    """Train from the last checkpoint, or from the base model, and write the model."""
    state = PartialState()
    if settings.precision == "bf16" and not has_bfloat16(model.device.type):
        logger.warning(
            "precision is bf16, which this %s has no instructions for: training is several times slower "
            "than with fp32",
            model.device.type.upper(),
        )
    stored = to_full_precision(model)
    check_save_dtype(stored, settings.save_dtype, settings.frozen_documents)
    long_texts = ""
    if state.is_main_process:
        long_texts = _long_texts(settings, model, data)
        if long_texts:
            logger.info("%s", long_texts)
    run = (
        build_run(settings, model, data, folder)
        if isinstance(model, SentenceTransformer)
        else build_reranker_run(settings, model, data, folder)
    )

    def facts(*notes: str) -> ModelFacts:
        seconds = run.log.count_seconds()
        precision = describe_precision(stored, settings.save_dtype)
        limits = [*notes, *filter(None, [long_texts, precision])]
        return facts_of_run(settings, data, model, run.loss, seconds, state.num_processes, limits)

    if settings.push_to_hub:
        pusher.describe = lambda path, note: _describe(path, settings, facts(note))
        run.trainer.add_callback(pusher)
    try:
        _run_steps(run, folder)
        if state.is_main_process:
            made = facts()
            if settings.lora_rank and isinstance(model, SentenceTransformer):
                merge_lora(model)
            if settings.base_share:
                transformers.set_seed(settings.seed)  # a head that was drawn at random is drawn again
                average_with_base(model, _load(settings), settings.base_share)
            to_saved_precision(model, stored, settings.save_dtype)
            folder.save_model(lambda path: _fill(path, model, settings, made))
    except Exception as error:
        if is_out_of_space(error):
            raise InputError(
                f"{folder.path}: no space left; free some and give the same command: it goes on from the "
                "last checkpoint"
            ) from error
        raise


def _long_texts(
    settings: TrainingSettings, model: SentenceTransformer | CrossEncoder, data: DualViewData
) -> str:
    """Return a sentence on the texts that are cut; empty if none is."""
    limit = read_limit(model)
    if isinstance(model, SentenceTransformer):
        queries = query_limit(settings, model) or limit
        return count_long_texts(model, data, settings.template, limit, queries)
    return count_long_pairs(model, data, settings.template, limit)


def _run_steps(run: Run, folder: RunFolder) -> None:
    # One process reads all the files, and tells the others.
    found = [str(folder.last_checkpoint() or "") if PartialState().is_main_process else ""]
    (checkpoint,) = broadcast_object_list(found)
    if checkpoint:
        logger.info("going on from %s", checkpoint)
    live = LiveLine()
    run.trainer.add_callback(live)
    with contextlib.closing(live):
        run.trainer.train(resume_from_checkpoint=checkpoint or None)


def _fill(
    path: Path, model: SentenceTransformer | CrossEncoder, settings: TrainingSettings, facts: ModelFacts
) -> None:
    model.save_pretrained(str(path), create_model_card=False)
    _describe(path, settings, facts)
    if not isinstance(model, SentenceTransformer):
        return
    write_old_names(path)
    if is_split(model):
        query = path / QUERY_FOLDER
        save_query_model(query_model(model), query, settings.template)
        save_query_facts(query, QueryFacts(facts))
        write_query_card(query, QueryFacts(facts))


def _describe(path: Path, settings: TrainingSettings, facts: ModelFacts) -> None:
    store_template(path, settings.template)
    write_card(path, facts)
