"""The pair that the page opens on, and failures to show beside it."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from flip.engine.compare import Comparison

#: Words of an instruction that is read at a glance.
FEW_WORDS = 14


@dataclass(frozen=True)
class Opening:
    """The first comparison of the page.

    :param like_it: how many of the ``total`` comparisons show the same contrast, this one included; 0 if
        none does, in which case it is the first one.
    """

    comparison: Comparison
    like_it: int
    total: int


def is_contrast(comparison: Comparison) -> bool:
    """Check that the base model's first passage stays while the trained model obeys every instruction."""
    firsts = {ranking.docids[0] for ranking in comparison.base.rankings}
    return len(firsts) == 1 and comparison.trained.obeys_all and any(comparison.base.right or ())


def choose_opening(comparisons: Sequence[Comparison]) -> Opening:
    """Choose the clearest contrast: short instructions first, then the largest p-MRR, then fewest words.

    :param comparisons: at least one.
    """
    found = [one for one in comparisons if is_contrast(one)]
    if not found:
        return Opening(comparisons[0], 0, len(comparisons))
    return Opening(min(found, key=_unclear), len(found), len(comparisons))


def failures(comparisons: Sequence[Comparison]) -> list[Comparison]:
    """Return the comparisons in which the trained model does not obey every instruction."""
    return [one for one in comparisons if one.trained.right is not None and not one.trained.obeys_all]


def _unclear(comparison: Comparison) -> tuple[bool, bool, float, int, str]:
    example = comparison.example
    is_long = any(len(view.instruction.split()) > FEW_WORDS for view in example.views)
    return (
        len(example.views) > 2,
        is_long,
        -(comparison.trained.p_mrr or 0.0),
        example.words,
        example.set_id,
    )
