"""report.html: one file without any request, for a screen, a phone and paper. All text in it is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from jinja2 import Environment, PackageLoader, StrictUndefined

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.report.examples import group_examples
from dualview.trainer.evaluation.report.movements import Movement, movements_by_lever
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.styles import STYLE_HEADERS, STYLE_TITLE, style_rows
from dualview.trainer.evaluation.report.figure_tables import HEADERS, figure_rows, shown_difference, shown_value

if TYPE_CHECKING:
    from dualview.trainer.evaluation.report.results import EvaluationResults

_HEADLINE = "flip_accuracy"


@dataclass(frozen=True)
class Bar:
    """A value with its interval on a track from 0 to 100."""

    name: str
    role: str
    value: float
    low: float
    high: float
    label: str


@dataclass(frozen=True)
class BarGroup:
    """The bars of one source, and where guessing would be."""

    title: str
    detail: str
    bars: tuple[Bar, ...]
    chance: float | None


@dataclass(frozen=True)
class Whisker:
    """A difference with its interval, as places on a track: 0 is the left end, 50 is no difference."""

    name: str
    low: float
    value: float
    high: float
    verdict: str
    label: str


def render_html(results: EvaluationResults, versions: Mapping[str, str], examples: int) -> str:
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
        style_headers=STYLE_HEADERS,
        style_rows=style_rows(results.styles),
        groups=group_examples(results.compared.sets, examples) if results.compared.sets else [],
        headers=HEADERS,
        rows=figure_rows(results.figures),
        suite=results.suite,
        mteb=results.compared.mteb,
        note=interval_note(len(results.figures) + len(results.styles)),
        how_to_read=[(name, text) for name, metrics, text in HOW_TO_READ if shown & set(metrics)],
        command=results.command,
        versions=versions,
        templates=results.templates,
    )


def _sentence(figure: ComparedFigure, names: tuple[str, str]) -> str:
    compared = figure.comparison
    where = figure.subset or figure.dataset
    said = (
        f"On {where} ({figure.detail}), {names[0]} puts the right passage first under every instruction in "
        f"{shown_value(figure, compared.model.value)}% of the sets, {names[1]} in "
        f"{shown_value(figure, compared.baseline.value)}%"
    )
    if compared.difference.holds_zero:
        return f"{said}: no difference that these queries can show."
    return f"{said}: a difference of {shown_difference(figure)} points."


def _bar_group(figure: ComparedFigure, names: tuple[str, str]) -> BarGroup:
    pair = (figure.comparison.baseline, figure.comparison.model)
    bars = tuple(
        Bar(
            name,
            role,
            100 * interval.value,
            100 * interval.low,
            100 * interval.high,
            f"{shown_value(figure, interval.value)}%",
        )
        for interval, name, role in zip(pair, reversed(names), ("baseline", "model"), strict=True)
    )
    chance = None if figure.chance is None else 100 * figure.chance
    return BarGroup(figure.measured_on, figure.detail, bars, chance)


def _whiskers(figures: Sequence[ComparedFigure]) -> list[tuple[str, list[Whisker]]]:
    """Place the differences on tracks: figures in percent on one scale, margins on another.

    :return: what was measured on, and its differences.
    """
    reach = {
        percent: max(
            (
                max(abs(f.comparison.difference.low), abs(f.comparison.difference.high))
                for f in figures
                if f.kind.percent == percent
            ),
            default=0.0,
        )
        or 1.0
        for percent in (True, False)
    }
    groups: dict[str, list[Whisker]] = {}
    for figure in figures:
        difference = figure.comparison.difference
        scale = 48 / reach[figure.kind.percent]
        low, value, high = (50 + scale * v for v in (difference.low, difference.value, difference.high))
        verdict = "same" if difference.holds_zero else "better" if difference.value > 0 else "worse"
        groups.setdefault(figure.measured_on, []).append(
            Whisker(figure.kind.label, low, value, high, verdict, shown_difference(figure))
        )
    return list(groups.items())


def _last_rank(movements: Sequence[Movement]) -> float:
    """The right end of the rank tracks."""
    ranks = [
        rank
        for movement in movements
        for mean in (movement.baseline, movement.model)
        for rank in (*mean.lost, *mean.gained)
    ]
    return max([2.0, *ranks])
