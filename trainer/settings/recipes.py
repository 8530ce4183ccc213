"""Recipes: settings in YAML files, shipped with the package or the user's own."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from dualview.cards.errors import InputError
from dualview.cards.yaml_reader import read_yaml
from dualview.command_line.parser import suggest
from dualview.trainer.settings.names import settings_from

_FOLDER = Path(__file__).resolve().parent.parent / "recipes"


def shipped_recipes() -> dict[str, Path]:
    """Return the recipes that come with the package, by name."""
    return {path.stem: path for path in sorted(_FOLDER.glob("*.yaml"))}


def list_recipes() -> str:
    """Describe each shipped recipe in a line: its name and its first comment line."""
    recipes = shipped_recipes()
    width = max(map(len, recipes))
    lines = [f"{name:<{width}}  {_first_comment(path)}\n" for name, path in recipes.items()]
    return "".join(lines)


def read_recipe(name: str | Path) -> dict[str, Any]:
    """Read a recipe and check its keys and the kinds of its values.

    :param name: a file, or the name of a shipped recipe.
    :raises InputError: naming the file, the key and the remedy.
    """
    path = find_recipe(name)
    recipe = read_yaml(path)
    if not isinstance(recipe, dict):
        raise InputError(f"{path}: a recipe is a list of 'key: value' lines")
    return settings_from(recipe, lambda key: f"{path}: {key}")


def find_recipe(name: str | Path) -> Path:
    """Find a recipe by the name of a shipped one or by its path.

    :raises InputError: if there is none, with the shipped name nearest to it.
    """
    recipes, path = shipped_recipes(), Path(name)
    if str(name) in recipes:
        return recipes[str(name)]
    if path.exists():
        return path
    hint = suggest(path.stem, recipes) or "; 'dualview train --list-recipes' lists the shipped ones"
    raise InputError(f"{name}: no such recipe{hint}")


def _first_comment(path: Path) -> str:
    lines = path.read_text(encoding="utf-8").splitlines()
    return lines[0].lstrip("# ").rstrip(":.") if lines and lines[0].startswith("#") else ""
