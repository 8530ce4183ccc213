"""Averaging a trained model's weights with those of the model it started from."""

from __future__ import annotations

import torch
from sentence_transformers import SentenceTransformer


def average_with_base(model: SentenceTransformer, base: SentenceTransformer, base_share: float) -> None:
    """Move the weights towards the base's, in place: ``(1 - base_share) * trained + base_share * base``.

    Trades some of what was learned for what the base could do (WiSE-FT, arXiv 2109.01903).

    :param base_share: 0 changes nothing, 1 gives the base back.
    :raises ValueError: if the two models do not have the same weights by name and shape.
    """
    ours, theirs = model.state_dict(), base.state_dict()
    if {name: w.shape for name, w in ours.items()} != {name: w.shape for name, w in theirs.items()}:
        raise ValueError("the two models differ in their weights' names or shapes")
    mixed = {
        name: torch.lerp(weight, theirs[name].to(weight), base_share)
        if weight.is_floating_point()
        else weight
        for name, weight in ours.items()
    }
    model.load_state_dict(mixed)
