"""Training runs from end to end, on a tiny encoder: through accelerate, interrupted, and with bad input."""

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
from safetensors.torch import load_file, save_file
from sentence_transformers import SentenceTransformer
from transformers import TrainerControl

from cards.model_facts import load_facts
from trainer.building import SET_FIGURES
from trainer.callbacks import RunLog
from trainer.data import load_training_data
from trainer.errors import InputError
from trainer.evaluation.candidate_sets import benchmark_from_rows
from trainer.models import stored_template
from trainer.settings import TrainingSettings
from trainer.train import main, train
from trainer.training_loop import LossWatch, TrainingStoppedError

ROOT = Path(__file__).resolve().parents[2]
TEMPLATE = "{query} | {instruction}"


@pytest.fixture(scope="session")
def launched(tiny_path: Path, dataset_folder: Path, tmp_path_factory: pytest.TempPathFactory) -> Any:
    """One real `accelerate launch trainer/train.py`; several tests read what it left."""
    output = tmp_path_factory.mktemp("launched") / "run"
    recipe = output.parent / "recipe.yaml"
    recipe.write_text(
        f"model: {tiny_path}\ndataset: {dataset_folder}\noutput: {output}\n"
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


def losses(output: Path) -> list[tuple[int, float]]:
    entries = [json.loads(line) for line in (output / "log.jsonl").read_text().splitlines()]
    return [(entry["step"], float(entry["loss"])) for entry in entries if "loss" in entry]


def weights(output: Path) -> dict[str, torch.Tensor]:
    return load_file(output / "model" / "model.safetensors")


def test_launched_progress_goes_to_stderr_and_the_result_to_stdout(launched: Any) -> None:
    done, output = launched
    assert done.stdout == f"{output}/model\n"
    assert re.search(
        r"step 4/4  loss [\d.]+ = query_to_doc [\d.]+ \+ neutral [\d.]+ \+ doc_to_query", done.stderr
    )
    assert "validation: flip_accuracy" in done.stderr


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
    monkeypatch.setattr("trainer.train.build_run", None)
    assert train(settings) == model
    assert (model / "model.safetensors").stat().st_mtime_ns == before


def interrupt_at(step: int, monkeypatch: pytest.MonkeyPatch) -> None:
    def on_step_end(self: RunLog, args: Any, state: Any, control: TrainerControl, **kwargs: Any) -> None:
        if state.global_step == step:
            raise KeyboardInterrupt

    monkeypatch.setattr(RunLog, "on_step_end", on_step_end)


def test_a_run_that_was_interrupted_ends_like_one_that_was_not(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    # Five steps an epoch: the first interruption falls into the first one, the second into the second.
    changes = {"max_steps": 9, "evaluations": 5, "batch_size": 7, "keep_weight": 0.1}
    whole, parted = tmp_path / "whole", tmp_path / "parted"
    train(settings_for(output=str(whole), **changes))
    for step in (3, 7):
        with pytest.MonkeyPatch.context() as patch:
            interrupt_at(step, patch)
            with pytest.raises(KeyboardInterrupt):
                train(settings_for(output=str(parted), **changes))
        assert not (parted / "model").exists()
    train(settings_for(output=str(parted), **changes))
    assert [step for step, _ in losses(parted)] == list(range(1, 10))
    for (_, ours), (_, wanted) in zip(losses(parted), losses(whole), strict=True):
        assert ours == pytest.approx(wanted, abs=1e-5)
    for name, weight in weights(whole).items():
        torch.testing.assert_close(weights(parted)[name], weight, atol=1e-5, rtol=1e-5)


def test_the_same_run_twice_gives_the_same_weights(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    first = train(settings_for(output=str(tmp_path / "1"), max_steps=2, evaluations=1))
    second = train(settings_for(output=str(tmp_path / "2"), max_steps=2, evaluations=1))
    assert (first / "model.safetensors").read_bytes() == (second / "model.safetensors").read_bytes()


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
    assert all(loss > 0 for _, loss in losses(Path(settings.output)))


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
    whole = train(settings_for(lora_rank=4, max_steps=4, evaluations=2, output=str(tmp_path / "whole")))
    for name, weight in load_file(whole / "model.safetensors").items():
        torch.testing.assert_close(trained[name], weight, atol=1e-5, rtol=1e-5)


def test_the_last_step_is_evaluated_too(settings_for: Callable[..., TrainingSettings]) -> None:
    settings = settings_for(max_steps=5, evaluations=2)
    train(settings)
    entries = [json.loads(line) for line in Path(settings.output, "log.jsonl").read_text().splitlines()]
    assert [entry["step"] for entry in entries if "eval_flip_accuracy" in entry] == [3, 5]


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


def test_the_time_is_up(settings_for: Callable[..., TrainingSettings]) -> None:
    settings = settings_for(max_steps=50, evaluations=1, max_hours=1e-9)
    model = train(settings)
    assert model.is_dir()
    assert [step for step, _ in losses(Path(settings.output))] == [1]


def test_no_better_evaluation_stops_early(settings_for: Callable[..., TrainingSettings]) -> None:
    # A learning rate of almost nothing changes no ranking, so no evaluation beats the first one.
    settings = settings_for(max_steps=8, evaluations=8, early_stopping=2, learning_rate=1e-12)
    train(settings)
    assert [step for step, _ in losses(Path(settings.output))] == [1, 2, 3]


def test_averaging_with_the_base_moves_the_weights_towards_it(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    changes = {"max_steps": 2, "evaluations": 1}
    trained, mixed = (
        load_file(
            train(settings_for(output=str(tmp_path / str(share)), base_share=share, **changes))
            / "model.safetensors"
        )
        for share in (0.0, 0.25)
    )
    base = load_file(tiny_path / "model.safetensors")
    for name, weight in base.items():
        torch.testing.assert_close(mixed[name], 0.75 * trained[name] + 0.25 * weight, atol=1e-6, rtol=1e-4)


@pytest.mark.parametrize(
    ("evaluations", "message"),
    [
        (1, r"step \d: the loss is (nan|inf).*queries of the batch: q-"),
        (4, r"step 2: .*(the loss is|no numbers)"),
    ],
)
def test_a_loss_that_is_no_number_stops_the_run(
    settings_for: Callable[..., TrainingSettings], evaluations: int, message: str
) -> None:
    settings = settings_for(learning_rate=1e30, max_grad_norm=0.0, max_steps=8, evaluations=evaluations)
    with pytest.raises(TrainingStoppedError, match=message):
        train(settings)
    assert not (Path(settings.output) / "model").exists()


def test_a_loss_that_grows_stops_the_run() -> None:
    watch = LossWatch(diverges_at=3.0)
    with pytest.raises(TrainingStoppedError, match=r"step \d+: the loss diverges .*: a, b$"):
        for step in range(100):
            watch.note(torch.tensor(2.0 if step < 30 else 50.0), ["a", "b", "a"], step)
            watch.check()
    assert step >= 30


def test_a_loss_that_swings_does_not() -> None:
    watch = LossWatch(diverges_at=3.0)
    for step in range(200):
        watch.note(torch.tensor(2.0 if step % 7 else 20.0), ["a"], step)
        watch.check()


def run_main(*flags: str) -> int:
    return main(list(flags))


BAD_INPUT = [
    ("no model there", lambda f: ["--model", "./nowhere"], "model ./nowhere: no model in this folder"),
    ("no such package", lambda f: ["--model", "package:no_such_pkg/model"], "run pip install no-such-pkg"),
    (
        "no dataset there",
        lambda f: ["--dataset", "./nowhere"],
        "dataset ./nowhere: no dataset in this folder",
    ),
    ("unknown recipe", lambda f: ["--recipe", "none.yaml"], "none.yaml: no such recipe"),
    ("an unknown source", lambda f: ["--source-weights", "x=2"], "no rows of source 'x'; there are seeds"),
    ("too large a budget", lambda f: ["--mixture", "ins-dv", "--budget", "999"], "has 32 in its train split"),
    ("too many tokens", lambda f: ["--max-tokens", "9999"], "reads at most 256 tokens"),
    ("too many layers", lambda f: ["--frozen-layers", "7"], "the encoder has 2 layers"),
    (
        "bare queries off",
        lambda f: ["--mixture", "tri-view", "--neutral-weight", "0"],
        "neutral_weight must not be 0",
    ),
    (
        "nothing to keep",
        lambda f: ["--mixture", "ins-dv", "--keep-weight", "1"],
        "no bare queries that keep_weight",
    ),
    ("a full folder", lambda f: ["--output", str(f)], "not empty, and no training run made it"),
    ("too large a size", lambda f: ["--matryoshka-dims", "64"], "each must lie between 1 and 31"),
    ("no such metric", lambda f: ["--metric", "accuracy"], "metric is 'accuracy'"),
]


@pytest.mark.parametrize(
    ("flags", "message"), [case[1:] for case in BAD_INPUT], ids=[case[0] for case in BAD_INPUT]
)
def test_bad_input_is_one_line_with_exit_code_2(
    flags: Callable[[Path], list[str]],
    message: str,
    tiny_path: Path,
    dataset_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.chdir(tmp_path)
    usual = {
        "--model": str(tiny_path),
        "--dataset": str(dataset_folder),
        "--output": "out",
        "--max-tokens": "64",
    }
    given = flags(dataset_folder)
    arguments = [part for flag, value in usual.items() if flag not in given for part in (flag, value)]
    assert main([*arguments, "--max-steps", "1", *given]) == 2
    out, err = capsys.readouterr()
    lines = [line for line in err.splitlines() if line.startswith("error:")]
    assert out == ""
    assert len(lines) == 1 and message in lines[0]
    assert "Traceback" not in err
    assert not Path("out", "model").exists()


@pytest.mark.parametrize(
    ("break_it", "message"),
    [
        (lambda folder: shutil.rmtree(folder / "data" / "dual_view"), "cannot be loaded"),
        (
            lambda folder: (folder / "data/dual_view/train-00000-of-00001.parquet").write_bytes(b"x"),
            "cannot be loaded",
        ),
        (
            lambda folder: (folder / "README.md").write_text("no configs"),
            "config dual_view: cannot be loaded",
        ),
    ],
)
def test_a_broken_dataset_is_one_line(
    break_it: Callable[[Path], Any],
    message: str,
    settings_for: Callable[..., TrainingSettings],
    dataset_folder: Path,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    folder = tmp_path / "dataset"
    shutil.copytree(dataset_folder, folder)
    break_it(folder)
    assert main(["--model", "m", "--dataset", str(folder), "--output", str(tmp_path / "out")]) == 2
    err = capsys.readouterr().err
    assert message in err and "Traceback" not in err and str(folder) in err


def test_missing_columns_and_empty_splits_are_named(
    dataset_writer: Callable[..., Path],
    rows: list[dict[str, Any]],
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    from datasets import load_dataset

    folder = dataset_writer(tmp_path / "dataset", rows[:4], [], [])
    flags = ["--model", "m", "--output", str(tmp_path / "out"), "--dataset", str(folder)]
    assert main(flags) == 2
    assert re.search(r"error: .*validation", capsys.readouterr().err)
    folder = dataset_writer(tmp_path / "narrow", rows[:4], rows[4:6], [])
    for file in folder.glob("data/dual_view/*.parquet"):
        load_dataset("parquet", data_files=str(file), split="train").remove_columns(
            "reversed_instruction"
        ).to_parquet(file)
    assert main([*flags[:-1], str(folder)]) == 2
    assert "lacks the column 'reversed_instruction'" in capsys.readouterr().err


def test_a_checkpoint_of_another_model_is_named(
    settings_for: Callable[..., TrainingSettings], tiny_path: Path, tmp_path: Path
) -> None:
    settings = settings_for(max_steps=4, evaluations=2)
    with pytest.MonkeyPatch.context() as patch:
        interrupt_at(3, patch)
        with pytest.raises(KeyboardInterrupt):
            train(settings)
    checkpoint = Path(settings.output) / "checkpoints" / "checkpoint-2"
    config = json.loads((checkpoint / "config.json").read_text())
    assert config["num_hidden_layers"] == 2
    state = load_file(checkpoint / "model.safetensors")
    config["hidden_size"], config["intermediate_size"] = 16, 32
    (checkpoint / "config.json").write_text(json.dumps(config))
    # Half as wide; what is as long as the vocabulary, the positions or the two segments stays.
    half = {
        name: weight[
            tuple(slice(0, n if n in (2, 256, 30_522) else n // 2) for n in weight.shape)
        ].contiguous()
        for name, weight in state.items()
    }
    save_file(half, checkpoint / "model.safetensors", metadata={"format": "pt"})
    with pytest.raises(InputError, match=r"checkpoint-2: holds another model"):
        train(settings)


def test_a_full_disk_keeps_the_checkpoints(
    settings_for: Callable[..., TrainingSettings], monkeypatch: pytest.MonkeyPatch
) -> None:
    def full(*args: Any, **kwargs: Any) -> None:
        raise OSError(28, "No space left on device")

    settings = settings_for(max_steps=2, evaluations=2)
    monkeypatch.setattr("trainer.train.write_card", full)
    with pytest.raises(InputError, match="no space left; free some"):
        train(settings)
    assert (Path(settings.output) / "checkpoints" / "checkpoint-2").is_dir()
    assert not (Path(settings.output) / "model").exists()
    monkeypatch.undo()
    assert train(settings).is_dir()
