"""The outcome of an evaluation: everything in one JSON file, and a report that people read."""

from __future__ import annotations

import importlib.metadata
import json
import platform
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

from cards.readme import write_text
from cards.text import Markdown, escape, fence
from trainer.evaluation.comparison import ComparedFigure
from trainer.evaluation.model_names import display_name
from trainer.evaluation.plots import plot_flips
from trainer.evaluation.significance import RESAMPLES
from trainer.evaluation.tables import markdown_table

RESULTS_FILE, REPORT_FILE, PLOT_FILE = "results.json", "report.md", "flips.png"
_PACKAGES = ("dualview", "sentence-transformers", "transformers", "torch", "datasets", "numpy")


@dataclass(frozen=True)
class EvaluationResults:
    """Figures of a model beside a baseline, and how they were made.

    :param template: how the model's queries and instructions were joined; ``baseline_template`` the baseline's.
    :param command: the command line that made the figures.
    :param seconds: wall-clock time of the evaluation.
    """

    model: str
    baseline: str
    template: str
    baseline_template: str
    command: str
    seconds: float
    figures: tuple[ComparedFigure, ...]

    def as_dict(self) -> dict[str, Any]:
        """Return everything as plain JSON values; all figures but the margin are fractions."""
        return {
            "command": self.command,
            "model": self.model,
            "baseline": self.baseline,
            "template": self.template,
            "baseline_template": self.baseline_template,
            "seconds": round(self.seconds, 1),
            "bootstrap": {"resamples": RESAMPLES, "interval": 0.95, "unit": "query"},
            "versions": versions(),
            "figures": [
                {**asdict(f), "name": f.name, "differs": not f.comparison.difference.holds_zero}
                for f in self.figures
            ],
        }


def versions() -> dict[str, str]:
    """Name the versions of Python and of the packages that figures depend on."""
    found = {"python": platform.python_version()}
    for package in _PACKAGES:
        try:
            found[package] = importlib.metadata.version(package)
        except importlib.metadata.PackageNotFoundError:
            continue
    return found


def write_report(folder: Path, results: EvaluationResults) -> None:
    """Write ``results.json``, ``report.md`` and, where there are candidate sets, ``flips.png``.

    :param folder: made if it is missing.
    :raises cards.readme.CardError: if a file cannot be written.
    """
    text = json.dumps(results.as_dict(), indent=2, ensure_ascii=False, allow_nan=False)
    write_text(folder / RESULTS_FILE, text + "\n")
    has_plot = any(figure.metric == "flip_accuracy" for figure in results.figures)
    if has_plot:
        plot_flips(
            results.figures, folder / PLOT_FILE, display_name(results.baseline), display_name(results.model)
        )
    write_text(folder / REPORT_FILE, _report(results, has_plot))


def _report(results: EvaluationResults, has_plot: bool) -> str:
    parts = [
        f"# {escape(results.model)} against {escape(results.baseline)}",
        Markdown(f"![Flip accuracy of both models]({PLOT_FILE})") if has_plot else "",
        markdown_table(results.figures),
        (
            "All figures x100 but the margin; in brackets the 95% interval of a paired bootstrap over queries "
            f"({RESAMPLES:,} resamples). Where the interval of the difference holds zero, the table says "
            '"no difference". One figure in twenty leaves out zero by luck: the more figures, the more of them.'
        ),
        _HOW_TO_READ,
        fence(results.command, "bash"),
        "Versions: " + ", ".join(f"{name} {escape(version)}" for name, version in versions().items()),
    ]
    return "\n\n".join(part for part in parts if part) + "\n"


_HOW_TO_READ = """\
- **All views of a set right:** the same query under several instructions, each of which wants another passage; \
a set counts only if every instruction puts its own passage above those of the others. A model that ignores \
instructions scores 0.
- **Single views right:** each of these instructions alone.
- **p-MRR:** from -100 to 100; how far the passage that an instruction rules out falls when the instruction is \
reversed. Its mirror is the same for the passage that the reversed instruction asks for.
- **Margin:** how much more similar the wanted passage is than the best of its rivals.
- **nDCG@10 of the bare queries:** without any instruction, over all passages of the split: that it does not fall \
says that plain search still works."""
