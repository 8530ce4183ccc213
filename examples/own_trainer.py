"""Use DualViewLoss with all views of each candidate set in your own SentenceTransformerTrainer.

    python examples/own_trainer.py runs/quickstart/dataset runs/own --model MODEL --steps 50

The three parts that differ from any other training are the rows, the collator and the loss. The evaluator
measures how many instructions the model follows on the validation split.
"""

from __future__ import annotations

import argparse

from datasets import load_dataset
from sentence_transformers import SentenceTransformer, SentenceTransformerTrainer
from sentence_transformers.sentence_transformer.training_args import SentenceTransformerTrainingArguments

import dualview


def main() -> None:
    """Train, evaluate and save a model."""
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    parser.add_argument("dataset", help="folder or Hub id of a dual-view dataset")
    parser.add_argument("out", help="folder for checkpoints and the trained model")
    parser.add_argument("--model", default="sentence-transformers/all-MiniLM-L6-v2")
    parser.add_argument("--steps", type=int, default=100)
    args = parser.parse_args()

    model = SentenceTransformer(args.model)
    trainer = SentenceTransformerTrainer(
        model=model,
        args=SentenceTransformerTrainingArguments(
            output_dir=f"{args.out}/checkpoints",
            max_steps=args.steps,
            per_device_train_batch_size=8,
            learning_rate=2e-5,
            eval_strategy="steps",
            eval_steps=args.steps,
            logging_steps=10,
        ),
        train_dataset=dualview.load_candidate_sets(args.dataset),
        data_collator=dualview.make_collator(model),
        loss=dualview.DualViewLoss(model, weights=dualview.LossWeights(in_set_weight=1.0)),
        evaluator=dualview.FlipEvaluator(load_dataset(args.dataset, split="validation")),
    )
    trainer.train()
    model.save_pretrained(f"{args.out}/model")


if __name__ == "__main__":
    main()
