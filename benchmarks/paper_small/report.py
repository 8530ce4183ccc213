"""results.json, report.md and the plots, from the figures that were stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from benchmarks.paper_small.jobs import BASE, Job, jobs_of
from benchmarks.paper_small.plots import plot_trade_off
from benchmarks.paper_small.pooling import Pooled, pool
from benchmarks.paper_small.running import read_result, result_file
from benchmarks.paper_small.tables import differences_table, models_table, texts_table

# Figures of a model, by name.
Figures = Mapping[str, Pooled]


@dataclass(frozen=True)
class Model:
    """A line of a list: one model, or one arm with its seeds.

    :param jobs: that are done, one a seed.
    :param runs: what was stored of each.
    :param figures: over the seeds, compared with the base model's.
    """

    group: str
    name: str
    test: bool
    jobs: Sequence[Job]
    runs: Sequence[Mapping[str, Any]]
    figures: Figures


def write_report(experiment: Mapping[str, Any], texts: Mapping[str, Any], results: Path, out: Path) -> None:
    """Write what there is so far; jobs that are left are left out.

    :param texts: what :func:`benchmarks.paper_small.texts.prepare` says.
    :param results: the folder of the stored figures.
    :param out: gets results.json, report.md and the plots.
    """
    jobs = jobs_of(experiment)
    models = _models(jobs, texts["key"], results)
    groups = dict.fromkeys(model.group for model in models)
    against = {group: _against(experiment, group, models) for group in groups}
    compared = [
        {
            "list": group,
            "model": name,
            "minus": reference,
            "figures": {figure: _difference(one) for figure, one in figures.items()},
        }
        for group, references in against.items()
        for reference, of_reference in references.items()
        for name, figures in of_reference.items()
    ]
    said = {"texts": texts, "models": [_as_dict(model) for model in models], "differences": compared}
    (out / "results.json").write_text(json.dumps(said, indent=1) + "\n", encoding="utf-8")
    pictures: dict[str, str] = {}
    for group in groups:
        figures = {model.name: model.figures for model in models if model.group == group and model.test}
        if len(figures) > 1:
            pictures[group] = f"{group}.png"
            (out / pictures[group]).write_bytes(plot_trade_off(figures))
    warnings = _warnings(len(jobs) - sum(len(model.runs) for model in models), texts["content"], models)
    (out / "report.md").write_text(_report(texts, models, against, warnings, pictures), encoding="utf-8")


def _models(jobs: Sequence[Job], texts_key: str, results: Path) -> list[Model]:
    """What is done, list by list, in the order of the jobs; none of a list whose base is not measured."""
    done: dict[tuple[str, str], list[tuple[Job, dict[str, Any]]]] = {}
    for job in jobs:
        path = result_file(results, job, texts_key)
        if path.is_file():
            done.setdefault((job.group, job.name), []).append((job, read_result(path)))
    bases = {job.test: [run] for of_one in done.values() for job, run in of_one if job.name == BASE}
    models = []
    for (group, name), of_one in done.items():
        by_seed, runs = [job for job, _ in of_one], [run for _, run in of_one]
        test = by_seed[0].test
        if test in bases:
            models.append(Model(group, name, test, by_seed, runs, _pooled(runs, bases[test])))
    return models


def _against(
    experiment: Mapping[str, Any], group: str, models: Sequence[Model]
) -> dict[str, dict[str, Figures]]:
    """Differences within a list of the test splits, by what the others are compared with."""
    of_group = {model.name: model for model in models if model.group == group and model.test}
    return {
        reference: {
            name: _pooled(of_group[name].runs, of_group[reference].runs) for name in names if name in of_group
        }
        for reference, names in experiment["against"].items()
        if reference in of_group
    }


def _pooled(runs: Sequence[Mapping[str, Any]], others: Sequence[Mapping[str, Any]]) -> Figures:
    values, other_values = [run["values"] for run in runs], [run["values"] for run in others]
    return {figure: pool(values, other_values, figure) for figure in values[0]}


def _report(
    texts: Mapping[str, Any],
    models: Sequence[Model],
    against: Mapping[str, Mapping[str, Mapping[str, Figures]]],
    warnings: Sequence[str],
    pictures: Mapping[str, str],
) -> str:
    lines = [
        "# The paper's comparison, small",
        "",
        "Written by `python -m benchmarks.paper_small` (see benchmarks/README.md); every figure is in "
        "`results.json`, with the command that trains its model. Figures x100. Intervals (95%): values are "
        "averaged over the seeds, then queries are resampled 10,000 times, paired with the base's. Tokens a "
        "pass are those that are trained on: of queries alone where passages are frozen, without the "
        "sentences that are kept.",
        "",
    ]
    for warning in warnings:
        lines += [warning, ""]
    for group in dict.fromkeys(model.group for model in models):
        of_group = [model for model in models if model.group == group]
        if len(of_group) == 1:  # what others are to be compared with, and none of them yet
            continue
        test = of_group[0].test
        lines += [f"## {group} ({'test' if test else 'validation'} splits)", ""]
        lines += [models_table({model.name: (model.figures, model.runs) for model in of_group}, test), ""]
        if group in pictures:
            lines += [f"![{group}]({pictures[group]})", ""]
        if test:
            changed = {model.name: model.figures for model in of_group if model.name != BASE}
            lines += [differences_table(BASE, changed), ""]
        for reference, of_reference in against[group].items():
            if of_reference:
                lines += [differences_table(reference, of_reference), ""]
    lines += ["## Text", "", texts_table(texts), ""]
    return "\n".join(lines)


def _warnings(left: int, content: str, models: Sequence[Model]) -> list[str]:
    runs = [run["content"] for model in models for run in model.runs]
    other_text = sum(of_run != content for of_run in runs)
    warnings = []
    if left:
        warnings.append(f"**Not finished: {left} measurements are left.** `--list` says which.")
    if other_text:
        warnings.append(
            f"**{other_text} of {len(runs)} measurements were made on other text than the one prepared here "
            f"({content}), since the builder or the data differed.** `content` in results.json says which; "
            "without their files in results/ they are made again."
        )
    return warnings


def _as_dict(model: Model) -> dict[str, Any]:
    first = model.runs[0]
    return {
        "list": model.group,
        "name": model.name,
        "settings": first["settings"],
        "commands": [job.command() for job in model.jobs],
        "cpu_seconds": [run.get("cpu_seconds") for run in model.runs],
        "precision": [run["precision"] for run in model.runs],
        "content": [run["content"] for run in model.runs],
        "tokens": first.get("tokens"),
        "mixture": first.get("mixture"),
        "figures": {
            figure: {
                **_interval(one.comparison.model),
                "by_seed": [round(value, 5) for value in one.by_seed],
                "minus base": _difference(one),
                "queries": one.comparison.queries,
            }
            for figure, one in model.figures.items()
        },
    }


def _difference(one: Pooled) -> dict[str, float]:
    return _interval(one.comparison.difference)


def _interval(interval: Any) -> dict[str, float]:  # noqa: ANN401
    return {name: round(getattr(interval, name), 5) for name in ("value", "low", "high")}
