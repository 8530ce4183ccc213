"""Recipes in YAML, and flags that override them: one set of keys for both."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from dataclasses import MISSING, fields
from pathlib import Path
from typing import Any, get_args, get_origin, get_type_hints

import yaml

from dualview.cards.errors import InputError
from dualview.command_line.parser import Parser
from dualview.trainer.settings.training import TrainingSettings


def add_arguments(parser: argparse.ArgumentParser) -> None:
    """Add ``--recipe`` and a flag for each setting."""
    parser.add_argument("--recipe", type=Path, help="YAML file with any of the settings below")
    kinds = get_type_hints(TrainingSettings)
    for setting in fields(TrainingSettings):
        flag = "--" + setting.name.replace("_", "-")
        default = "" if setting.default in ("", MISSING) else f" (default: {setting.default})"
        text = (setting.metadata["help"] + default).replace("%", "%%")
        kind = kinds[setting.name]
        if kind is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        elif get_origin(kind) in (list, dict):
            parser.add_argument(flag, nargs="*", default=None, help=text, metavar="VALUE")
        else:
            parser.add_argument(flag, type=kind, default=None, help=text, metavar="VALUE")


def parse_settings(argv: Sequence[str]) -> TrainingSettings:
    """Read settings from the words of a command line.

    :raises InputError: see :func:`settings_of`.
    """
    parser = Parser(prog="dualview train")
    add_arguments(parser)
    return settings_of(parser.parse_args(argv))


def settings_of(args: argparse.Namespace) -> TrainingSettings:
    """Read the recipe and the flags; a flag wins over the recipe, the recipe over the default.

    :raises InputError: for an unreadable recipe, an unknown key or a value of the wrong kind.
    """
    settings = read_recipe(args.recipe) if args.recipe else {}
    kinds = get_type_hints(TrainingSettings)
    for setting in fields(TrainingSettings):
        name, value = setting.name, getattr(args, setting.name)
        if value is not None:
            settings[name] = _converted("--" + name.replace("_", "-"), value, kinds[name])
    return TrainingSettings(**settings)


def read_recipe(path: Path) -> dict[str, Any]:
    """Read a recipe and check its keys and the kinds of its values.

    :raises InputError: naming the file, the key and the remedy.
    """
    try:
        recipe = yaml.safe_load(path.read_text(encoding="utf-8"))
    except FileNotFoundError:
        raise InputError(f"{path}: no such recipe; see trainer/recipes") from None
    except (OSError, UnicodeDecodeError, yaml.YAMLError) as error:
        reason = " ".join(str(error).split())
        raise InputError(f"{path}: not a readable YAML file ({reason})") from error
    if not isinstance(recipe, dict):
        raise InputError(f"{path}: a recipe is a list of 'key: value' lines")
    kinds = get_type_hints(TrainingSettings)
    for key, value in recipe.items():
        if key not in kinds:
            near = difflib.get_close_matches(str(key), kinds, n=1)
            hint = f"did you mean {near[0]!r}?" if near else "see --help for the keys"
            raise InputError(f"{path}: unknown key {key!r}; {hint}")
        recipe[key] = _converted(f"{path}: {key}", value, kinds[key])
    return recipe


def _converted(place: str, value: object, kind: Any) -> Any:  # noqa: ANN401 - any value of any setting
    """Take what YAML or the command line read if it is of the right kind.

    5e-5 is a string to YAML, 1 is fine for 1.0, a single name for a list of one, ``a=2`` for a mapping.
    """
    if get_origin(kind) is list:
        items = value if isinstance(value, list) else [value]
        return [_converted(place, item, get_args(kind)[0]) for item in items]
    if get_origin(kind) is dict:
        items = value if isinstance(value, list) else [value]
        pairs = value.items() if isinstance(value, dict) else [str(i).rpartition("=")[::2] for i in items]
        return {str(name): _converted(place, number, get_args(kind)[1]) for name, number in pairs}
    if kind in (int, float) and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            number = float(value)
            if kind is float or number.is_integer():
                return kind(number)
        except ValueError:
            pass
    elif type(value) is kind:
        return value
    raise InputError(f"{place} is {value!r}; it must be {kind.__name__}")
