"""Page of a report: one file that requests nothing, for screen, phone and paper; all its text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval
from dualview.trainer.evaluation.report.examples import group_examples
from dualview.trainer.evaluation.report.figure_tables import (
    figure_rows,
    shown_difference,
    shown_interval,
    shown_value,
    table_headers,
)
from dualview.trainer.evaluation.report.movements import Movement, movements_by_lever
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.results import Evaluation
from dualview.trainer.evaluation.report.styles import STYLE_HEADERS, STYLE_TITLE, style_rows

_HEADLINE = "flip_accuracy"


@dataclass(frozen=True)
class Bar:
    """Value with its interval on a track from 0 to 100."""

    name: str
    role: str
    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class BarGroup:
    """Bars of one source, and the place of guessing."""

    title: str
    detail: str
    bars: tuple[Bar, ...]
    chance: float | None


@dataclass(frozen=True)
class Whisker:
    """Difference with its interval, as places on a track: 0 is the left end, 50 is no difference."""

    name: str
    low: float
    value: float
    high: float
    verdict: str
    label: str


def render_html(results: Evaluation, versions: Mapping[str, str], examples: int) -> str:
    """Write the report.

    :param examples: candidate sets that are shown of each outcome.
    """
    environment = Environment(
        loader=PackageLoader("dualview.trainer.evaluation.report"),
        undefined=StrictUndefined,
        autoescape=True,
        trim_blocks=True,
        lstrip_blocks=True,
        keep_trailing_newline=True,
    )
    movements = movements_by_lever(results.compared.sets)
    shown = {figure.metric for figure in results.figures}
    names = results.names
    return environment.get_template("report.html.jinja").render(
        model=names[0],
        baseline=names[1],
        summary=[_sentence(f, names) for f in results.figures if f.metric == _HEADLINE],
        bars=[_bar_group(f, names) for f in results.figures if f.metric == _HEADLINE],
        whiskers=_whiskers(results.figures),
        movements=movements,
        last_rank=_last_rank(movements),
        style_title=STYLE_TITLE,
        style_headers=table_headers(results.styles, STYLE_HEADERS),
        style_rows=style_rows(results.styles),
        groups=group_examples(results.compared.sets, examples) if results.compared.sets else [],
        headers=table_headers(results.figures),
        rows=figure_rows(results.figures),
        suite=results.suite,
        mteb=results.compared.mteb,
        notes=results.notes,
        note=interval_note(len(results.figures) + len(results.styles), paired=results.is_paired),
        how_to_read=[(name, text) for name, metrics, text in HOW_TO_READ if shown & set(metrics)],
        command=results.command,
        versions=versions,
        template=results.template,
        baseline_template=results.baseline_template,
    )


def _sentence(figure: ComparedFigure, names: tuple[str, str | None]) -> str:
    compared = figure.comparison
    share = (
        f"On {figure.subset or figure.dataset} ({figure.detail}), {names[0]} ranks the right passage first "
        f"under every instruction in {shown_value(figure, compared.model.value)}% of the sets"
    )
    if compared.baseline is None or compared.difference is None:
        return f"{share} {shown_interval(figure, compared.model)}."
    share += f", {names[1]} in {shown_value(figure, compared.baseline.value)}%"
    if compared.difference.holds_zero:
        return f"{share}: no difference that these queries can show."
    return f"{share}: a difference of {shown_difference(figure, compared.difference)} points."


def _bar_group(figure: ComparedFigure, names: tuple[str, str | None]) -> BarGroup:
    model, baseline = figure.comparison.model, figure.comparison.baseline
    bars = [_bar(figure, model, names[0], "model")]
    if baseline is not None:
        bars.insert(0, _bar(figure, baseline, names[1] or "", "baseline"))
    chance = None if figure.chance is None else 100 * figure.chance
    return BarGroup(figure.measured_on, figure.detail, tuple(bars), chance)


def _bar(figure: ComparedFigure, interval: Interval, name: str, role: str) -> Bar:
    low, value, high = (100 * number for number in (interval.low, interval.value, interval.high))
    return Bar(name, role, value, low, high, f"{shown_value(figure, interval.value)}%")


def _whiskers(figures: Sequence[ComparedFigure]) -> list[tuple[str, list[Whisker]]]:
    """Place the differences on tracks: figures in percent on one scale, margins on another.

    :return: what was measured on, and its differences; empty without a baseline.
    """
    differences = [(f, f.comparison.difference) for f in figures if f.comparison.difference]
    reach = {
        percent: max(
            (max(abs(d.low), abs(d.high)) for f, d in differences if f.kind.percent == percent), default=0.0
        )
        or 1.0
        for percent in (True, False)
    }
    groups: dict[str, list[Whisker]] = {}
    for figure, difference in differences:
        scale = 48 / reach[figure.kind.percent]
        low, value, high = (50 + scale * v for v in (difference.low, difference.value, difference.high))
        verdict = "same" if difference.holds_zero else "better" if difference.value > 0 else "worse"
        groups.setdefault(figure.measured_on, []).append(
            Whisker(figure.kind.label, low, value, high, verdict, shown_difference(figure, difference))
        )
    return list(groups.items())


def _last_rank(movements: Sequence[Movement]) -> float:
    """Return the rank at the right end of the rank tracks."""
    ranks = [rank for one in movements for mean in one.means for rank in (*mean.lost, *mean.gained)]
    return max([2.0, *ranks])
