"""Page of a report: one file that requests nothing, for screen, phone and paper; all its text is escaped."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass

from jinja2 import Environment, PackageLoader, StrictUndefined

from dualview.trainer.evaluation.comparison.compared_figures import ComparedFigure
from dualview.trainer.evaluation.comparison.significance import Interval
from dualview.trainer.evaluation.report.examples import group_examples
from dualview.trainer.evaluation.report.figure_tables import (
    HEADERS,
    figure_rows,
    shown_difference,
    shown_interval,
    shown_value,
    table_headers,
)
from dualview.trainer.evaluation.report.headlines import headline_figures, shown_scope, title_of
from dualview.trainer.evaluation.report.movements import Movement, movements_by_lever
from dualview.trainer.evaluation.report.notes import HOW_TO_READ, interval_note
from dualview.trainer.evaluation.report.results import Evaluation
from dualview.trainer.evaluation.report.view_groups import GROUP_HEADERS, group_rows


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
    names, baselines = results.names, results.names[1:]
    headlines = headline_figures(results.figures)
    return environment.get_template("report.html.jinja").render(
        title=title_of(names),
        model=names[0],
        baselines=baselines,
        summary=[_sentence(figure, names) for figure in headlines],
        bars=[_bar_group(figure, names) for figure in headlines],
        whiskers=[(name, _whiskers(results.figures, number)) for number, name in enumerate(baselines)],
        movements=movements,
        last_rank=_last_rank(movements),
        group_headers=table_headers(GROUP_HEADERS, baselines),
        view_groups=[(title, group_rows(figures)) for title, figures in results.view_groups],
        groups=group_examples(results.compared.sets, examples) if results.compared.sets else [],
        headers=table_headers(HEADERS, baselines),
        rows=figure_rows(results.figures),
        suite=results.suite,
        mteb=results.mteb_scores,
        notes=results.notes,
        note=interval_note(results.count * max(1, len(baselines)), paired=results.is_paired),
        how_to_read=[(name, text) for name, metrics, text in HOW_TO_READ if shown & set(metrics)],
        command=results.command,
        versions=versions,
        template=results.template,
        baseline_templates=[one.template for one in results.baselines],
    )


def _sentence(figure: ComparedFigure, names: Sequence[str]) -> str:
    compared = figure.comparison
    if figure.metric == "flip_accuracy":
        done = "ranks the right passage above the others of its set under every instruction"
        share = f"in {shown_value(figure, compared.model.value)}% of the sets"
    else:
        done = f"ranks the right passage {shown_scope(figure)}"
        share = f"under {shown_value(figure, compared.model.value)}% of the instructions"
    said = f"On {figure.subset or figure.dataset} ({figure.detail}), {names[0]} {done} {share}"
    if not compared.against:
        return f"{said} {shown_interval(figure, compared.model)}."
    parts = [said]
    for name, against in zip(names[1:], compared.against, strict=True):
        if against.baseline is not None and against.difference is not None:
            value = f"{name} {share.split()[0]} {shown_value(figure, against.baseline.value)}%"
            parts.append(f"{value}{_verdict(figure, against.difference)}")
    return f"{'; '.join(parts)}."


def _verdict(figure: ComparedFigure, difference: Interval) -> str:
    if difference.holds_zero:
        return ", no difference that these queries can show"
    return f", a difference of {shown_difference(figure, difference)} points"


def _bar_group(figure: ComparedFigure, names: Sequence[str]) -> BarGroup:
    against = zip(names[1:], figure.comparison.against, strict=True)
    bars = [_bar(figure, one.baseline, name, "baseline") for name, one in against if one.baseline]
    bars.append(_bar(figure, figure.comparison.model, names[0], "model"))
    chance = None if figure.chance is None else 100 * figure.chance
    return BarGroup(figure.measured_on, f"{figure.detail}, {shown_scope(figure)}", tuple(bars), chance)


def _bar(figure: ComparedFigure, interval: Interval, name: str, role: str) -> Bar:
    low, value, high = (100 * number for number in (interval.low, interval.value, interval.high))
    return Bar(name, role, value, low, high, f"{shown_value(figure, interval.value)}%")


def _whiskers(figures: Sequence[ComparedFigure], baseline: int) -> list[tuple[str, list[Whisker]]]:
    """Place the differences to one baseline on tracks: figures in percent on one scale, margins on another.

    :param baseline: its place among the baselines.
    :return: what was measured on, and its differences.
    """
    found = [(f, f.comparison.against[baseline].difference) for f in figures]
    differences = [(figure, difference) for figure, difference in found if difference]
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
        is_better = (difference.value > 0) != figure.kind.lower_is_better
        verdict = "same" if difference.holds_zero else "better" if is_better else "worse"
        groups.setdefault(figure.measured_on, []).append(
            Whisker(figure.kind.label, low, value, high, verdict, shown_difference(figure, difference))
        )
    return list(groups.items())


def _last_rank(movements: Sequence[Movement]) -> float:
    """Return the rank at the right end of the rank tracks."""
    ranks = [rank for one in movements for mean in one.means for rank in (*mean.lost, *mean.gained)]
    return max([2.0, *ranks])
