"""Queries that state something: "Mice without the gene are healthy." asks for nothing to be left out."""

from __future__ import annotations

from collections.abc import Sequence

from dualview.trainer.composition.cue_table import CueTable
from dualview.trainer.composition.scopes import SENTENCE_ENDS, Scope
from dualview.trainer.composition.words import Word

# A shorter sentence is what people type into a search.
_FEWEST_WORDS = 6
# So many words behind "that" or "which", a verb describes what is asked for.
_NEAR = 3


def stating_verbs(words: Sequence[Word], table: CueTable) -> tuple[int, ...]:
    """Find the verbs by which a query states something, as places of its words.

    Such a query is one sentence that ends in a full stop, with a verb of its own ("is", "suggests") and
    without any word by which people ask ("I", "please", "texts").
    """
    if len(words) <= _FEWEST_WORDS or words[-1].key != ".":
        return ()
    keys = [word.key for word in words[:-1]]
    asks = keys[0] in table.relative or not table.wish.isdisjoint(keys)
    if asks or not SENTENCE_ENDS.isdisjoint(keys):
        return ()
    return tuple(
        place
        for place in range(1, len(keys))
        if keys[place] in table.states and table.relative.isdisjoint(keys[max(0, place - _NEAR) : place])
    )


def is_stated(scope: Scope, verbs: Sequence[int]) -> bool:
    """Return whether an exclusion is part of what a query states.

    Cues behind what they exclude ("prices are not relevant") have such verbs themselves and stay exclusions.

    :param verbs: see :func:`stating_verbs`.
    """
    return scope.cue[0] < scope.phrase[0] and any(not scope.cue[0] <= verb < scope.cue[1] for verb in verbs)
