"""The configurations of the sweep, the most valuable first."""

from __future__ import annotations

from dataclasses import dataclass, replace


@dataclass(frozen=True)
class Configuration:
    """What a training takes.

    :param views: written instructions a step; ``compositions`` likewise.
    :param sets: draw the views from so many items, ``views / sets`` of each; 0 draws them one by one.
    :param sources: whose instructions: seeds, topics, practical, facets.
    :param practical_sets: how many practical sets; 0 takes all.
    :param alpha: how much of the excluded phrase is subtracted; ``orthogonal`` takes the part of it that is
        orthogonal to the query alone.
    :param beta: how much of a phrase that is asked for is added.
    :param lists: exclusions of two and three phrases too; ``inclusions`` are phrases that are asked for.
    :param compose_weight: of the cosine distance to the composed vector.
    :param corpus_weight: of the contrastive term over all training passages, ``in_set_weight`` over a set's.
    :param keep_weight: of the cosine distance of kept texts to the base's vectors; ``kept`` of them a step.
    :param keep_passages_weight: the same for passages, where ``both_sides`` are trained.
    :param frozen_layers: embeddings and so many layers are not trained; -1 trains everything.
    :param token_dropout: share of the tokens of instructed queries that are hidden in training.
    """

    name: str
    views: int = 48
    compositions: int = 16
    sets: int = 0
    sources: tuple[str, ...] = ("seeds", "topics", "practical")
    practical_sets: int = 0
    alpha: float = 0.4
    orthogonal: bool = True
    beta: float = 0.5
    lists: bool = True
    inclusions: bool = True
    compose_weight: float = 20.0
    corpus_weight: float = 1.0
    in_set_weight: float = 4.0
    keep_weight: float = 160.0
    kept: int = 40
    temperature: float = 0.05
    steps: int = 700
    learning_rate: float = 2e-4
    both_sides: bool = False
    keep_passages_weight: float = 8.0
    frozen_layers: int = -1
    token_dropout: float = 0.0
    seed: int = 0


def all_configurations() -> list[Configuration]:
    """List the sweep."""
    main = Configuration("main")
    both = Configuration(
        "both sides",
        views=72,
        sets=8,
        both_sides=True,
        in_set_weight=1.0,
        corpus_weight=1.5,
        keep_weight=40.0,
    )
    return [
        main,
        replace(main, name="compose alone", views=0),
        replace(main, name="views alone", compositions=0),
        replace(main, name="main, seed 1", seed=1),
        both,
        replace(main, name="alpha 1", alpha=1.0),
        replace(main, name="alpha 0.4 plain", orthogonal=False),
        replace(main, name="no practical", sources=("seeds", "topics")),
        replace(main, name="alpha 0.8", alpha=0.8),
        replace(main, name="alpha 0.2", alpha=0.2),
        replace(main, name="weight 5", compose_weight=5.0),
        replace(main, name="weight 80", compose_weight=80.0),
        replace(main, name="48 compositions", compositions=48),
        replace(main, name="sets together: 8 of 6", sets=8),
        replace(main, name="1500 steps", steps=1_500),
        replace(main, name="300 steps", steps=300),
        replace(both, name="both sides, held less", keep_passages_weight=2.0),
        replace(both, name="both sides, held more", keep_passages_weight=32.0),
        replace(both, name="both sides, 300 steps", steps=300),
        replace(main, name="100 practical sets", practical_sets=100),
        replace(main, name="200 practical sets", practical_sets=200),
        replace(main, name="400 practical sets", practical_sets=400),
        replace(main, name="alpha 1 plain", orthogonal=False, alpha=1.0),
        replace(main, name="alpha 0.8 plain", orthogonal=False, alpha=0.8),
        replace(main, name="alpha 0.2 plain", orthogonal=False, alpha=0.2),
        replace(main, name="no lists", lists=False),
        replace(main, name="no inclusions", inclusions=False),
        replace(main, name="with facets", sources=("seeds", "topics", "practical", "facets"), views=72),
        replace(main, name="learning rate 4e-4", learning_rate=4e-4),
        replace(main, name="learning rate 1e-4", learning_rate=1e-4),
        replace(main, name="in set 1", in_set_weight=1.0),
        replace(main, name="in set 0", in_set_weight=0.0),
        replace(main, name="in set 16", in_set_weight=16.0),
        replace(main, name="keep 20", keep_weight=20.0),
        replace(main, name="keep 80", keep_weight=80.0),
        replace(main, name="main, seed 2", seed=2),
        replace(main, name="practical alone", sources=("practical",)),
        replace(main, name="token dropout 0.15", token_dropout=0.15),
        replace(main, name="3 frozen layers", frozen_layers=3),
        replace(main, name="embeddings frozen", frozen_layers=0),
        replace(main, name="large batch", views=144, compositions=48, kept=80),
        replace(main, name="large batch, 1500 steps", views=144, compositions=48, kept=80, steps=1_500),
        replace(main, name="temperature 0.1", temperature=0.1),
        replace(main, name="temperature 0.02", temperature=0.02),
        replace(main, name="sets together: 4 of 12", sets=4),
        replace(both, name="both sides, 100 practical sets", practical_sets=100),
        replace(both, name="both sides, 200 practical sets", practical_sets=200),
        replace(both, name="both sides, 1500 steps", steps=1_500),
        replace(both, name="both sides, no compositions", compositions=0),
        replace(main, name="compose alone, alpha 1", views=0, alpha=1.0),
        replace(main, name="compose alone, 1500 steps of 64", views=0, compositions=64, steps=1_500),
        replace(main, name="beta 1", beta=1.0),
        replace(main, name="3000 steps", steps=3_000),
    ]
