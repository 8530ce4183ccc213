"""Deals phrases out to the splits, so that those of validation and test are in no training row."""

from __future__ import annotations

import zlib

from dualview.dataset_builder.phrases.candidates import Phrase
from dualview.dataset_builder.schema import SPLITS

_TRAIN, _VALIDATION, _TEST = SPLITS
_SHARES = {_VALIDATION: 0.15, _TEST: 0.15}


def phrase_split(phrase: Phrase) -> str:
    """The split of a phrase, by a hash of the stem of its last content word.

    "Raoul Walsh" goes where "Walsh" goes, and "allergies" where "peanut allergy" does.
    """
    head = (phrase.content or phrase.stems)[-1]
    # A checksum, because it is asked of every phrase of every passage.
    drawn = zlib.crc32(f"split of {head}".encode("utf-8", "surrogatepass")) / 2**32
    for split, share in _SHARES.items():
        if drawn < share:
            return split
        drawn -= share
    return _TRAIN
