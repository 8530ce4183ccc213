"""Results in words, as plain text; callers must escape it for HTML."""

from __future__ import annotations

from flip.engine.compare import Comparison, ModelResult
from flip.engine.ranking import TOP, moves
from flip.results.opening import FEW_WORDS, Opening
from flip.types import NEUTRAL, Example, Passage, letter

MINUS = "\N{MINUS SIGN}"
P_MRR_HELP = (
    f"p-MRR: measures, from {MINUS}100 to 100, how far the passage relevant under A falls when the "
    "instruction changes. Above 0: it fell, as it should; 0: it kept its rank; below 0: it rose."
)
FLIP_HELP = "Flip: yes if every instruction has its own passage at rank 1."
_NAME_CHARS = 70


def passage_name(passage: Passage) -> str:
    """Return the title, or the first words of the text, in quotes and shortened."""
    name = " ".join((passage.title or passage.text).split())
    if len(name) > _NAME_CHARS:
        name = name[:_NAME_CHARS].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
    return f"“{name}”"


def headline(example: Example, result: ModelResult, before: int | None, after: int) -> str:
    """Say which passage is on top, and whether it is still the same one."""
    top = result.ranking(after).docids[0]
    name = passage_name(example.passage(top))
    if before is None or before == after:
        return f"On top: {name}"
    return f"{'Still' if result.ranking(before).docids[0] == top else 'Now'} {name}"


def under_headline(example: Example, result: ModelResult, before: int | None, after: int) -> str:
    """Say what the instruction wants and where that is."""
    wanted = None if after == NEUTRAL else example.views[after].wanted
    if wanted is None:
        if after == NEUTRAL:
            return "That is the order for the search alone."
        return "" if before is None else what_happened(example, result, before, after)
    place = result.ranking(after).rank_of(wanted)
    if place == 1:
        return f"{letter(after)} wants this one."
    return f"{letter(after)} wants {passage_name(example.passage(wanted))}, at rank {place}."


def what_happened(example: Example, result: ModelResult, before: int | None, after: int) -> str:
    """Describe in one or two sentences the changes in one model's ranking.

    :param before: index of the previous view; None before the first flip.
    :param after: index of the current view.
    """
    if before is None or before == after:
        return _current_rank(example, result, after)
    old, new = result.ranking(before), result.ranking(after)
    gained = moves(old, new)
    count = len(new.docids)
    if not any(gained.values()):
        return f"Nothing moved: all {count} passages kept their ranks."
    wanted = [None if index == NEUTRAL else example.views[index].wanted for index in (before, after)]
    if None in wanted:
        # Only passages that are visible before or after the flip.
        visible = dict.fromkeys([*new.docids[:TOP], *old.docids[:TOP]])
        named = sorted(visible, key=lambda docid: -abs(gained[docid]))[:2]
        named = [docid for docid in named if gained[docid]]
    else:
        named = [docid for docid in dict.fromkeys(wanted) if docid is not None]
    parts = []
    for docid in named:
        was, now = old.rank_of(docid), new.rank_of(docid)
        name = passage_name(example.passage(docid))
        parts.append(f"{name} stayed at {now}" if was == now else f"{name} went from {was} to {now}")
    fresh = len(set(new.docids[:TOP]) - set(old.docids[:TOP]))
    swapped = f" New in the top {TOP}: {fresh}." if count > TOP else ""
    return (", ".join(parts) + "." if parts else f"The top {TOP} kept their ranks.") + swapped


def _current_rank(example: Example, result: ModelResult, view: int) -> str:
    wanted = None if view == NEUTRAL else example.views[view].wanted
    if wanted is None:
        top = passage_name(example.passage(result.ranking(view).docids[0]))
        where = "Without an instruction" if view == NEUTRAL else f"Under {letter(view)}"
        return f"{where}, {top} is at rank 1."
    place = result.rankings[view].rank_of(wanted)
    name = passage_name(example.passage(wanted))
    return f"{letter(view)} asks for {name}: it is at rank {place} of {len(example.passages):,}."


def verdict(result: ModelResult) -> str | None:
    """List the instructions that the model follows; None without labels."""
    if result.right is None:
        return None
    count = len(result.right)
    names = [letter(index) for index, right in enumerate(result.right) if right]
    if len(names) == count:
        return "Follows both" if count == 2 else f"Follows all {count}"
    if not names:
        return "Follows neither" if count == 2 else f"Follows none of {count}"
    return f"Follows only {' and '.join(names)}" + ("" if count == 2 else f" of {count}")


def figure(value: float) -> str:
    """Format a fraction, times 100, with its sign."""
    rounded = round(100 * value, 1)
    if not rounded:
        return "0.0"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.1f}"


def chosen_because(opening: Opening) -> str:
    """Explain the choice of the opening example."""
    if not opening.like_it:
        return (
            f"The first of {opening.total:,} examples: in none does the ordinary model's first passage stay "
            "while the dual-view model follows both instructions."
        )
    return (
        f"Picked for its contrast: {opening.like_it:,} of {opening.total:,} examples look like this, where "
        "the ordinary model's first passage stays and the dual-view model follows both instructions. Of "
        f"these, instructions of at most {FEW_WORDS} words come first, then the largest p-MRR."
    )


def origin(comparison: Comparison, provenance: str) -> str:
    """Describe the origin of the passages."""
    example = comparison.example
    if example.kind == "own":
        return f"Your own {len(example.passages)} passages, kept in memory only and not stored."
    if example.kind == "search":
        return f"All {len(example.passages):,} passages of the examples, {provenance}."
    return f"Example {example.set_id}, {provenance}."


def computed(comparison: Comparison, trouble: str = "", command: str = "") -> str:
    """Say where the ranking was computed.

    :param trouble: why no model runs here, as a sentence.
    :param command: what recorded it.
    """
    if not comparison.is_recorded:
        return "Ranked just now by the models on this server."
    by = f" ({command})" if command else ""
    note = f"Recorded: ranked earlier by {comparison.base.name} and {comparison.trained.name}{by}."
    return f"{note} {trouble}" if trouble else f"{note} The models are being loaded."
