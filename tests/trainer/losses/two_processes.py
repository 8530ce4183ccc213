"""Run under accelerate: each process has its own candidate sets; the first one keeps loss and gradients.

tests/trainer/losses/test_two_processes.py starts it: two_processes.py MODEL ROWS.json OUT.pt
"""

from __future__ import annotations

import json
import sys
from dataclasses import replace
from pathlib import Path
from typing import Any

import torch
from accelerate import Accelerator
from accelerate.utils import DistributedDataParallelKwargs, reduce
from sentence_transformers import SentenceTransformer

from dualview.trainer.batches.collator import CandidateSetCollator
from dualview.trainer.losses.cached import CachedDualViewLoss
from dualview.trainer.losses.dual_view import DualViewLoss
from dualview.trainer.losses.labels import BatchLabels

OPTIONS: dict[str, Any] = {
    "in_set_weight": 0.4,
    "neutral_weight": 0.5,
    "doc_to_query_weight": 0.3,
    "keep_weight": 0.2,
    "keep_documents_weight": 0.6,
    "keep_queries_weight": 0.7,
    "compose_weight": 0.8,
    "chunk_tokens": 200,
}
KINDS = (DualViewLoss, CachedDualViewLoss)


def batch_of(
    model: SentenceTransformer, rows: list[dict[str, Any]]
) -> tuple[list[dict[str, Any]], BatchLabels]:
    """Features and labels of some rows; the base model's vectors are made up from the texts."""
    batch = CandidateSetCollator(preprocess_fn=model.preprocess)(rows)
    base: dict[str, torch.Tensor] = {}
    columns = {
        "base_anchor": "anchor",
        "base_document": "document",
        "base_kept": "kept",
        "base_composed": "composed",
    }
    for column, texts in (
        ("kept", [row["query"] for row in rows]),
        ("composed", [f"{row['query']}, no {word}" for row in rows for word in ("price", "history")]),
    ):
        batch |= {f"{column}_{key}": value for key, value in model.preprocess(texts).items()}
    for name, column in columns.items():
        ids = batch[f"{column}_input_ids"]
        angles = (ids[:, 1:2] * 7 + ids[:, 2:3]).float() * torch.arange(
            1, 1 + model.get_embedding_dimension()
        )[None, :]
        base[name] = torch.nn.functional.normalize(angles.sin(), dim=1)
    features = [
        {key.removeprefix(f"{name}_"): value for key, value in batch.items() if key.startswith(name)}
        for name in columns.values()
    ]
    return features, replace(batch["label"], **base)


def main(model_path: str, rows_path: str, out: str) -> None:
    """Compute both forms of the loss on this process's share of the rows, which differ in number."""
    # As in a training run: processes differ in how many forward passes they need; BERT's pooler is not used.
    parallel = DistributedDataParallelKwargs(broadcast_buffers=False, find_unused_parameters=True)
    accelerator = Accelerator(cpu=True, kwargs_handlers=[parallel])
    assert accelerator.num_processes == 2, accelerator.state
    rows = json.loads(Path(rows_path).read_text())
    mine = rows[:2] if accelerator.is_main_process else rows[2:]
    results = {}
    for kind in KINDS:
        model = SentenceTransformer(model_path, device="cpu")
        features, labels = batch_of(model, mine)
        loss = kind(accelerator.prepare(model), gather_across_devices=True, **OPTIONS)
        components = loss(features, labels)
        accelerator.backward(sum(components.values()))
        averaged = {name: reduce(value.detach(), "mean") for name, value in components.items()}
        gradients = {name: w.grad for name, w in model.named_parameters() if w.grad is not None}
        results[kind.__name__] = (averaged, gradients)
    if accelerator.is_main_process:
        torch.save(results, out)


if __name__ == "__main__":
    main(*sys.argv[1:])
