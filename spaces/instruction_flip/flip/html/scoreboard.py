"""Scoreboard above the stage: how often each model follows both instructions."""

from __future__ import annotations

from html import escape

from flip.results.outcomes import OUTCOMES, Outcome, Tally

#: What the page calls each outcome: who follows both instructions.
OUTCOME_NAMES: dict[Outcome, str] = {
    "trained": "only dual-view",
    "both": "both models",
    "base": "only ordinary",
    "neither": "neither",
}


def scoreboard_html(tally: Tally | None, subject: str = "held-out examples") -> str:
    """Return the counts, and a bar whose parts filter the gallery; empty without counts."""
    if tally is None:
        return ""
    parts = "".join(
        f'<button type="button" class="flip-part is-{outcome}" data-outcome="{outcome}" '
        f'style="flex-grow:{tally.counts[outcome]}"><b>{tally.counts[outcome]}</b> {OUTCOME_NAMES[outcome]}'
        f'<span class="flip-sr">: show them</span></button>'
        for outcome in OUTCOMES
        if tally.counts[outcome]
    )
    reranked = "" if tally.reranker is None else f", a reranker <b>{tally.reranker}</b>"
    origin = "recorded" if tally.is_recorded else "computed here"
    return (
        f'<section class="flip-scores" aria-label="Results"><p>Both instructions followed in '
        f"<b>{tally.total}</b> {escape(subject)}: {escape(tally.base_name)} <b>{tally.base}</b>, "
        f"{escape(tally.trained_name)} <b>{tally.trained}</b>{reranked} "
        f'<span class="flip-origin">{origin}</span></p>'
        f'<div class="flip-bar" role="group" aria-label="Who follows both">{parts}</div></section>'
    )
