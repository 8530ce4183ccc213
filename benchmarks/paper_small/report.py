"""results.json, report.md and the plots, from the figures that were stored."""

from __future__ import annotations

import json
from collections.abc import Mapping, Sequence
from pathlib import Path
from typing import Any

from benchmarks.paper_small.jobs import ARMS, BASE, jobs_of
from benchmarks.paper_small.plots import plot_curve, plot_trade_off
from benchmarks.paper_small.pooling import Pooled, pool
from benchmarks.paper_small.running import read_result, result_file
from trainer.settings import TrainingSettings

REFERENCE = "ins-orig"
# Figures of the table, each with what heads its column. All others are in results.json.
TEST_FIGURES = {
    "seeds/flip_accuracy": "seeds, 3 views",
    "attributed/flip_accuracy": "attributed",
    "medquad/flip_accuracy": "MedQuAD",
    "movies/flip_accuracy": "films",
    "condaqa/flip_accuracy": "CondaQA",
    "seeds/p_mrr": "p-MRR, seeds",
    "seeds/bare_query_ndcg_at_10": "bare nDCG, seeds",
    "scifact/ndcg_at_10": "SciFact nDCG",
}
VALIDATION_FIGURES = {
    "seeds/flip_accuracy": "seeds, 3 views",
    "attributed/flip_accuracy": "attributed",
    "medquad/flip_accuracy": "MedQuAD",
    "movies/flip_accuracy": "films",
    "seeds/bare_query_ndcg_at_10": "bare nDCG, seeds",
    "scifact conclusions/bare_query_ndcg_at_10": "SciFact conclusions nDCG",
}


def write_report(experiment: Mapping[str, Any], texts: Mapping[str, Any], results: Path, out: Path) -> None:
    """Write what there is so far; jobs that are left are left out.

    :param texts: what :func:`benchmarks.paper_small.texts.prepare` says.
    :param results: the folder of the stored figures.
    :param out: gets results.json, report.md and the plots.
    """
    stored: dict[tuple[str, str], list[dict[str, Any]]] = {}
    commands: dict[tuple[str, str], list[str]] = {}
    jobs = jobs_of(experiment)
    for job in jobs:
        path = result_file(results, job, texts["key"])
        if path.is_file():
            stored.setdefault((job.group, job.name), []).append(read_result(path))
            commands.setdefault((job.group, job.name), []).append(job.command())
    other_text = sorted(
        f"{group}: {name}"
        for (group, name), runs in stored.items()
        if {run["content"] for run in runs} != {texts["content"]}
    )
    left = len(jobs) - sum(map(len, stored.values()))
    pooled = {
        key: _pooled(runs, _baseline(stored, key[0], BASE))
        for key, runs in stored.items()
        if _baseline(stored, key[0], BASE)
    }
    against = {
        key: _pooled(runs, stored[ARMS, REFERENCE])
        for key, runs in stored.items()
        if key[0] == ARMS and (ARMS, REFERENCE) in stored
    }
    lists = [
        {
            "list": group,
            "name": name,
            "settings": stored[group, name][0]["settings"],
            "commands": commands[group, name],
            "cpu_seconds": [run.get("cpu_seconds") for run in stored[group, name]],
            "tokens": stored[group, name][0].get("tokens"),
            "mixture": stored[group, name][0].get("mixture"),
            "figures": {figure: _as_dict(one) for figure, one in figures.items()},
            f"minus {REFERENCE}": {
                figure: _interval(one.comparison.difference)
                for figure, one in against.get((group, name), {}).items()
            },
        }
        for (group, name), figures in pooled.items()
    ]
    (out / "results.json").write_text(
        json.dumps({"texts": texts, "models": lists}, indent=1) + "\n", encoding="utf-8"
    )
    (out / "report.md").write_text(
        _report(texts, stored, pooled, against, _warnings(left, other_text)), encoding="utf-8"
    )
    arms = {name: figures for (group, name), figures in pooled.items() if group == ARMS}
    if len(arms) > 1:
        (out / "trade_off.png").write_bytes(plot_trade_off(arms))
    for group, variants in experiment["sweeps"].items():
        points = _points(group, variants, experiment, pooled)
        if len(points) > 2:
            (out / f"{group}.png").write_bytes(plot_curve(group, points))


def _baseline(
    stored: Mapping[tuple[str, str], list[dict[str, Any]]], group: str, name: str
) -> list[dict[str, Any]]:
    """What a list is compared with: measured on the same benchmarks."""
    return stored.get((ARMS if group == ARMS else "search", name), [])


def _pooled(runs: Sequence[Mapping[str, Any]], baseline: Sequence[Mapping[str, Any]]) -> dict[str, Pooled]:
    values, others = [run["values"] for run in runs], [run["values"] for run in baseline]
    return {figure: pool(values, others, figure) for figure in values[0]}


def _points(
    group: str,
    variants: Sequence[Mapping[str, Any]],
    experiment: Mapping[str, Any],
    pooled: Mapping[Any, Any],
) -> dict[float, dict[str, Pooled]]:
    """The models of a sweep over one number, by that number; none where a sweep varies something else."""
    names = {name for variant in variants for name in variant}
    if len(names) != 1:
        return {}
    (varied,) = names
    points = {}
    for job in jobs_of(experiment):
        if job.group == group and (group, job.name) in pooled:
            value = job.settings.get(varied, getattr(TrainingSettings, varied))
            if isinstance(value, (int, float)) and not isinstance(value, bool):
                points[float(value)] = pooled[group, job.name]
    return dict(sorted(points.items()))


def _report(
    texts: Mapping[str, Any],
    stored: Mapping[Any, Any],
    pooled: Mapping[Any, Any],
    against: Mapping[Any, Any],
    warnings: Sequence[str],
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
    for group in dict.fromkeys(group for group, _ in pooled):
        figures = TEST_FIGURES if group == ARMS else VALIDATION_FIGURES
        where = "test splits" if group == ARMS else "validation splits"
        lines += [f"## {group} ({where})", "", _table(group, figures, stored, pooled), ""]
        if group == ARMS:
            lines += [_differences(figures, pooled, "base"), ""]
            if against:
                lines += [_differences(figures, against, REFERENCE), ""]
    lines += ["## Text", "", _texts_table(texts), ""]
    return "\n".join(lines)


def _warnings(left: int, other_text: Sequence[str]) -> list[str]:
    warnings = []
    if left:
        warnings.append(f"**Not finished: {left} measurements are left.** `--list` says which.")
    if other_text:
        warnings.append(
            "**Measured on other text than is prepared here (the builder or the data changed since): "
            f"{'; '.join(other_text)}.** Remove their files from results/ to measure them again."
        )
    return warnings


def _table(
    group: str, figures: Mapping[str, str], stored: Mapping[Any, Any], pooled: Mapping[Any, Any]
) -> str:
    rows = [["model", "seeds", "samples", "tokens a pass", *figures.values()]]
    for (of, name), of_model in pooled.items():
        if of != group:
            continue
        runs = stored[of, name]
        went_in = runs[0].get("mixture") or {}
        samples = went_in.get("samples", went_in.get("instructed views", 0))
        row = [name, str(len(runs)), f"{samples:,}", f"{runs[0].get('tokens') or 0:,}"]
        for figure in figures:
            one = of_model[figure]
            spread = (
                f" ({100 * min(one.by_seed):.1f} to {100 * max(one.by_seed):.1f})" if len(runs) > 1 else ""
            )
            row.append(f"{100 * one.comparison.model.value:.1f}{spread}")
        rows.append(row)
    return "In brackets: lowest and highest seed.\n\n" + _markdown(rows)


def _differences(figures: Mapping[str, str], pooled: Mapping[Any, Any], reference: str) -> str:
    rows = [[f"minus {reference}", *figures.values()]]
    for (group, name), of_model in pooled.items():
        if group == ARMS and name not in (reference, BASE):
            row = [name]
            for figure in figures:
                one = of_model[figure].comparison.difference
                mark = "" if one.holds_zero else "**"
                row.append(
                    f"{mark}{100 * one.value:+.1f}{mark} ({100 * one.low:+.1f} to {100 * one.high:+.1f})"
                )
            rows.append(row)
    return f"Differences to {reference}; bold where the interval does not hold zero.\n\n" + _markdown(rows)


def _texts_table(texts: Mapping[str, Any]) -> str:
    rows = [["part", "queries", "pairs of opposite instructions", "rows dropped for evaluated text"]]
    for part, pairs in texts["pairs"].items():
        dropped = texts["dropped"].get(part, {})
        said = ", ".join(f"{count:,} ({reason})" for reason, count in dropped.items()) or "0"
        rows.append(
            [part, f"{texts['queries'][part]:,}", f"{pairs:,}", said if part in texts["dropped"] else ""]
        )
    return _markdown(rows)


def _markdown(rows: Sequence[Sequence[str]]) -> str:
    head, *body = rows
    lines = [head, ["---", *["---:"] * (len(head) - 1)], *body]
    return "\n".join(f"| {' | '.join(line)} |" for line in lines)


def _as_dict(one: Pooled) -> dict[str, Any]:
    comparison = one.comparison
    return {
        **_interval(comparison.model),
        "by_seed": [round(value, 5) for value in one.by_seed],
        "minus base": _interval(comparison.difference),
        "queries": comparison.queries,
    }


def _interval(interval: Any) -> dict[str, float]:  # noqa: ANN401
    return {name: round(getattr(interval, name), 5) for name in ("value", "low", "high")}
