"""An agreement as text for a terminal."""

from __future__ import annotations

from dualview.dataset_builder.judges.agreement import Agreement
from dualview.dataset_builder.judges.intervals import Interval

# Below this gain, other thresholds are not worth a line.
_WORTH_CHANGING = 0.02


def agreement_text(found: Agreement) -> str:
    """The figures x100 with their 95% intervals, their meaning, and better thresholds."""
    relevant, irrelevant = found.thresholds.relevant, found.thresholds.irrelevant
    lines = [
        f"Judge {found.judge} on {found.sets} candidate sets whose labels are known",
        f"Thresholds: relevant from {relevant:g}, not relevant below {irrelevant:g}",
        "",
        f"Single labels: {found.labels:,} judged, {found.unjudged:,} without a usable answer",
        _line("  labels that hold", found.accuracy),
        f"{'  precision of relevant':<30}{_share(found.precision)}",
        f"{'  recall of relevant':<30}{_share(found.recall)}",
        _line("  area under the ROC curve", found.auc, "50 is chance"),
        f"{'  Brier score':<30}{found.brier:>6.3f}  0 is best, 0.25 is a constant one half",
        "",
        "Reversals, as a build decides on them",
        _line("  accepted of those that hold", found.pairs_accepted, f"of {found.pairs:,}"),
        _line("  accepted of false ones", found.false_pairs_accepted, f"of {found.false_pairs:,}"),
        "",
        "Calibration: share of relevant passages where the judge gives p",
        *(
            f"  p {bin_.low:.1f} to {bin_.high:.1f}: mean {bin_.mean_probability:.2f}, relevant "
            f"{bin_.share_relevant:.2f} ({bin_.labels:,} labels)"
            for bin_ in found.calibration
        ),
        "",
        _advice(found),
    ]
    return "\n".join(lines)


def _line(name: str, interval: Interval | None, remark: str = "") -> str:
    if interval is None:
        return f"{name:<30}  none of this kind"
    shown = f"{_x100(interval.value):>6}  [{_x100(interval.low)}, {_x100(interval.high)}]"
    return f"{name:<30}{shown}  {remark}".rstrip()


def _share(share: float | None) -> str:
    return "  none of this kind" if share is None else f"{_x100(share):>6}"


def _x100(fraction: float) -> str:
    return f"{100 * fraction:.1f}"


def _advice(found: Agreement) -> str:
    if found.best is None or found.pairs_accepted is None or found.false_pairs_accepted is None:
        return "These sets do not have reversals of both kinds, so no thresholds can be suggested."
    best = found.best
    gain = best.pairs_accepted - best.false_pairs_accepted
    now = found.pairs_accepted.value - found.false_pairs_accepted.value
    if gain <= 0:
        return "No threshold separates the reversals that hold from the false ones: do not use this judge."
    if gain - now < _WORTH_CHANGING:
        return "No other thresholds do much better on these sets."
    return (
        f"On these sets, --judge-relevant {best.threshold:g} --judge-irrelevant {best.threshold:g} would "
        f"accept {_x100(best.pairs_accepted)} of the reversals that hold and "
        f"{_x100(best.false_pairs_accepted)} of the false ones."
    )
