"""Training runs from end to end, on a tiny encoder: through accelerate, and of every kind."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file
from sentence_transformers import SentenceTransformer

from dualview.cards.model_facts import load_facts
from dualview.trainer.data.training_data import load_training_data
from dualview.trainer.encoders.models import stored_template
from dualview.trainer.evaluation.benchmarks.sets.published_sets import benchmark_from_rows
from dualview.trainer.evaluation.flip_evaluator import SET_FIGURES
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import interrupt_at, losses

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "{query} | {instruction}"


@pytest.fixture(scope="session")
def launched(tiny_path: Path, dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One real `accelerate launch trainer/train.py`; several tests read what it left."""
    output = tmp_path_factory.mktemp("launched") / "run"
    recipe = output.parent / "recipe.yaml"
    recipe.write_text(
        f"model: {tiny_path}\ndataset: {dataset_folder}\nout: {output}\n"
        f"template: '{TEMPLATE}'\nmax_tokens: 40\n"
        "query_prompt: 'search: '\nmax_steps: 4\nbatch_size: 8\nevaluations: 2\nlearning_rate: 1e-3\n"
        "base_license: Apache-2.0\nlogging_steps: 1\ndoc_to_query_weight: 0.1\n"
    )
    command = ["-m", "accelerate.commands.launch", "--cpu", "--num_processes", "1", "--num_machines", "1"]
    command += [
        "--mixed_precision",
        "no",
        "--dynamo_backend",
        "no",
        "trainer/train.py",
        "--recipe",
        str(recipe),
    ]
    # Nothing but the libraries on the path: the script must find its package by itself.
    done = subprocess.run(
        [sys.executable, "-P", *command], cwd=ROOT, capture_output=True, text=True, timeout=600, check=False
    )
    assert done.returncode == 0, done.stderr[-3000:]
    return done, output


def test_launched_progress_goes_to_stderr_and_the_result_to_stdout(launched: Any) -> None:
    done, output = launched
    assert done.stdout == f"{output}/model\n"
    assert re.search(
        r"step 4/4  loss [\d.]+ = query_to_doc [\d.]+ \+ neutral [\d.]+ \+ doc_to_query", done.stderr
    )
    assert "validation: right_first" in done.stderr


def test_the_log_names_the_components_and_they_add_up(launched: Any) -> None:
    _, output = launched
    entries = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    steps = [entry for entry in entries if "loss" in entry]
    assert [entry["step"] for entry in steps] == [1, 2, 3, 4]
    for entry in steps:
        parts = sum(entry[name] for name in ("query_to_doc", "neutral", "doc_to_query"))
        assert float(entry["loss"]) == pytest.approx(parts, abs=2e-3)
    assert sum("eval_flip_accuracy" in entry for entry in entries) == 2


def test_the_metrics_that_may_decide_are_those_of_the_evaluator(launched: Any) -> None:
    _, output = launched
    entries = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    (evaluation, *_) = [entry for entry in entries if "eval_flip_accuracy" in entry]
    for figure in SET_FIGURES:
        assert f"eval_{figure}" in evaluation and f"eval_seeds_{figure}" in evaluation


def test_a_loss_curve_is_drawn(launched: Any) -> None:
    _, output = launched
    assert (output / "loss_curve.png").read_bytes().startswith(b"\x89PNG")


def test_the_card_says_what_was_done(launched: Any) -> None:
    _, output = launched
    facts = load_facts(output / "model")
    assert facts.instruction_template == TEMPLATE
    assert facts.mixture["candidate sets"] == 32 and facts.mixture["instructed views"] == 128
    assert facts.loss["doc_to_query_weight"] == 0.1 and facts.loss["loss"] == "DualViewLoss"
    assert facts.train_seconds > 0 and "CPU" in facts.hardware
    assert facts.languages == ("en",)
    assert "--doc-to-query-weight 0.1" in facts.train_command
    assert re.search(r"passages \([\d.]+%\).* are longer than 40 tokens and are cut there", facts.limits[0])
    card = (output / "model" / "README.md").read_text()
    assert TEMPLATE in card and "learning_rate" in card


def test_plain_sentence_transformers_loads_the_model_and_sees_what_the_evaluator_saw(
    launched: Any, dataset_folder: Path, rows: list[dict[str, Any]], tmp_path: Path
) -> None:
    _, output = launched
    assert stored_template(output / "model") == TEMPLATE
    ours = SentenceTransformer(str(output / "model"), device="cpu")
    benchmark = benchmark_from_rows(rows[64:66], stored_template(output / "model"))
    row = rows[64]
    joined = TEMPLATE.replace("{query}", row["query"]).replace("{instruction}", row["instruction"])
    wanted = ours.encode_query([joined])
    script = (
        "import json, sys; sys.modules['trainer'] = None\n"
        "from sentence_transformers import SentenceTransformer\n"
        "model = SentenceTransformer(sys.argv[1], device='cpu')\n"
        "config = json.load(open(sys.argv[1] + '/config_sentence_transformers.json'))\n"
        "text = config['instruction_template'].format(query=sys.argv[2], instruction=sys.argv[3])\n"
        "assert model.prompts['query'] == 'search: ', model.prompts\n"
        "print(json.dumps(model.encode_query([text]).tolist()))\n"
    )
    done = subprocess.run(
        [sys.executable, "-c", script, str(output / "model"), row["query"], row["instruction"]],
        cwd=tmp_path,
        env={name: value for name, value in os.environ.items() if name != "PYTHONPATH"},
        capture_output=True,
        text=True,
        check=True,
        timeout=300,
    )
    torch.testing.assert_close(
        torch.tensor(json.loads(done.stdout)), torch.from_numpy(wanted), atol=1e-6, rtol=1e-5
    )
    assert benchmark.sets  # the same rows make the benchmark that was evaluated on


def test_the_same_command_again_does_nothing(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    settings = settings_for(max_steps=1, evaluations=1)
    model = train(settings)
    before = (model / "model.safetensors").stat().st_mtime_ns
    monkeypatch.setattr("dualview.trainer.runs.training.build_run", None)
    assert train(settings) == model
    assert (model / "model.safetensors").stat().st_mtime_ns == before


@pytest.mark.parametrize(
    "changes",
    [
        {"cached": True},
        {"matryoshka_dims": [16, 8]},
        {"cached": True, "matryoshka_dims": [16]},
        {"plain_share": 0.5, "neutral_weight": 0.0},
        {"streaming": True},
        {"mixture": "tri-view", "budget": 60, "batch_views": 30},
        {"gradient_accumulation": 2, "gradient_checkpointing": True},
        {"frozen_layers": 1, "base_share": 0.25, "source_weights": {"seeds": 1.5}},
        {"precision": "bf16", "schedule": "cosine", "max_steps": 0, "epochs": 0.5},
        {"attn_implementation": "packed", "early_stopping": 1},
        {"lora_rank": 4},
        {"pooling": "cls", "max_hours": 1.0},
        pytest.param({"torch_compile": True}, marks=pytest.mark.slow),
    ],
    ids=lambda changes: "-".join(changes),
)
def test_every_kind_of_run_trains_and_loads(
    settings_for: Callable[..., TrainingSettings], changes: Any
) -> None:
    settings = settings_for(**{"max_steps": 2, "evaluations": 1, **changes})
    model = train(settings)
    loaded = SentenceTransformer(str(model), device="cpu")
    base = SentenceTransformer(settings.model, device="cpu")
    texts = ["a query that was asked"]
    assert abs(loaded.encode(texts) - base.encode(texts)).max() > 1e-6
    assert all(loss > 0 for _, loss in losses(Path(settings.out)))


def test_adapters_are_merged_so_that_the_model_loads_without_peft(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    settings = settings_for(lora_rank=4, max_steps=4, evaluations=2)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    model = train(settings)
    assert not list(model.glob("adapter*"))
    trained, base = load_file(model / "model.safetensors"), load_file(tiny_path / "model.safetensors")
    assert trained.keys() == base.keys()
    changed = {name for name, weight in trained.items() if not torch.equal(weight, base[name])}
    assert changed and all("dense" in name or "attention" in name for name in changed)
    # What was saved is what was evaluated last: the adapters' effect is in the weights.
    whole = train(settings_for(lora_rank=4, max_steps=4, evaluations=2, out=str(tmp_path / "whole")))
    for name, weight in load_file(whole / "model.safetensors").items():
        torch.testing.assert_close(trained[name], weight, atol=1e-5, rtol=1e-5)


def test_several_datasets_keep_their_queries_apart(
    settings_for: Callable[..., TrainingSettings], dataset_folder: Path, tmp_path: Path
) -> None:
    again = tmp_path / "again"
    shutil.copytree(dataset_folder, again)
    settings = settings_for(dataset=[f"{dataset_folder}=2", str(again)], max_steps=1, evaluations=1)
    data = load_training_data(settings)
    assert len(data.rows["dual_view"]) == 3 * 32
    assert len(set(data.rows["dual_view"]["query_id"])) == 2 * 32
    assert data.mixture["candidate sets"] == 2 * 32
    shared = load_training_data(settings_for(dataset=settings.dataset, mixture="ins-dv", budget=30))
    assert shared.mixture["samples"] == 30 and len(shared.rows["dual_view"]) == 15
    assert train(settings).is_dir()


def test_averaging_with_the_base_moves_the_weights_towards_it(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    changes = {"max_steps": 2, "evaluations": 1}
    trained, mixed = (
        load_file(
            train(settings_for(out=str(tmp_path / str(share)), base_share=share, **changes))
            / "model.safetensors"
        )
        for share in (0.0, 0.25)
    )
    base = load_file(tiny_path / "model.safetensors")
    for name, weight in base.items():
        torch.testing.assert_close(mixed[name], 0.75 * trained[name] + 0.25 * weight, atol=1e-6, rtol=1e-4)
