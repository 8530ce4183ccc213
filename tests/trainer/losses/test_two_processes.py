"""Two processes that gather their documents are one process with the joined batch."""

from __future__ import annotations

import importlib.util
import json
import os
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from types import ModuleType
from typing import Any

import pytest
import torch
from sentence_transformers import CrossEncoder, SentenceTransformer

from dualview.cards.model_facts import load_facts
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.settings.training import TrainingSettings

ROOT = Path(__file__).resolve().parents[3]


def launch(*command: str) -> subprocess.CompletedProcess[str]:
    """Start two processes on the CPU.

    `accelerate launch --cpu --num_processes 2` starts one alone: several on a CPU are MPI's business there.
    The launcher for several GPUs starts them, and the variable says that they have none.
    """
    environment = {
        **os.environ,
        "PYTHONPATH": str(ROOT),
        "OMP_NUM_THREADS": "1",
        "ACCELERATE_USE_CPU": "true",
    }
    flags = ["--multi_gpu", "--num_processes", "2", "--num_machines", "1", "--main_process_port", "0"]
    flags += ["--mixed_precision", "no", "--dynamo_backend", "no"]
    return subprocess.run(
        [sys.executable, "-m", "accelerate.commands.launch", *flags, *command],
        cwd=ROOT,
        env=environment,
        capture_output=True,
        text=True,
        timeout=900,
        check=False,
    )


@pytest.fixture(scope="module")
def script() -> ModuleType:
    """The script that each process runs."""
    spec = importlib.util.spec_from_file_location(
        "two_processes", Path(__file__).with_name("two_processes.py")
    )
    assert spec and spec.loader
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def test_loss_and_gradients_equal_those_of_the_joined_batch(
    tiny: SentenceTransformer,
    tiny_path: Path,
    training_rows: list[dict[str, Any]],
    script: ModuleType,
    tmp_path: Path,
) -> None:
    # Five sets, two and three a process; the last one holds the first one's positive again, to be masked.
    rows = [dict(row) for row in training_rows[:5]]
    rows[4]["hard_negatives"] = [*rows[4]["hard_negatives"], rows[0]["passages"][0]]
    (tmp_path / "rows.json").write_text(json.dumps(rows))
    done = launch(str(script.__file__), str(tiny_path), str(tmp_path / "rows.json"), str(tmp_path / "out.pt"))
    assert done.returncode == 0, done.stderr[-3000:]
    results = torch.load(tmp_path / "out.pt")
    assert results.keys() == {"DualViewLoss", "CachedDualViewLoss"}
    tiny.train()
    for kind in script.KINDS:
        components, gradients = results[kind.__name__]
        tiny.zero_grad()
        joined = DualViewLoss(tiny, **script.OPTIONS)(*script.batch_of(tiny, rows))
        sum(joined.values()).backward()
        for name, value in joined.items():
            assert components[name].item() == pytest.approx(value.item(), abs=1e-4), name
        for name, weight in tiny.named_parameters():
            if weight.grad is not None:
                found = gradients[name]
                torch.testing.assert_close(found, weight.grad, atol=1e-4, rtol=1e-3, msg=name)


@pytest.mark.slow
def test_two_processes_train_evaluate_and_save_together(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    settings = settings_for(gather_across_devices=True, keep_weight=0.1, batch_size=4)
    flags = ["--gather-across-devices", "--keep-weight", "0.1"]
    for name in ("model", "out", "max_tokens", "max_steps", "batch_size", "evaluations", "logging_steps"):
        flags += ["--" + name.replace("_", "-"), str(getattr(settings, name))]
    done = launch("trainer/train.py", "--dataset", *settings.dataset, *flags)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == f"{settings.out}/model\n"
    assert done.stderr.count("step 4/4  loss") == 1
    assert load_facts(Path(settings.out, "model")).hardware.startswith("2 processes of")
    assert SentenceTransformer(f"{settings.out}/model", device="cpu").encode("text").shape == (32,)


@pytest.mark.slow
def test_two_processes_train_a_reranker_together(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    settings = settings_for(batch_size=2, max_steps=3, evaluations=1)
    flags = ["--kind", "reranker", "--pooling", "mean", "--corpus-negatives", "2", "--pairs-per-row", "1"]
    for name in ("model", "out", "max_tokens", "max_steps", "batch_size", "evaluations", "logging_steps"):
        flags += ["--" + name.replace("_", "-"), str(getattr(settings, name))]
    done = launch("trainer/train.py", "--dataset", *settings.dataset, *flags)
    assert done.returncode == 0, done.stderr[-3000:]
    assert done.stdout == f"{settings.out}/model\n"
    assert CrossEncoder(f"{settings.out}/model", device="cpu").num_labels == 1
