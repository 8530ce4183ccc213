"""An agreement as text for a terminal."""

from __future__ import annotations

from dualview.dataset_builder.judges.agreement.intervals import Interval
from dualview.dataset_builder.judges.agreement.measure import Agreement
from dualview.dataset_builder.judges.deciding import Thresholds

# Below this gain, other thresholds are not worth a line.
_WORTH_CHANGING = 0.02


def agreement_text(found: Agreement) -> str:
    """The figures x100 with their 95% intervals, their meaning, and better thresholds."""
    lines = [
        f"Judge {found.judge} on {found.sets} candidate sets whose labels are known",
        f"Rule: {found.thresholds.describe()}",
        "",
        *_sayings(found),
        f"Single labels: {found.labels:,} judged, {found.unjudged:,} without a usable answer",
        _line("  labels that hold", found.accuracy),
        f"{'  precision of relevant':<30}{_share(found.precision)}",
        f"{'  recall of relevant':<30}{_share(found.recall)}",
        _line("  area under the ROC curve", found.auc, "50 is chance"),
        f"{'  Brier score':<30}{found.brier:>6.3f}  0 is best, 0.25 is a constant one half",
        "",
        "Views in which the wanted passage has the highest p, by the kind of the instruction",
        _line("  all", found.right_first),
        *_kinds(found),
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
        *_advice(found),
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


def _kinds(found: Agreement) -> list[str]:
    return [
        _line(
            f"  {kind.kind}",
            kind.right_first,
            f"of {kind.views:,}, chance {_x100(kind.chance)}; labels that hold {_x100(kind.accuracy.value)}",
        )
        for kind in found.kinds
    ]


def _sayings(found: Agreement) -> list[str]:
    """What a judge that always says the same amounts to."""
    if found.thresholds.margin is not None:
        return []
    if found.highest < found.thresholds.relevant:
        return [
            f"This judge never says yes: its highest p is {found.highest:.2f}. At these thresholds it "
            "accepts nothing.",
            "",
        ]
    if found.lowest >= found.thresholds.irrelevant:
        return [
            f"This judge never says no: its lowest p is {found.lowest:.2f}. At these thresholds it "
            "accepts nothing.",
            "",
        ]
    return []


def rule_flags(thresholds: Thresholds) -> str:
    """The flags of a build that give a rule."""
    if thresholds.margin is not None:
        return f"--judge-margin {thresholds.margin:g}"
    return f"--judge-relevant {thresholds.relevant:g} --judge-irrelevant {thresholds.irrelevant:g}"


def _advice(found: Agreement) -> list[str]:
    if not found.rules or found.pairs_accepted is None or found.false_pairs_accepted is None:
        return ["These sets do not have reversals of both kinds, so no thresholds can be suggested."]
    if found.best is None:
        return ["No rule separates the reversals that hold from the false ones: do not use this judge."]
    lines = ["Rules fitted on these sets, measured on those of them that were left out"]
    lines += [
        f"  {rule_flags(rule.thresholds):<46} accepts {_x100(rule.pairs_accepted)} of those that hold, "
        f"{_x100(rule.false_pairs_accepted)} of the false ones"
        for rule in sorted(found.rules, key=lambda rule: -rule.gain)
    ]
    now = found.pairs_accepted.value - found.false_pairs_accepted.value
    if found.best.gain - now < _WORTH_CHANGING:
        lines.append("No other rule does much better than the present one.")
    return lines
