"""Weights and terms: one name for each, and wrong weights are refused."""

from __future__ import annotations

import dataclasses

import pytest
import torch

from dualview.cards.errors import InputError
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.terms import TERMS
from dualview.trainer.losses.weights import LossWeights
from dualview.trainer.settings.training import TrainingSettings

NAMES = [field.name for field in dataclasses.fields(LossWeights)]


def test_every_weight_has_a_term_and_every_term_a_weight() -> None:
    assert set(TERMS) == {name.removesuffix("_weight") for name in NAMES}
    everything = LossWeights(**dict.fromkeys(NAMES, 0.5))
    assert set(everything.active()) == set(TERMS)
    assert LossWeights().active() == {"query_to_doc": 1.0, "neutral": 1.0}


def test_settings_have_the_weights_under_the_same_names() -> None:
    settings = TrainingSettings(model="m", dataset=["d"], out="o", keep_weight=0.25, neutral_weight=0.0)
    assert LossWeights.of(settings) == LossWeights(keep_weight=0.25, neutral_weight=0.0)


@pytest.mark.parametrize("name", NAMES)
@pytest.mark.parametrize("value", [-0.1, float("nan"), float("inf")])
def test_a_wrong_weight_is_refused(name: str, value: float) -> None:
    with pytest.raises(InputError, match=f"{name} is {value:g}; it must be at least 0"):
        LossWeights(**{name: value})


def test_a_loss_without_any_term_is_refused() -> None:
    with pytest.raises(InputError, match="all weights of the loss are 0"):
        LossWeights(query_to_doc_weight=0, neutral_weight=0)
    with pytest.raises(InputError, match="all weights of the loss are 0"):
        TrainingSettings(model="m", dataset=["d"], out="o", query_to_doc_weight=0, neutral_weight=0)


def test_the_loss_takes_weights_together_or_by_name() -> None:
    model = torch.nn.Identity()
    together = DualViewLoss(model, weights=LossWeights(in_set_weight=2.0, neutral_weight=0.0))  # type: ignore[arg-type]
    by_name = DualViewLoss(model, in_set_weight=2.0, neutral_weight=0.0)  # type: ignore[arg-type]
    assert together.weights == by_name.weights
    with pytest.raises(InputError, match="neutral is no weight; there are query_to_doc_weight, in_set"):
        DualViewLoss(model, neutral=1.0)  # type: ignore[arg-type]
