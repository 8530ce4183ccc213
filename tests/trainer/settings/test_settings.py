"""Recipes and flags: one set of keys, with checked values."""

from __future__ import annotations

from dataclasses import fields
from pathlib import Path
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from dualview.cards.errors import InputError
from dualview.trainer.query_template import check_template, join_instruction
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings
from tests.trainer.running import parse_settings

NEEDED = ["--model", "m", "--dataset", "d", "--out", "o"]
RECIPES = sorted((Path(__file__).resolve().parents[3] / "trainer" / "recipes").glob("*.yaml"))


def parse(*flags: str) -> TrainingSettings:
    return parse_settings([*NEEDED, *flags])


def recipe(tmp_path: Path, text: str) -> Path:
    path = tmp_path / "recipe.yaml"
    path.write_text(text, encoding="utf-8")
    return path


def test_a_flag_wins_over_the_recipe_and_the_recipe_over_the_default(tmp_path: Path) -> None:
    path = recipe(tmp_path, "learning_rate: 5e-6\nbatch_size: 7\n")
    settings = parse("--recipe", str(path), "--batch-size", "9")
    assert (settings.learning_rate, settings.batch_size, settings.max_steps) == (5e-6, 9, 100)


def test_every_kind_of_value_can_be_given_as_a_flag() -> None:
    settings = parse(
        *("--temperature", "0.1", "--no-paraphrases", "--cached", "--matryoshka-dims", "64", "32"),
        *("--source-weights", "seeds=3", "attributed=0.5", "--dataset", "a=2", "b"),
    )
    assert settings.temperature == 0.1 and not settings.paraphrases and settings.cached
    assert settings.matryoshka_dims == [64, 32]
    assert settings.source_weights == {"seeds": 3.0, "attributed": 0.5}
    assert settings.dataset == ["a=2", "b"]


def test_every_kind_of_value_can_stand_in_a_recipe(tmp_path: Path) -> None:
    path = recipe(
        tmp_path,
        "dataset: one\nsource_weights: {seeds: 3}\nmatryoshka_dims: [64]\n"
        "temperature: 1\nwarmup: 1e-1\ncached: true\n",
    )
    assert read_recipe(path) == {
        "dataset": ["one"],
        "source_weights": {"seeds": 3.0},
        "matryoshka_dims": [64],
        "temperature": 1.0,
        "warmup": 0.1,
        "cached": True,
    }


@pytest.mark.parametrize(
    ("text", "message"),
    [
        ("learning_rat: 1", "'learning_rat': unknown setting; did you mean learning_rate?"),
        ("zzz: 1", "'zzz': unknown setting; 'dualview train --help' lists the settings"),
        ("1: 1", ": 1: unknown setting"),
        ("batch_size: many", "batch_size is 'many'; it must be a whole number"),
        ("batch_size: 1.5", "batch_size is 1.5; it must be a whole number"),
        ("cached: 1", "cached is 1; it must be true or false"),
        ("model: [a]", "model is"),
        ("source_weights: {a: b}", "source_weights is 'b'; it must be a number"),
        ("- a\n- b", "'key: value' lines"),
        ("a: [", "not a readable YAML file"),
        ("max_steps: .inf", "max_steps is inf; it must be a whole number"),
        (f"max_steps: {'9' * 400}", "it must be a whole number"),
        (f"seed: 1{'0' * 20}", "seed is 100000000000000000000; it must be a whole number"),
        ("seed: 2024-13-45", "not a readable YAML file (month must be in 1..12"),
        (f"a: {'[' * 5000}", "not a readable YAML file (more than 50 levels deep)"),
        ("model: !!python/object/apply:os.system [exit]", "not a readable YAML file (line 1: could not"),
        ("seed: 1\nseed: 2", "line 2: the key 'seed' comes twice"),
    ],
)
def test_a_wrong_recipe_is_one_line_that_names_file_and_key(tmp_path: Path, text: str, message: str) -> None:
    path = recipe(tmp_path, text)
    with pytest.raises(InputError) as caught:
        read_recipe(path)
    assert str(path) in str(caught.value) and message in str(caught.value)
    assert "\n" not in str(caught.value)


def test_a_recipe_that_is_not_there_or_no_text(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"no such recipe; .*--list-recipes"):
        read_recipe(tmp_path / "none.yaml")
    (tmp_path / "latin.yaml").write_bytes(b"model: caf\xe9")
    with pytest.raises(InputError, match="is not UTF-8 text"):
        read_recipe(tmp_path / "latin.yaml")
    with pytest.raises(InputError, match="it is a folder"):
        read_recipe(tmp_path)


@given(text=st.text(max_size=60))
def test_wild_recipes_never_end_in_another_error(tmp_path_factory: pytest.TempPathFactory, text: str) -> None:
    path = tmp_path_factory.getbasetemp() / "wild.yaml"
    path.write_text(text, encoding="utf-8", newline="")
    try:
        read_recipe(path)
    except InputError as error:
        assert "\n" not in str(error)


@pytest.mark.parametrize(
    ("changes", "message"),
    [
        ({"model": ""}, "model is not set; give --model"),
        ({"dataset": []}, "dataset is not set"),
        ({"out": ""}, "out is not set; give --out"),
        ({"batch_size": 0}, "batch_size is 0; it must be at least 1"),
        ({"layer_decay": 0.0}, "layer_decay is 0; it must be above 0 and at most 1"),
        ({"layer_decay": 1.1}, "layer_decay is 1.1; it must be above 0 and at most 1"),
        ({"base_share": 1.5}, "base_share is 1.5; it must be at least 0 and at most 1"),
        ({"dropout": 1.0}, "dropout is 1; it must be at least 0 and below 1, or -1"),
        ({"dropout": -0.1}, "dropout is -0.1; it must be at least 0 and below 1, or -1"),
        ({"neutral_weight": -1.0}, "neutral_weight is -1; it must be at least 0"),
        ({"learning_rate": 0.0}, "learning_rate is 0; it must be above 0"),
        ({"seed": -1}, "seed is -1; it must be at least 0 and at most 4,294,967,295"),
        ({"matryoshka_dims": [0]}, "matryoshka_dims is 0; it must be at least 1"),
        ({"mixture": "ins-both"}, "mixture is 'ins-both'; it must be one of ins-orig, ins-dv"),
        ({"precision": "fp8"}, "precision is 'fp8'; it must be one of fp32, bf16, auto"),
        ({"max_steps": 0}, "max_steps and epochs are both 0"),
        ({"template": "{query}"}, "needs {query} and then {instruction}"),
        ({"cached": True, "gradient_checkpointing": True}, "exclude each other"),
        ({"streaming": True, "plain_share": 0.1}, "streaming needs max_steps"),
        ({"streaming": True, "dataset": ["a", "b"]}, "streaming reads one dataset"),
        ({"report_to": ["mlflow"]}, "report_to is 'mlflow'; it must be one of tensorboard, trackio, wandb"),
        ({"plain_share": 1.0}, "plain_share is 1; it must be at least 0 and below 1"),
        ({"early_stopping": 1, "evaluations": 0}, "early_stopping needs evaluations"),
        (
            {"mixture": "ins-dv", "source_weights": {"a": 1.0}},
            "mixture and source_weights exclude each other",
        ),
        ({"lora_rank": 8, "frozen_layers": 2}, "lora_rank and frozen_layers exclude each other"),
        ({"source_weights": {"a": -1.0}}, "source_weights is -1; it must be at least 0"),
    ],
)
def test_wrong_values_are_refused(changes: dict[str, Any], message: str) -> None:
    with pytest.raises(InputError) as caught:
        TrainingSettings(**{"model": "m", "dataset": ["d"], "out": "o", **changes})
    assert message in str(caught.value)


@pytest.mark.parametrize("value", [float("nan"), float("inf"), float("-inf")])
def test_no_setting_takes_a_number_that_is_not_finite(value: float) -> None:
    numbers = [field.name for field in fields(TrainingSettings) if isinstance(field.default, float)]
    assert {"temperature", "neutral_weight", "warmup", "max_grad_norm"} <= set(numbers)
    for name in numbers:
        with pytest.raises(InputError, match=f"{name} is {value:g}; it must be"):
            TrainingSettings(**{"model": "m", "dataset": ["d"], "out": "o", name: value})


def test_what_is_reported_to_must_be_installed(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("importlib.util.find_spec", lambda name: None)
    with pytest.raises(InputError, match="pip install trackio"):
        parse("--report-to", "trackio")


def test_what_a_card_and_the_folder_are_called_does_not_make_another_run() -> None:
    one = parse("--model-name", "a", "--workers", "3").of_the_run()
    assert one == parse("--out", "elsewhere").of_the_run()
    assert one != parse("--seed", "1").of_the_run()


@pytest.mark.parametrize("path", RECIPES, ids=lambda path: path.stem)
def test_the_shipped_recipes_are_settings(path: Path) -> None:
    settings = parse("--recipe", str(path))
    assert settings.model == "m"  # the flag, so that the recipe's own may be left open
    assert read_recipe(path)["model"]


@given(query=st.text(), instruction=st.text())
def test_a_template_keeps_braces_that_the_texts_hold(query: str, instruction: str) -> None:
    joined = join_instruction(query, instruction, "A {query} B {instruction} C")
    assert joined == f"A {query} B {instruction} C"


@pytest.mark.parametrize(
    "template", ["", "{query}", "{instruction} {query}", "{query} {query} {instruction}"]
)
def test_a_template_names_both_once_in_order(template: str) -> None:
    with pytest.raises(InputError, match="template"):
        check_template(template)
