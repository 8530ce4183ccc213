"""Names of settings: Hugging Face's and earlier ones mean ours, as flags, in recipes and in calls."""

from __future__ import annotations

import logging
from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.trainer.settings.names import NAMES, settings_from
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import OPTIONS, TrainingSettings
from tests.trainer.running import parse_settings

ALIASES = [
    ("per_device_train_batch_size", "7", "batch_size", 7),
    ("lr_scheduler_type", "cosine", "schedule", "cosine"),
    ("dataloader_num_workers", "2", "workers", 2),
    ("gradient_accumulation_steps", "3", "gradient_accumulation", 3),
    ("num_train_epochs", "1.5", "epochs", 1.5),
    ("warmup_ratio", "0.2", "warmup", 0.2),
    ("output_dir", "o", "out", "o"),
    ("output", "o", "out", "o"),
    ("max_seq_length", "99", "max_tokens", 99),
    ("model_name_or_path", "m", "model", "m"),
    ("hub_model_id", "org/m", "push_to_hub", "org/m"),
]


def settings_without(name: str, *flags: str) -> TrainingSettings:
    needed = {"model": "m", "dataset": "d", "out": "o"}
    words = [word for key, value in needed.items() if key != name for word in (f"--{key}", value)]
    return parse_settings([*words, *flags])


@pytest.mark.parametrize(("alias", "value", "name", "wanted"), ALIASES, ids=[a[0] for a in ALIASES])
def test_another_name_means_ours(alias: str, value: str, name: str, wanted: object, tmp_path: Path) -> None:
    for flag in (f"--{alias}", "--" + alias.replace("_", "-")):
        assert getattr(settings_without(name, flag, value), name) == wanted
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"{alias}: {value}\n")
    assert read_recipe(recipe)[name] == wanted
    assert getattr(settings_without(name, "--recipe", str(recipe)), name) == wanted


@pytest.mark.parametrize(("alias", "value", "name", "wanted"), ALIASES, ids=[a[0] for a in ALIASES])
def test_a_setting_under_two_names_is_refused(
    alias: str, value: str, name: str, wanted: object, tmp_path: Path
) -> None:
    flag = "--" + name.replace("_", "-")
    with pytest.raises(InputError, match=r"--[\w-]+ and --[\w-]+ are the same setting; give one of them"):
        settings_without(name, f"--{alias}", value, flag, value)
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text(f"{alias}: {value}\n{name}: {value}\n")
    with pytest.raises(InputError, match=f"recipe.yaml: {name} and .*: {alias} are the same setting"):
        read_recipe(recipe)


def test_a_flag_wins_over_a_recipe_whatever_each_calls_the_setting(tmp_path: Path) -> None:
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("per_device_train_batch_size: 7\noutput: a\n")
    settings = parse_settings(
        ["--recipe", str(recipe), "--batch-size", "9", "--model", "m", "--dataset", "d", "--output_dir", "b"]
    )
    assert (settings.batch_size, settings.out) == (9, "b")


def test_bf16_is_a_switch(tmp_path: Path) -> None:
    assert settings_without("", "--bf16").precision == "bf16"
    assert settings_without("", "--no-bf16").precision == "fp32"
    assert settings_from({"bf16": True}, str) == {"precision": "bf16"}
    assert settings_from({"bf16": False}, str) == {"precision": "fp32"}
    with pytest.raises(InputError, match="bf16 is 'yes'; it must be true or false"):
        settings_from({"bf16": "yes"}, str)
    with pytest.raises(InputError, match="are the same setting"):
        settings_without("", "--bf16", "--precision", "fp32")


def test_our_own_flags_may_have_underscores() -> None:
    assert settings_without("", "--max_steps", "5", "--no-in_batch_negatives").max_steps == 5


def test_an_earlier_name_comes_with_a_hint(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.INFO, "dualview.train")
    settings_without("out", "--output", "o")
    assert caplog.messages == ["--output: now called out; the old name works in this release alone"]


def test_no_name_means_two_settings() -> None:
    every = [accepted for name, fact in OPTIONS.items() for accepted in (name, *fact.also)]
    assert len(every) == len(set(every)) and set(NAMES) >= set(every)


def test_passes_alone_set_aside_the_default_of_the_steps(tmp_path: Path) -> None:
    assert settings_without("", "--epochs", "3").max_steps == 0
    assert settings_without("", "--epochs", "3", "--max-steps", "5").max_steps == 5
    recipe = tmp_path / "recipe.yaml"
    recipe.write_text("max_steps: 300\n")
    assert settings_without("", "--recipe", str(recipe), "--num-train-epochs", "2").max_steps == 0
    assert settings_without("", "--recipe", str(recipe), "--seed", "2").max_steps == 300
