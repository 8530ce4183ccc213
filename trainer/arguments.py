"""The settings of a training run: recipes in YAML, and flags that override them."""

from __future__ import annotations

import argparse
import difflib
from collections.abc import Sequence
from dataclasses import MISSING, asdict, dataclass, field, fields
from pathlib import Path
from typing import Any, get_type_hints

import yaml

from trainer.errors import InputError
from trainer.instructed import DEFAULT_TEMPLATE, check_template


def _setting(default: Any, text: str) -> Any:
    return field(default=default, metadata={"help": text})


@dataclass(frozen=True)
class TrainingSettings:
    """What a recipe may set. Every field is a key of the YAML file and a flag of the command line."""

    model: str = _setting("", "model to start from: a folder, a Hub id, or package:NAME/SUBFOLDER")
    base_model_id: str = _setting("", "the base model's name on the Hub, for the card (default: --model)")
    base_license: str = _setting("", "the base model's licence, for the card")
    model_name: str = _setting("dualview", "name of the trained model, for the card")
    dataset: str = _setting("", "a dual-view dataset: a folder or a Hub id")
    output: str = _setting("", "folder for checkpoints and the trained model")
    template: str = _setting(DEFAULT_TEMPLATE, "how query and instruction are joined")
    max_tokens: int = _setting(256, "tokens a text is cut at")
    max_steps: int = _setting(100, "optimiser steps")
    batch_size: int = _setting(12, "candidate sets a step and process")
    pairs_per_row: int = _setting(6, "pairs of opposite instructions asked of one query's passages at a time")
    paraphrases: bool = _setting(True, "train on the paraphrase of the original instruction too")
    max_hard_negatives: int = _setting(30, "hard negatives a candidate set, at most")
    learning_rate: float = _setting(5e-5, "peak learning rate")
    warmup: float = _setting(0.1, "share of the steps in which the learning rate rises")
    weight_decay: float = _setting(0.01, "AdamW's weight decay")
    temperature: float = _setting(0.02, "softmax temperature")
    in_batch_negatives: bool = _setting(True, "other rows' passages are negatives too")
    neutral_weight: float = _setting(1.0, "weight of the bare queries' term; 0 switches it off")
    doc_to_query_weight: float = _setting(0.0, "weight of the document-to-query term; 0 switches it off")
    frozen_layers: int = _setting(
        -1, "freeze the token embeddings and so many layers above them; -1 freezes nothing"
    )
    base_share: float = _setting(0.0, "after training, average the weights with the base model's: its share")
    evaluations: int = _setting(3, "evaluations on the validation split, evenly spread; the best one is kept")
    logging_steps: int = _setting(10, "steps between two lines of the log")
    metric: str = _setting("flip_accuracy", "the evaluator's figure that decides the best checkpoint")
    seed: int = _setting(0, "seed of everything random")

    def __post_init__(self) -> None:
        """Check values.

        :raises InputError: naming the setting and what it may be.
        """
        for name in ("model", "dataset", "output"):
            if not getattr(self, name):
                raise InputError(f"{name} is not set; give --{name} or set it in the recipe")
        for name in ("max_steps", "batch_size", "pairs_per_row", "max_tokens", "evaluations", "logging_steps"):
            if getattr(self, name) < 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must be at least 1")
        for name in ("base_share", "warmup"):
            if not 0 <= getattr(self, name) <= 1:
                raise InputError(f"{name} is {getattr(self, name)}; it must lie between 0 and 1")
        for name in ("learning_rate", "temperature"):
            if not getattr(self, name) > 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must be positive")
        for name in ("neutral_weight", "doc_to_query_weight", "weight_decay", "max_hard_negatives"):
            if getattr(self, name) < 0:
                raise InputError(f"{name} is {getattr(self, name)}; it must not be negative")
        check_template(self.template)

    def as_dict(self) -> dict[str, Any]:
        """Return the settings as a recipe would hold them."""
        return asdict(self)


def parse_settings(argv: Sequence[str] | None, description: str) -> TrainingSettings:
    """Read ``--recipe FILE`` and flags; a flag wins over the recipe, the recipe over the default.

    :raises InputError: for an unreadable recipe, an unknown key or a value of the wrong kind.
    """
    parser = argparse.ArgumentParser(description=description, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("--recipe", type=Path, help="YAML file with any of the settings below")
    kinds = get_type_hints(TrainingSettings)
    for setting in fields(TrainingSettings):
        flag = "--" + setting.name.replace("_", "-")
        default = "" if setting.default in ("", MISSING) else f" (default: {setting.default})"
        text = (setting.metadata["help"] + default).replace("%", "%%")
        if kinds[setting.name] is bool:
            parser.add_argument(flag, action=argparse.BooleanOptionalAction, default=None, help=text)
        else:
            parser.add_argument(flag, type=kinds[setting.name], default=None, help=text, metavar="VALUE")
    flags = vars(parser.parse_args(argv))
    recipe = flags.pop("recipe")
    settings = read_recipe(recipe) if recipe else {}
    settings.update({name: value for name, value in flags.items() if value is not None})
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
        recipe[key] = _converted(path, key, value, kinds[key])
    return recipe


def _converted(path: Path, key: str, value: Any, kind: type) -> Any:
    """Take what YAML read if it is of the right kind (5e-5 is a string to YAML, 1 is fine for 1.0)."""
    if kind is float and isinstance(value, (int, float, str)) and not isinstance(value, bool):
        try:
            return float(value)
        except ValueError:
            pass
    elif type(value) is kind:
        return value
    raise InputError(f"{path}: {key} is {value!r}; it must be {kind.__name__}")
