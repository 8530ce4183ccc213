"""Recipes by name or path, the list of the shipped ones, and the help of the command."""

from __future__ import annotations

from pathlib import Path

import pytest

from dualview.cards.errors import InputError
from dualview.cli import main
from dualview.trainer.settings.recipes import find_recipe, list_recipes, read_recipe, shipped_recipes
from dualview.trainer.settings.training import GROUPS, OPTIONS


def test_a_shipped_recipe_is_found_by_name_from_any_folder(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    (tmp_path / "minilm").mkdir()  # a run's folder of that name
    assert read_recipe("minilm")["model"] == "sentence-transformers/all-MiniLM-L6-v2"
    assert find_recipe("quickstart") == shipped_recipes()["quickstart"]


def test_a_path_is_a_recipe_too(tmp_path: Path) -> None:
    path = tmp_path / "own.yml"
    path.write_text("seed: 3\n")
    assert read_recipe(str(path)) == read_recipe(path) == {"seed": 3}


@pytest.mark.parametrize("name", ["minilmm", "recipes/miniml.yaml"])
def test_a_wrong_name_suggests_the_nearest(name: str) -> None:
    with pytest.raises(InputError, match=f"{name}: no such recipe; did you mean minilm"):
        find_recipe(name)


def test_the_list_has_a_line_for_each_recipe(
    capsys: pytest.CaptureFixture[str], tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.chdir(tmp_path)
    assert main(["train", "--list-recipes"]) == 0
    shown = capsys.readouterr().out
    assert shown == list_recipes()
    lines = dict(line.split("  ", 1) for line in shown.splitlines())
    assert set(map(str.strip, lines)) == set(shipped_recipes())
    assert all(len(text.split()) > 4 for text in lines.values())


def test_help_groups_the_options_under_titles(capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit):
        main(["train", "--help"])
    shown = capsys.readouterr().out
    usage = shown.partition("\n\n")[0]
    assert len(usage.splitlines()) <= 2 and "--dataset DATASET --out FOLDER" in usage
    places = [shown.index(f"\n{group.TITLE}:\n") for group in GROUPS]
    assert places == sorted(places)
    for name in OPTIONS:
        assert shown.count(f"\n  --{name.replace('_', '-')}") >= 1, name
    assert "--per_device_train_batch_size" not in shown  # accepted, without a line of its own
