"""Training one configuration."""

from __future__ import annotations

import copy
from collections.abc import Iterator

import numpy as np
import torch
from torch import Tensor
from torch.nn.functional import cross_entropy

from benchmarks.compose.configurations import Configuration
from benchmarks.compose.model import Encoder
from benchmarks.compose.scene import Scene, TrainingTexts
from dualview.trainer.composition.vectors import compose_vectors

_WARMUP = 0.1
# Of the kept texts of a step: sentences, bare queries, traps.
_KEPT_SHARES = (0.7, 0.2, 0.1)


def train(scene: Scene, settings: Configuration) -> tuple[Encoder, dict[str, float]]:
    """Train a copy of the base model.

    :return: the encoder, and the mean of each term over the last fifty steps, without its weight.
    """
    torch.manual_seed(settings.seed)
    encoder = copy.deepcopy(scene.base)
    encoder.freeze(settings.frozen_layers)
    trained = [parameter for parameter in encoder.parameters() if parameter.requires_grad]
    optimizer = torch.optim.AdamW(
        trained, lr=settings.learning_rate, weight_decay=0.01, fused=scene.device.type == "cuda"
    )
    draws = _Draws(scene.training, settings)
    history: list[dict[str, Tensor]] = []
    for step in range(settings.steps):
        rate = min((step + 1) / max(1, _WARMUP * settings.steps), 1.0)
        rate = min(rate, (settings.steps - step) / ((1 - _WARMUP) * settings.steps))
        for group in optimizer.param_groups:
            group["lr"] = settings.learning_rate * rate
        terms = losses(encoder, scene.training, settings, draws)
        loss = torch.stack([weighted(settings, name) * term for name, term in terms.items()]).sum()
        optimizer.zero_grad(set_to_none=True)
        loss.backward()  # type: ignore[no-untyped-call]
        torch.nn.utils.clip_grad_norm_(trained, 1.0)
        optimizer.step()
        history = [*history[-49:], {name: term.detach() for name, term in terms.items()}]
    means = {name: float(torch.stack([terms[name] for terms in history]).mean()) for name in history[0]}
    return encoder, {name: round(value, 5) for name, value in means.items()}


def weighted(settings: Configuration, term: str) -> float:
    """The weight of a term."""
    return float(getattr(settings, f"{term}_weight"))


def losses(
    encoder: Encoder, texts: TrainingTexts, settings: Configuration, draws: _Draws
) -> dict[str, Tensor]:
    """Compute the terms of one step, all texts but passages in one forward pass."""
    views, compositions, kept = next(draws.views), next(draws.compositions), next(draws.kept)
    at = np.concatenate([texts.view_at[views], texts.composition_at[compositions], texts.kept_at[kept]])
    tokens, mask = texts.tokens.pick(at)
    if settings.token_dropout:
        hidden = torch.rand(mask.shape, device=mask.device) < settings.token_dropout
        hidden[:, 0] = False
        hidden[len(views) + len(compositions) :] = False
        mask = mask & ~hidden
    vectors = encoder(tokens, mask)
    asked, composed, left = vectors.split([len(views), len(compositions), len(kept)])
    device = vectors.device
    terms: dict[str, Tensor] = {}
    if len(views):
        passages = texts.passage_base
        if settings.both_sides:
            places = np.concatenate([np.arange(*texts.item_passages[item]) for item in draws.items])
            on_device = torch.from_numpy(places).to(device)
            fresh = encoder(*texts.passages.pick(places))
            terms["keep_passages"] = (1 - (fresh * passages[on_device]).sum(dim=1)).mean()
            passages = passages.index_copy(0, on_device, fresh)
        scores = asked @ passages.T / settings.temperature
        terms |= contrastive(
            scores,
            texts.passage_item,
            torch.from_numpy(texts.view_item[views]).to(device),
            torch.from_numpy(texts.view_target[views]).to(device),
            torch.from_numpy(texts.view_negatives[views]).to(device),
        )
    if len(compositions):
        rows = torch.from_numpy(compositions).to(device)
        excludes = torch.from_numpy(texts.composition_excludes[compositions]).to(device)
        wanted, phrases = texts.composition_query[rows], texts.composition_phrases[rows]
        excluded = compose_vectors(wanted, phrases, settings.alpha, settings.orthogonal)
        included = compose_vectors(wanted, phrases, -settings.beta, orthogonal=False)
        target = torch.where(excludes[:, None], excluded, included)
        terms["compose"] = (1 - (composed * target).sum(dim=1)).mean()
    base = texts.kept_base[torch.from_numpy(kept).to(device)]
    terms["keep"] = (1 - (left * base).sum(dim=1)).mean()
    return terms


def contrastive(
    scores: Tensor, passage_item: Tensor, item: Tensor, target: Tensor, negatives: Tensor
) -> dict[str, Tensor]:
    """InfoNCE over all passages, and over those alone that the instruction rules out.

    Passages of the view's own item that it neither wants nor rules out are left out of both.

    :param scores: (views, passages), divided by the temperature.
    :param negatives: (views, width) places of the passages ruled out, -1 where there are fewer.
    """
    wanted = scores.gather(1, target[:, None])
    own = scores.gather(1, negatives.clamp(min=0)).masked_fill(negatives < 0, -torch.inf)
    strangers = scores.masked_fill(passage_item[None, :] == item[:, None], -torch.inf)
    first = torch.zeros(len(scores), dtype=torch.int64, device=scores.device)
    return {
        "corpus": cross_entropy(torch.cat([wanted, own, strangers], dim=1), first),
        "in_set": cross_entropy(torch.cat([wanted, own], dim=1), first),
    }


class _Draws:
    """Endless draws of views, compositions and kept texts; ``items`` are those of the last views."""

    def __init__(self, texts: TrainingTexts, settings: Configuration) -> None:
        self.items: list[int] = []
        self._texts = texts
        self._settings = settings
        chosen = np.isin(texts.view_source, settings.sources)
        if settings.practical_sets:
            practical = [n for n, one in enumerate(texts.item_ids) if one.startswith("practical/")]
            dropped = np.random.default_rng(0).permutation(practical)[settings.practical_sets :]
            chosen &= ~np.isin(texts.view_item, dropped)
        self._views = np.flatnonzero(chosen)
        fits = np.ones(len(texts.composition_size), dtype=bool)
        if not settings.lists:
            fits &= texts.composition_size == 1
        if not settings.inclusions:
            fits &= texts.composition_excludes
        seeds = np.random.SeedSequence(settings.seed).spawn(3)
        self.views = self._draw_views(np.random.default_rng(seeds[0]))
        self.compositions = _shuffled(
            np.flatnonzero(fits), settings.compositions, np.random.default_rng(seeds[1])
        )
        self.kept = self._draw_kept(np.random.default_rng(seeds[2]))

    def _draw_views(self, draw: np.random.Generator) -> Iterator[np.ndarray]:
        settings = self._settings
        if not settings.sets:
            yield from _shuffled(self._views, settings.views, draw)
        by_item: dict[int, list[int]] = {}
        for view in self._views.tolist():
            by_item.setdefault(int(self._texts.view_item[view]), []).append(view)
        each = settings.views // settings.sets
        for items in _shuffled(np.array(sorted(by_item)), settings.sets, draw):
            self.items = items.tolist()
            yield np.concatenate([draw.permutation(by_item[item])[:each] for item in self.items])

    def _draw_kept(self, draw: np.random.Generator) -> Iterator[np.ndarray]:
        counts = [round(share * self._settings.kept) for share in _KEPT_SHARES]
        parts = [
            _shuffled(np.arange(*group), count, draw)
            for group, count in zip(self._texts.kept_groups, counts, strict=True)
        ]
        while True:
            yield np.concatenate([next(part) for part in parts])


def _shuffled(values: np.ndarray, count: int, draw: np.random.Generator) -> Iterator[np.ndarray]:
    """Draw without repetition until all were drawn, then again, endlessly."""
    left = np.empty(0, dtype=values.dtype)
    while True:
        while len(left) < count:
            left = np.concatenate([left, draw.permutation(values)])
        yield left[:count]
        left = left[count:]
