"""Averaging of a trained model's weights with the base model's (WiSE-FT, arXiv 2109.01903)."""

from __future__ import annotations

import torch
from torch import nn


def average_with_base(model: nn.Module, base: nn.Module, base_share: float) -> None:
    """Average the weights with the base model's, in place.

    The result is ``(1 - base_share) * trained + base_share * base``: some of what was learned is given up for
    what the base model could do.

    :param base_share: 0 changes nothing, 1 restores the base model.
    :raises ValueError: if the two models do not have the same weights by name and shape.
    """
    ours, theirs = model.state_dict(), base.state_dict()
    if {name: w.shape for name, w in ours.items()} != {name: w.shape for name, w in theirs.items()}:
        raise ValueError("the two models differ in their weights' names or shapes")
    model.load_state_dict({name: _mixed(weight, theirs[name], base_share) for name, weight in ours.items()})


def _mixed(weight: torch.Tensor, of_base: torch.Tensor, base_share: float) -> torch.Tensor:
    of_base = of_base.to(weight)
    # Interpolation turns -0.0 into 0.0. Untrained weights keep their bytes: a hash of them is the key of the
    # vectors that are kept.
    if base_share == 0 or torch.equal(weight, of_base) or not weight.is_floating_point():
        return weight
    return torch.lerp(weight, of_base, base_share)
