"""Command line of a training: a recipe, and a flag for each setting that overrides it."""

from __future__ import annotations

import argparse
import textwrap
from dataclasses import fields
from typing import Any, get_origin

from dualview.trainer.option import default_of
from dualview.trainer.settings.names import KINDS, NAMES, is_switch, settings_from
from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import GROUPS, OPTIONS, TrainingSettings

_USAGE = "%(prog)s [--recipe RECIPE] --dataset DATASET --out FOLDER [OPTION ...]"
_METAVARS = {int: "N", float: "X", str: "VALUE"}
# Prefix of what argparse keeps: flags of a setting under different names are told apart.
_DEST = "setting:"


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--recipe``, ``--list-recipes``, and a flag for each setting, in groups."""
    parser.usage = _USAGE
    parser.epilog = textwrap.dedent(
        """\
        Hugging Face's names are accepted as well, with hyphens or underscores, as flags and in recipes:
        --per-device-train-batch-size, --lr-scheduler-type, --num-train-epochs, --output-dir, --bf16, ...
        """
    )
    recipes = parser.add_argument_group("recipe")
    recipes.add_argument(
        "--recipe", help="a shipped recipe by name, such as minilm, or a YAML file with any settings below"
    )
    recipes.add_argument("--list-recipes", action="store_true", help="list the shipped recipes and exit")
    for group in GROUPS:
        titled = parser.add_argument_group(group.TITLE)
        for field in fields(group):
            text = _help(field.name, default_of(field))
            titled.add_argument(_flag(field.name), help=text, **_reading(field.name))
    for accepted in NAMES:
        # Underscores are accepted too, and other tools' names in both spellings, without lines of help.
        spellings = {_flag(accepted), f"--{accepted}"}
        if hidden := sorted(spellings - {_flag(name) for name in OPTIONS}):
            parser.add_argument(*hidden, help=argparse.SUPPRESS, **_reading(accepted))


def settings_of(args: argparse.Namespace) -> TrainingSettings:
    """Read the recipe and the flags; a flag wins over the recipe, the recipe over the default.

    :raises InputError: for an unreadable recipe, an unknown key, a value of the wrong kind, or one setting
        under two names.
    """
    given = {
        key.removeprefix(_DEST): value
        for key, value in vars(args).items()
        if key.startswith(_DEST) and value is not None
    }
    recipe = read_recipe(args.recipe) if args.recipe else {}
    return TrainingSettings(**{**recipe, **settings_from(given, _flag)})


def _reading(accepted: str) -> dict[str, Any]:
    """Tell argparse how to read the words of a flag; values are converted later, as those of a recipe are."""
    kind = KINDS[NAMES[accepted]]
    reading: dict[str, Any] = {"dest": _DEST + accepted, "default": None}
    if kind is bool or is_switch(accepted):
        return {**reading, "action": argparse.BooleanOptionalAction}
    if get_origin(kind) in (list, dict):
        return {**reading, "nargs": "*", "metavar": "VALUE"}
    return {**reading, "metavar": _METAVARS[kind]}


def _flag(name: str) -> str:
    return "--" + name.replace("_", "-")


def _help(name: str, default: object) -> str:
    fact = OPTIONS[name]
    text = fact.help + (f": {fact.choices}" if fact.choices else "")
    if default not in ("", [], {}) and "(default" not in text:
        text += f" (default: {default})"
    return text.replace("%", "%%")
