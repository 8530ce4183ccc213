"""Faults of a base model's files and of memory: one line, exit code 2."""

from __future__ import annotations

import os
import pickle
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file

from dualview.cards.model_facts import load_facts
from dualview.trainer.runs.training import train
from dualview.trainer.settings.training import TrainingSettings
from dualview.trainer.train import main
from tests.trainer.encoders.base_kinds import make_base

OUT_OF_MEMORY = [
    RuntimeError(
        "[enforce fail at alloc_cpu.cpp:118] err == 0. DefaultCPUAllocator: can't allocate memory: you tried "
        "to allocate 10995116277760 bytes. Error code 12 (Cannot allocate memory)"
    ),
    torch.OutOfMemoryError(
        "CUDA out of memory. Tried to allocate 2.00 GiB.\nGPU 0 has a total capacity of 8 GiB"
    ),
    MemoryError("Unable to allocate 8 TiB"),
]


class Runs:
    """An object whose pickle makes a folder when it is read."""

    def __reduce__(self) -> Any:
        return os.mkdir, ("RAN",)


def damages(weights: Path) -> dict[str, Callable[[], Any]]:
    """Ways to break a model's only file of weights."""
    other = weights.with_name("pytorch_model.bin")
    return {
        "a pickle that runs code": lambda: (torch.save({"x": Runs()}, other), weights.unlink()),
        "an old pickle that runs code": lambda: (other.write_bytes(pickle.dumps(Runs())), weights.unlink()),
        "no weights": lambda: weights.unlink(),
        "weights cut in half": lambda: weights.write_bytes(weights.read_bytes()[:5000]),
        "empty weights": lambda: weights.write_bytes(b""),
        "an empty pickle": lambda: (other.write_bytes(b""), weights.unlink()),
        "no configuration": lambda: (weights.parent / "config.json").write_text("{"),
        "no tokeniser": lambda: (weights.parent / "tokenizer.json").write_text("{"),
        "no modules": lambda: (weights.parent / "modules.json").write_text("[{}]"),
    }


def lines_of(capsys: pytest.CaptureFixture[str]) -> list[str]:
    err = capsys.readouterr().err
    assert "Traceback" not in err
    return [line for line in err.splitlines() if line.startswith("error:")]


def flags(base: Path, dataset: Path) -> list[str]:
    given = {"--model": base, "--dataset": dataset, "--out": "out", "--max-steps": 1, "--evaluations": 0}
    return [str(word) for pair in given.items() for word in pair]


@pytest.mark.parametrize("name", damages(Path("weights")))
def test_a_broken_base_is_one_line_and_no_code_of_it_runs(
    name: str,
    dataset_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    monkeypatch.chdir(tmp_path)
    base = make_base("bert", tmp_path / "base")
    damages(base / "model.safetensors")[name]()
    assert main(flags(base, dataset_folder)) == 2
    (line,) = lines_of(capsys)
    assert f"model {base}: cannot be loaded" in line
    assert not Path("RAN").exists() and not Path("out").exists()


def test_a_base_with_an_older_file_of_weights_is_trained(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base")
    torch.save(load_file(base / "model.safetensors"), base / "pytorch_model.bin")
    (base / "model.safetensors").unlink()
    model = train(settings_for(model=str(base), max_steps=1, evaluations=0))
    assert (model / "model.safetensors").is_file()


@pytest.mark.parametrize("error", OUT_OF_MEMORY, ids=lambda error: type(error).__name__)
@pytest.mark.parametrize("place", ["torch.Tensor.backward", "dualview.trainer.runs.base_model.load_model"])
def test_out_of_memory_names_what_to_lower(
    error: Exception,
    place: str,
    tiny_path: Path,
    dataset_folder: Path,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    def fail(*_: object, **__: object) -> None:
        raise error

    monkeypatch.chdir(tmp_path)
    monkeypatch.setattr(place, fail)
    assert main(flags(tiny_path, dataset_folder)) == 2
    (line,) = lines_of(capsys)
    assert "out of memory" in line and "lower batch_size" in line


def test_a_base_whose_card_is_broken_has_an_unknown_licence(
    settings_for: Callable[..., TrainingSettings], tmp_path: Path
) -> None:
    base = make_base("bert", tmp_path / "base")
    (base / "README.md").write_text("---\nlicense: [\n---\n")
    model = train(settings_for(model=str(base), max_steps=1, evaluations=0))
    assert load_facts(model).base_license == "unknown"
