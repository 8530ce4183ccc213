"""DualView: retrieval that obeys instructions.

Build a dataset whose relevance labels swap with the instruction, train on it, and measure the change::

    import dualview

    data = dualview.build_dataset("own.jsonl", out="out/own", writers=["replay"])
    model = dualview.train(data.path, recipe="minilm", out="runs/own")
    print(dualview.evaluate(model, data.path, baseline="sentence-transformers/all-MiniLM-L6-v2"))

Importing this package is fast and loads no PyTorch: each public name is loaded when it is first used.
"""

from __future__ import annotations

import importlib
from pathlib import Path
from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from dualview.cards.errors import CardError as CardError
    from dualview.cards.errors import HubError as HubError
    from dualview.cards.errors import InputError as InputError
    from dualview.dataset_builder.api import DatasetBuild as DatasetBuild
    from dualview.dataset_builder.api import build_dataset as build_dataset
    from dualview.dataset_builder.judges.cross_encoder import CrossEncoderJudge as CrossEncoderJudge
    from dualview.dataset_builder.judges.language_model import LanguageModelJudge as LanguageModelJudge
    from dualview.dataset_builder.writers.endpoint.endpoint_writer import EndpointWriter as EndpointWriter
    from dualview.dataset_builder.writers.facets.facets_writer import FacetsWriter as FacetsWriter
    from dualview.dataset_builder.writers.replay import ReplayWriter as ReplayWriter
    from dualview.trainer.api import load_candidate_sets as load_candidate_sets
    from dualview.trainer.api import make_collator as make_collator
    from dualview.trainer.api import train as train
    from dualview.trainer.api import train_reranker as train_reranker
    from dualview.trainer.composition.compose import compose as compose
    from dualview.trainer.composition.exclude import exclude as exclude
    from dualview.trainer.composition.rule import SplitText as SplitText
    from dualview.trainer.composition.rule import split_exclusions as split_exclusions
    from dualview.trainer.evaluation.api import Evaluation as Evaluation
    from dualview.trainer.evaluation.api import evaluate as evaluate
    from dualview.trainer.evaluation.flip_evaluator import FlipEvaluator as FlipEvaluator
    from dualview.trainer.evaluation.metrics import exclusion_by_query as exclusion_by_query
    from dualview.trainer.evaluation.metrics import followir_score as followir_score
    from dualview.trainer.evaluation.metrics import infosearch_p_mrr_by_query as infosearch_p_mrr_by_query
    from dualview.trainer.evaluation.metrics import mrr_by_query as mrr_by_query
    from dualview.trainer.evaluation.metrics import ndcg as ndcg
    from dualview.trainer.evaluation.metrics import ndcg_by_query as ndcg_by_query
    from dualview.trainer.evaluation.metrics import p_mrr as p_mrr
    from dualview.trainer.evaluation.metrics import p_mrr_by_query as p_mrr_by_query
    from dualview.trainer.evaluation.metrics import p_mrr_gained_by_query as p_mrr_gained_by_query
    from dualview.trainer.evaluation.metrics import paired_accuracy_by_set as paired_accuracy_by_set
    from dualview.trainer.evaluation.metrics import robustness_by_query as robustness_by_query
    from dualview.trainer.evaluation.metrics import sicr_by_query as sicr_by_query
    from dualview.trainer.evaluation.metrics import wise_by_query as wise_by_query
    from dualview.trainer.evaluation.practical.mteb_task import practical_task as practical_task
    from dualview.trainer.losses.cached import CachedDualViewLoss as CachedDualViewLoss
    from dualview.trainer.losses.dual_view import DualViewLoss as DualViewLoss
    from dualview.trainer.losses.weights import LossWeights as LossWeights
    from dualview.trainer.serving.exporting import Export as Export
    from dualview.trainer.serving.exporting import export as export

__version__ = "0.1.0"

# Module -> its public names. The imports above say the same to type checkers; a test compares the two.
_NAMES = {
    "dualview.cards.errors": ("CardError", "HubError", "InputError"),
    "dualview.dataset_builder.api": ("DatasetBuild", "build_dataset"),
    "dualview.dataset_builder.judges.cross_encoder": ("CrossEncoderJudge",),
    "dualview.dataset_builder.judges.language_model": ("LanguageModelJudge",),
    "dualview.dataset_builder.writers.endpoint.endpoint_writer": ("EndpointWriter",),
    "dualview.dataset_builder.writers.facets.facets_writer": ("FacetsWriter",),
    "dualview.dataset_builder.writers.replay": ("ReplayWriter",),
    "dualview.trainer.api": ("load_candidate_sets", "make_collator", "train", "train_reranker"),
    "dualview.trainer.composition.compose": ("compose",),
    "dualview.trainer.composition.exclude": ("exclude",),
    "dualview.trainer.composition.rule": ("SplitText", "split_exclusions"),
    "dualview.trainer.evaluation.api": ("Evaluation", "evaluate"),
    "dualview.trainer.evaluation.flip_evaluator": ("FlipEvaluator",),
    "dualview.trainer.evaluation.metrics": (
        "exclusion_by_query",
        "followir_score",
        "infosearch_p_mrr_by_query",
        "mrr_by_query",
        "ndcg",
        "ndcg_by_query",
        "p_mrr",
        "p_mrr_by_query",
        "p_mrr_gained_by_query",
        "paired_accuracy_by_set",
        "robustness_by_query",
        "sicr_by_query",
        "wise_by_query",
    ),
    "dualview.trainer.evaluation.practical.mteb_task": ("practical_task",),
    "dualview.trainer.losses.cached": ("CachedDualViewLoss",),
    "dualview.trainer.losses.dual_view": ("DualViewLoss",),
    "dualview.trainer.losses.weights": ("LossWeights",),
    "dualview.trainer.serving.exporting": ("Export", "export"),
}
_MODULES = {name: module for module, names in _NAMES.items() for name in names}

__all__ = ["__version__", *_MODULES]

# In a checkout the parts are folders beside this one; in the wheel they are inside it (see setup.cfg).
_ROOT = Path(__file__).resolve().parent.parent
if not (Path(__file__).parent / "trainer").is_dir() and (_ROOT / "setup.cfg").is_file():
    __path__.append(str(_ROOT))


def __getattr__(name: str) -> Any:  # noqa: ANN401 - a class, a function or a module
    """Load a public name when it is first used."""
    if name not in _MODULES:
        raise AttributeError(f"module 'dualview' has no attribute {name!r}")
    value = getattr(importlib.import_module(_MODULES[name]), name)
    globals()[name] = value
    return value


def __dir__() -> list[str]:
    return sorted({*globals(), *__all__})
