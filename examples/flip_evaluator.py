"""Measure how well a model follows instructions while plain sentence-transformers trains it.

    python examples/flip_evaluator.py runs/triplets --max-steps 20

The loss is MultipleNegativesRankingLoss on the dataset's triplets: only the evaluator is DualView's.
"""

from __future__ import annotations

import argparse
from pathlib import Path

from datasets import load_dataset
from sentence_transformers import (
    SentenceTransformer,
    SentenceTransformerTrainer,
    SentenceTransformerTrainingArguments,
)
from sentence_transformers.sentence_transformer.losses import MultipleNegativesRankingLoss

import dualview


def main(out: Path, model_name: str, max_steps: int) -> None:
    """Train on triplets and show the evaluator's figures before and after."""
    dataset = str(dualview.build_dataset("seeds:sets", out=out / "dataset").path)
    model = SentenceTransformer(model_name)
    evaluator = dualview.FlipEvaluator(load_dataset(dataset, split="validation"))
    before = evaluator(model)
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=str(out / "training"),
            max_steps=max_steps,
            per_device_train_batch_size=8,
            eval_strategy="steps",
            eval_steps=max_steps,
            save_strategy="no",
        ),
        train_dataset=load_dataset(dataset, "triplets", split="train"),
        loss=MultipleNegativesRankingLoss(model),
        evaluator=evaluator,  # the trainer logs its figures as eval_flip_accuracy and so on
    )
    trainer.train()
    after = next(line for line in reversed(trainer.state.log_history) if "eval_flip_accuracy" in line)
    for name in ("right_first", "flip_accuracy", "bare_query_ndcg_at_10"):
        print(f"{name:22} {before[name]:.3f} -> {after[f'eval_{name}']:.3f}")


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("out", type=Path, nargs="?", default=Path("runs/triplets"))
    parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2")
    parser.add_argument("--max-steps", type=int, default=100)
    arguments = parser.parse_args()
    main(arguments.out, arguments.model, arguments.max_steps)
