"""Logarithms of odds: the scale on which the answers of a judge are compared with each other."""

from __future__ import annotations

import math

# A judge that is quite sure is not endlessly sure: votes are 0 or 1.
_SUREST = 1e-4


def log_odds(probability: float) -> float:
    """The logarithm of p / (1 - p), with p kept between 0.0001 and 0.9999; not a number stays none."""
    if math.isnan(probability):
        return probability
    kept = min(1 - _SUREST, max(_SUREST, probability))
    return math.log(kept / (1 - kept))
