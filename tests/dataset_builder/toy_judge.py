"""A CrossEncoder that has learnt one thing in a second: ``only red`` is met by what is red."""

from __future__ import annotations

import random
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast

THINGS = ("wall", "door", "gate")
COLOURS = ("red", "blue", "green", "grey")
_WORDS = (
    "[PAD]",
    "[UNK]",
    "[CLS]",
    "[SEP]",
    "[MASK]",
    "only",
    "paint",
    "wall",
    "the",
    "is",
    "door",
    *COLOURS,
)


def make_toy_judge(folder: Path) -> Path:
    """Train it on pairs such as ("paint only red", "the wall is red") and save it."""
    tokenizer = BertTokenizerFast(vocab={word: place for place, word in enumerate(_WORDS)})
    chance = random.Random(0)
    with torch.random.fork_rng():
        torch.manual_seed(0)
        model = _small_bert(1, initializer_range=0.3)
        optimizer = torch.optim.AdamW(model.parameters(), lr=3e-3)
        for _ in range(300):
            wanted = [chance.choice(COLOURS) for _ in range(32)]
            shown = [colour if chance.random() < 0.5 else chance.choice(COLOURS) for colour in wanted]
            inputs = tokenizer(
                [f"paint only {colour}" for colour in wanted],
                [f"the {chance.choice(THINGS)} is {colour}" for colour in shown],
                return_tensors="pt",
                padding=True,
            )
            labels = torch.tensor([float(a == b) for a, b in zip(wanted, shown, strict=True)])
            loss = torch.nn.functional.binary_cross_entropy_with_logits(model(**inputs).logits[:, 0], labels)
            optimizer.zero_grad()
            loss.backward()
            optimizer.step()
            if loss.item() < 0.03:
                break
    assert loss.item() < 0.1, "the toy judge has not learnt"
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def make_untrained_judge(folder: Path, labels: int) -> Path:
    """A CrossEncoder with random weights and so many labels."""
    tokenizer = BertTokenizerFast(vocab={word: place for place, word in enumerate(_WORDS)})
    _small_bert(labels).save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder


def _small_bert(labels: int, **settings: float) -> BertForSequenceClassification:
    return BertForSequenceClassification(
        BertConfig(
            vocab_size=len(_WORDS),
            hidden_size=32,
            num_hidden_layers=2,
            num_attention_heads=4,
            intermediate_size=64,
            max_position_embeddings=64,
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
            num_labels=labels,
            **settings,
        )
    )
