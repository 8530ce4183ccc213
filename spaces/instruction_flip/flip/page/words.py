"""Results in words, as plain text; callers must escape it for HTML."""

from __future__ import annotations

from flip.engine.compare import Comparison, ModelResult, Opening
from flip.engine.ranking import TOP, moves
from flip.types import Example, Passage, letter

MINUS = "\N{MINUS SIGN}"
_NAME_CHARS = 70


def passage_name(passage: Passage) -> str:
    """Return the title, or the first words of the text, in quotes and shortened."""
    name = " ".join((passage.title or passage.text).split())
    if len(name) > _NAME_CHARS:
        name = name[:_NAME_CHARS].rsplit(" ", 1)[0].rstrip(" ,.;:") + "…"
    return f"“{name}”"


def what_happened(example: Example, result: ModelResult, before: int | None, after: int) -> str:
    """Describe in one or two sentences the changes in one model's ranking.

    :param before: index of the previous view; None before the first flip.
    :param after: index of the current view.
    """
    if before is None or before == after:
        return _current_rank(example, result, after)
    old, new = result.rankings[before], result.rankings[after]
    gained = moves(old, new)
    count = len(new.docids)
    if not any(gained.values()):
        return f"Nothing moved: all {count} passages kept their ranks."
    wanted = [example.views[index].wanted for index in (before, after)]
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
    wanted = example.views[view].wanted
    if wanted is None:
        top = passage_name(example.passage(result.rankings[view].docids[0]))
        return f"Under {letter(view)}, {top} is at rank 1."
    place = result.rankings[view].rank_of(wanted)
    name = passage_name(example.passage(wanted))
    return f"{letter(view)} asks for {name}: it is at rank {place} of {len(example.passages):,}."


def verdict(result: ModelResult) -> str | None:
    """List the instructions that the model obeys; None without labels."""
    if result.right is None:
        return None
    count = len(result.right)
    names = [letter(index) for index, right in enumerate(result.right) if right]
    if len(names) == count:
        return "Obeys both instructions" if count == 2 else f"Obeys all {count} instructions"
    if not names:
        return "Obeys neither instruction" if count == 2 else f"Obeys none of {count} instructions"
    return f"Obeys only {' and '.join(names)}" + ("" if count == 2 else f" of {count}")


def figure(value: float) -> str:
    """Format a fraction, times 100, with its sign."""
    rounded = round(100 * value, 1)
    if not rounded:
        return "0.0"
    return f"{'+' if rounded > 0 else MINUS}{abs(rounded):.1f}"


def chosen_because(opening: Opening, total: int) -> str:
    """Explain the choice of the opening example."""
    rule = "where the dual-view model obeys every instruction and the base model does not"
    if opening.found:
        return f"The first of {total:,} examples {rule}, as computed just now."
    return f"The first of {total:,} examples; the first {opening.searched} include none {rule}."


def origin(comparison: Comparison, provenance: str) -> str:
    """Describe the origin of the passages."""
    example = comparison.example
    if example.kind == "own":
        return f"Your own {len(example.passages)} passages, kept in memory only and not stored."
    if example.kind == "search":
        return f"All {len(example.passages):,} passages of the examples, {provenance}."
    levers = ", ".join(example.levers)
    parts = [
        f"Example {example.set_id}",
        f"domain: {example.domain}" if example.domain else "",
        f"lever: {levers}" if levers else "",
        provenance,
    ]
    return " · ".join(part for part in parts if part)
