"""Running one job: train, measure, and store the figures."""

from __future__ import annotations

import gzip
import json
import shutil
import time
from collections.abc import Iterable, Mapping
from dataclasses import fields
from pathlib import Path
from typing import Any

import torch

from benchmarks.paper_small.jobs import MODEL, Job
from benchmarks.paper_small.measuring import measure, test_benchmarks, validation_benchmarks
from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.data.training_data import load_training_data
from dualview.trainer.encoders.precision import computes_in_bfloat16
from dualview.trainer.evaluation.rankers.load_ranker import RankerOptions, load_ranker
from dualview.trainer.runs.base_model import load_base_model
from dualview.trainer.runs.run_folder import RunFolder
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings


def run_job(job: Job, prepared: Mapping[str, Any], data: Path, work: Path, results: Path) -> Path:
    """Train and measure one model, or find what an earlier start did.

    :param prepared: what :func:`benchmarks.paper_small.texts.prepare` says.
    :param results: the folder of the figures, which are committed.
    :return: the file with the figures.
    """
    texts = prepared["key"]
    stored = result_file(results, job, texts)
    if stored.is_file():
        return stored
    began = time.process_time()  # other work on the machine does not count
    facts: dict[str, Any] = {
        "settings": dict(job.settings),
        "seed": job.seed,
        "precision": precision_here(),
        "content": prepared["content"],
    }
    system, whole = job.system, True  # whether all of the work is done here: weights may be there already
    if job.settings:
        settings = settings_of(job, texts, work)
        system = str(Path(settings.out) / "model")
        whole = not Path(system).is_dir()
        facts |= _trained_facts(settings)
        train(settings)
        shutil.rmtree(RunFolder(Path(settings.out), {}, "").checkpoints, ignore_errors=True)
    training = round(time.process_time() - began, 1)
    benchmarks = (test_benchmarks if job.test else validation_benchmarks)(work, data)
    # Of texts as the base model is published, whatever the training cut them at.
    bf16 = precision_here() == "bf16"
    options = RankerOptions(batch_size=8, max_tokens=256, cache=work / "vectors", bf16=bf16)
    facts["values"] = measure(load_ranker(system, options), benchmarks)
    if whole:
        facts |= {
            "cpu_seconds_training": training,
            "cpu_seconds": round(time.process_time() - began, 1),
        }
    results.mkdir(parents=True, exist_ok=True)
    beside = stored.with_suffix(".part")
    with beside.open("wb") as file, gzip.GzipFile("", "wb", fileobj=file, mtime=0) as zipped:
        zipped.write(json.dumps(facts, sort_keys=True).encode())
    beside.replace(stored)
    return stored


def result_file(results: Path, job: Job, texts: str) -> Path:
    """Where a job's figures are kept."""
    return results / f"{job.key(texts)}.json.gz"


def read_result(path: Path) -> dict[str, Any]:
    """Read a job's figures."""
    with gzip.open(path, "rt", encoding="utf-8") as file:
        return json.load(file)


def settings_of(job: Job, texts: str, work: Path) -> TrainingSettings:
    """The settings of a job's training."""
    known = {field.name for field in fields(TrainingSettings)}
    unknown = set(job.settings) - known
    assert not unknown, f"experiment.yaml: unknown settings {sorted(unknown)}"
    return TrainingSettings(
        **{
            **job.settings,
            "model": MODEL,
            "dataset": [str(work / job.rows)],
            "out": str(work / "models" / job.training_key(texts)),
            "base_cache": str(work / "vectors"),
            "seed": job.seed,
        }
    )


def precision_here() -> str:
    """What ``auto`` is on this machine, which is no matter of the experiment: seeds differ by more."""
    return "bf16" if computes_in_bfloat16("auto", "cpu") else "fp32"


def _trained_facts(settings: TrainingSettings) -> dict[str, Any]:
    """What goes in, and how many tokens of it a pass over the rows trains on."""
    data = load_training_data(settings)
    model = load_base_model(settings)
    collator = CandidateSetCollator(
        preprocess_fn=model.preprocess,
        template=settings.template,
        neutral=settings.neutral_weight > 0,
        max_negatives=settings.max_negatives,
    )
    columns = ("anchor",) if settings.frozen_documents else ("anchor", "document")
    rows: Iterable[Any] = data.rows["dual_view"]
    tokens = 0
    for row in rows:
        batch = collator([row])
        tokens += int(torch.cat([batch[f"{name}_attention_mask"].flatten() for name in columns]).sum())
    return {"mixture": data.mixture, "tokens": tokens}
