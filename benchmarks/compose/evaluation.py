"""All figures of an encoder, or of the base composed by a rule."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import torch
from torch import Tensor

from benchmarks.compose.measures import cosines, ndcg_at_10, percent, rank_targets
from benchmarks.compose.model import Encoder, Tokens, encode_all
from benchmarks.compose.probes import groups_right
from benchmarks.compose.scene import Scene
from dualview.trainer.composition.rule import SplitText, split_exclusions
from dualview.trainer.composition.vectors import compose_vectors, sum_phrases

# Vectors of the queries of a probe by its name.
QueryVectors = Callable[[str], Tensor]
# Probes for which the outcome of every query is kept, for paired comparisons.
_KEPT_HITS = ("practical", "medquad", "films")


def joined_vectors(scene: Scene, encoder: Encoder) -> QueryVectors:
    """Encode queries as they are."""
    return lambda name: encode_all(encoder, scene.query_tokens[name])


def composed_vectors(scene: Scene, encoder: Encoder, alpha: float, orthogonal: bool) -> QueryVectors:
    """Compose queries: by the rule, or by their parts where these are known, as in contrasts."""

    def vectors(name: str) -> Tensor:
        if name not in scene.probes.instructed:
            return encode_all(encoder, scene.query_tokens[name])
        probe = scene.probes.instructed[name]
        parsed = [
            SplitText(query, (phrase,)) if query else split_exclusions(text)
            for text, (query, phrase) in zip(probe.texts, probe.parts, strict=True)
        ]
        wanted = _encode(scene, encoder, [one.wanted for one in parsed])
        rows = [row for row, one in enumerate(parsed) for _ in one.excluded]
        if not rows:
            return wanted
        phrases = _encode(scene, encoder, [what for one in parsed for what in one.excluded])
        excluded = sum_phrases(phrases, torch.tensor(rows, device=scene.device), len(parsed))
        return compose_vectors(wanted, excluded, alpha, orthogonal)

    return vectors


def _encode(scene: Scene, encoder: Encoder, texts: list[str]) -> Tensor:
    return encode_all(encoder, Tokens(scene.tokenizer, texts, scene.device))


def evaluate(scene: Scene, vectors: QueryVectors, passages: Encoder | None = None) -> dict[str, Any]:
    """Measure query vectors over all corpora of the scene.

    :param passages: encodes the corpora anew, where passages are trained too; otherwise the base's vectors
        are taken.
    :return: figures by name, x100, and ``hits``: for some probes one digit a query, 1 where it is right
        first.
    """
    figures: dict[str, Any] = {}
    hits: dict[str, str] = {}
    corpora: dict[int, Tensor] = {}

    def corpus(name: str) -> Tensor:
        if passages is None:
            return scene.passage_base[name]
        tokens = scene.passage_tokens[name]
        if id(tokens) not in corpora:
            corpora[id(tokens)] = encode_all(passages, tokens)
        return corpora[id(tokens)]

    for name, probe in scene.probes.instructed.items():
        targets = torch.tensor(probe.targets, device=scene.device)
        negatives = torch.from_numpy(probe.padded_negatives()).to(scene.device)
        ranked = rank_targets(vectors(name), corpus(name), targets, negatives)
        kinds = {"": torch.ones(len(probe.texts), dtype=torch.bool)}
        if len(set(probe.kinds)) > 1:
            excludes = torch.tensor([kind == "exclusion" for kind in probe.kinds])
            kinds |= {" exclusions": excludes, " rest": ~excludes}
        for kind, mask in kinds.items():
            for figure, value in ranked.chosen(mask).figures().items():
                figures[f"{name}{kind}/{figure}"] = value
        if max(probe.group) >= 0:
            figures[f"{name}/together"] = percent(groups_right(ranked.within, probe.group))
        if name in _KEPT_HITS:
            hits[name] = "".join(str(int(value)) for value in ranked.first)
    drift = []
    for name, bare in scene.probes.bare.items():
        queries = vectors(f"bare {name}")
        figures[f"bare {name}/ndcg"] = percent(ndcg_at_10(queries, corpus(f"bare {name}"), bare.relevant))
        base = encode_all(scene.base, scene.query_tokens[f"bare {name}"])
        drift.append(cosines(queries, base))
    traps = cosines(vectors("traps"), encode_all(scene.base, scene.query_tokens["traps"]))
    figures["drift"] = round(100 - percent(torch.cat(drift)), 2)
    figures["traps/mean"], figures["traps/lowest"] = percent(traps), round(100 * float(traps.min()), 2)
    return {"figures": figures, "hits": hits}
