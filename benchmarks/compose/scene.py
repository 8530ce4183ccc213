"""All texts on the device, tokenised once, and the base model's vectors of them."""

from __future__ import annotations

import random
import re
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import numpy as np
import torch
from tokenizers import Tokenizer
from torch import Tensor

from benchmarks.compose.compositions import Composition, draw_compositions, topics_of
from benchmarks.compose.contrasts import medical_rows, read_films
from benchmarks.compose.model import Encoder, Tokens, encode_all, load_tokenizer
from benchmarks.compose.probes import Probes, make_probes
from benchmarks.compose.texts import Item, load_items
from benchmarks.compose.traps import TRAPS
from dualview.trainer.composition.vectors import sum_phrases

_SENTENCE_END = re.compile(r"(?<=[.!?])\s+|\n+")
_SENTENCES, _COMPOSITIONS = 4_000, 40_000


@dataclass(frozen=True)
class TrainingTexts:
    """What is trained on: places of texts among ``tokens``, and the base's vectors.

    :param view_at: (views,) places of the instructed queries; ``view_item``, ``view_target`` (views,) and
        ``view_negatives`` (views, width), -1 where there are fewer, say which passages they are about.
    :param view_source: of each view: seeds, topics, practical or facets.
    :param passage_item: (passages,) number of the item that a passage answers, -1 for hard negatives.
    :param item_passages: where the passages of an item begin and end.
    :param composition_at: (compositions,) places; ``composition_query`` and ``composition_phrases`` are their
        parts' vectors; ``composition_size`` counts the phrases and ``composition_excludes`` tells exclusions.
    :param kept_at: places of the texts that stay; ``kept_base`` their vectors.
    :param kept_groups: where sentences, bare queries and traps begin and end among them.
    """

    tokens: Tokens
    passages: Tokens
    passage_base: Tensor
    passage_item: Tensor
    item_passages: list[tuple[int, int]]
    item_ids: list[str]
    view_at: np.ndarray
    view_item: np.ndarray
    view_target: np.ndarray
    view_negatives: np.ndarray
    view_source: np.ndarray
    composition_at: np.ndarray
    composition_query: Tensor
    composition_phrases: Tensor
    composition_size: np.ndarray
    composition_excludes: np.ndarray
    kept_at: np.ndarray
    kept_base: Tensor
    kept_groups: list[tuple[int, int]]


@dataclass(frozen=True)
class Scene:
    """Everything that configurations share."""

    device: torch.device
    base: Encoder
    tokenizer: Tokenizer
    training: TrainingTexts
    probes: Probes
    query_tokens: dict[str, Tokens]
    passage_tokens: dict[str, Tokens]
    passage_base: dict[str, Tensor]


def make_scene(
    data: Path, model: Path, device: torch.device, split: str, small: int = 0, bf16: bool = False
) -> Scene:
    """Read, tokenise and encode all texts.

    :param split: what is measured: validation or test.
    :param small: cut everything to about so many texts, for a try on a CPU; 0 takes all.
    :param bf16: see :class:`~benchmarks.compose.model.Encoder`; the base's vectors too are made so.
    """
    tokenizer = load_tokenizer(model)
    base = Encoder(model, bf16).to(device)
    items = load_items(data)
    training = _training_texts(data, items, base, tokenizer, device, small)
    probes = make_probes(data, items, split, small)
    sides = {name: probe.texts for name, probe in probes.instructed.items()}
    sides |= {f"bare {name}": bare.queries for name, bare in probes.bare.items()}
    sides["traps"] = probes.traps
    queries = {name: Tokens(tokenizer, texts, device) for name, texts in sides.items()}
    corpora = {name: probe.passages for name, probe in probes.instructed.items()}
    corpora |= {f"bare {name}": bare.passages for name, bare in probes.bare.items()}
    passages: dict[str, Tokens] = {}
    vectors: dict[str, Tensor] = {}
    known: dict[tuple[str, ...], str] = {}
    for name, texts in corpora.items():
        same = known.setdefault(tuple(texts), name)
        passages[name] = passages[same] if same != name else Tokens(tokenizer, texts, device)
        vectors[name] = vectors[same] if same != name else encode_all(base, passages[name])
    return Scene(device, base, tokenizer, training, probes, queries, passages, vectors)


def _training_texts(
    data: Path, items: Sequence[Item], base: Encoder, tokenizer: Tokenizer, device: torch.device, small: int
) -> TrainingTexts:
    own = [item for item in items if item.split == "train"]
    topics = topics_of(own, medical_rows(data), read_films(data))
    compositions = draw_compositions(topics, len(own), small or _COMPOSITIONS)
    if small:
        own = own[:: max(1, len(own) // small)]
    passages: list[str] = []
    bounds, owner = [], []
    views: list[tuple[str, int, int, tuple[int, ...], str]] = []
    for number, item in enumerate(own):
        start = len(passages)
        passages += [*item.texts, *item.others]
        bounds.append((start, start + len(item.texts)))
        owner += [number] * len(item.texts) + [-1] * len(item.others)
        for view in item.views:
            source = "topics" if item.source == "attributed" else item.source
            if item.source == "attributed" and view.origin != "written":
                source = "facets"
            negatives = tuple(start + place for place in view.negatives)
            views.append((f"{item.query} {view.instruction}", number, start + view.target, negatives, source))
    sentences = _sentences(passages, small or _SENTENCES)
    bare = list(dict.fromkeys([*(item.query for item in own), *(topic.query for topic in topics)]))
    bare = bare[: small or None]
    kept = [*sentences, *bare, *TRAPS["train"]]
    ends = np.cumsum([len(sentences), len(bare), len(TRAPS["train"])]).tolist()
    texts = [text for text, *_ in views] + [one.text for one in compositions] + kept
    tokens = Tokens(tokenizer, texts, device)
    kept_at = np.arange(len(views) + len(compositions), len(texts))
    queries, phrases, sizes = _parts(compositions, base, tokenizer, device)
    passage_tokens = Tokens(tokenizer, passages, device)
    width = max(len(negatives) for _, _, _, negatives, _ in views)
    padded = np.full((len(views), width), -1, dtype=np.int64)
    for row, (_, _, _, negatives, _) in enumerate(views):
        padded[row, : len(negatives)] = negatives
    return TrainingTexts(
        tokens=tokens,
        passages=passage_tokens,
        passage_base=encode_all(base, passage_tokens),
        passage_item=torch.tensor(owner, device=device),
        item_passages=bounds,
        item_ids=[item.id for item in own],
        view_at=np.arange(len(views)),
        view_item=np.array([item for _, item, _, _, _ in views]),
        view_target=np.array([target for _, _, target, _, _ in views]),
        view_negatives=padded,
        view_source=np.array([source for *_, source in views]),
        composition_at=np.arange(len(views), len(views) + len(compositions)),
        composition_query=queries,
        composition_phrases=phrases,
        composition_size=sizes,
        composition_excludes=np.array([one.excludes for one in compositions]),
        kept_at=kept_at,
        kept_base=encode_all(base, Tokens(tokenizer, kept, device)),
        kept_groups=list(zip([0, *ends[:-1]], ends, strict=True)),
    )


def _parts(
    compositions: Sequence[Composition], base: Encoder, tokenizer: Tokenizer, device: torch.device
) -> tuple[Tensor, Tensor, np.ndarray]:
    """Encode the queries and the phrases of compositions, each text once."""
    texts: dict[str, int] = {}
    for one in compositions:
        for text in (one.query, *one.phrases):
            texts.setdefault(text, len(texts))
    vectors = encode_all(base, Tokens(tokenizer, list(texts), device))
    sizes = np.array([len(one.phrases) for one in compositions])
    rows = torch.tensor([row for row, one in enumerate(compositions) for _ in one.phrases], device=device)
    places = torch.tensor([texts[phrase] for one in compositions for phrase in one.phrases], device=device)
    queries = vectors[torch.tensor([texts[one.query] for one in compositions], device=device)]
    phrases = sum_phrases(vectors[places], rows, len(compositions))
    return queries, phrases, sizes


def _sentences(passages: Sequence[str], most: int) -> list[str]:
    parts = dict.fromkeys(part for text in passages for part in _SENTENCE_END.split(text.strip()))
    found = [part for part in parts if 5 <= len(part.split()) <= 35]
    return random.Random("sentences").sample(found, min(most, len(found)))
