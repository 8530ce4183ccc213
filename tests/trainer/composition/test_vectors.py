"""Composed vectors."""

from __future__ import annotations

import torch
from torch.nn.functional import normalize

from dualview.trainer.composition.vectors import compose_vectors, sum_phrases


def test_composes_as_the_formula_says() -> None:
    wanted, excluded = normalize(torch.randn(2, 4, 8), dim=2)
    plain = compose_vectors(wanted, excluded, 0.4)
    assert torch.allclose(plain, normalize(wanted - 0.4 * excluded, dim=1), atol=1e-6)
    rest = excluded - (excluded * wanted).sum(1, keepdim=True) * wanted
    orthogonal = compose_vectors(wanted, excluded, 0.4, orthogonal=True)
    assert torch.allclose(orthogonal, normalize(wanted - 0.4 * rest, dim=1), atol=1e-6)


def test_adds_with_a_negative_alpha_and_leaves_rows_that_exclude_nothing() -> None:
    wanted, excluded = normalize(torch.randn(2, 3, 8), dim=2)
    added = compose_vectors(wanted, excluded, -0.5)
    assert torch.allclose(added, normalize(wanted + 0.5 * excluded, dim=1), atol=1e-6)
    excluded[1] = 0
    assert torch.allclose(compose_vectors(wanted, excluded, 0.4)[1], wanted[1], atol=1e-6)


def test_sums_the_phrases_of_each_row() -> None:
    phrases = normalize(torch.randn(3, 8), dim=1)
    sums = sum_phrases(phrases, torch.tensor([0, 2, 2]), 4)
    assert torch.allclose(sums[0], phrases[0], atol=1e-6)
    assert torch.allclose(sums[2], normalize(phrases[1] + phrases[2], dim=0), atol=1e-6)
    assert not sums[1].any() and not sums[3].any()
