"""The query side of a model as an ordinary SentenceTransformer: ``encode`` gives the vector of a query.

Passages are encoded by the base model, as in an index that is there already.
"""

from __future__ import annotations

import copy
import os
from collections.abc import Sequence
from dataclasses import dataclass
from pathlib import Path

import torch
from sentence_transformers import SentenceTransformer

from dualview.cards.errors import InputError
from dualview.trainer.encoders.models import load_model, resolve_model, store_template, stored_template
from dualview.trainer.encoders.sides import is_split, side_modules
from dualview.trainer.new_folder import new_folder

LOWEST_COSINE = 0.9999
_QUERIES = tuple(f"what to know about topic {number}, but nothing on its price" for number in range(200))


@dataclass(frozen=True)
class Export:
    """An exported query encoder.

    :ivar lowest_cosine: lowest cosine of its vectors to those of ``encode_query``, over all checked queries.
    """

    path: Path
    queries: int
    lowest_cosine: float

    def __str__(self) -> str:
        return (
            f"{self.path}: lowest cosine {self.lowest_cosine:.6f} to encode_query over {self.queries} queries"
        )


def export(
    model: str | os.PathLike[str], out: str | os.PathLike[str], queries: Sequence[str] = _QUERIES
) -> Export:
    """Write the query side of a model to a folder of its own, and compare its vectors with the model's.

    A model with one encoder for both sides is written as it is.

    :param model: folder or Hub id of a trained model.
    :param out: a folder that is absent or empty.
    :param queries: texts for the comparison.
    :raises InputError: if the model or the folder cannot be used, or the vectors differ.
    """
    folder = Path(out)
    trained = load_model(os.fspath(model))
    exported = query_model(trained)
    with new_folder(folder) as made:
        exported.save_pretrained(str(made), create_model_card=False)
        store_template(made, stored_template(Path(resolve_model(os.fspath(model)))))
        lowest = _lowest_cosine(trained, load_model(str(made), device="cpu"), queries)
        if lowest < LOWEST_COSINE:
            raise InputError(
                f"{model}: the exported vectors differ from encode_query (lowest cosine {lowest:.4f}); "
                "nothing was written"
            )
    return Export(folder, len(queries), lowest)


def query_model(model: SentenceTransformer) -> SentenceTransformer:
    """Return the query side of a model; ``encode`` puts the query prompt before a text, if there is one."""
    modules = side_modules(model, "query") if is_split(model) else list(model)
    prompts = {name: prompt for name, prompt in model.prompts.items() if prompt}
    return SentenceTransformer(
        modules=[copy.deepcopy(module) for module in modules],
        device="cpu",
        prompts=prompts,
        default_prompt_name="query" if "query" in prompts else model.default_prompt_name,
        similarity_fn_name=model.similarity_fn_name,
        truncate_dim=model.truncate_dim,
    )


def _lowest_cosine(
    trained: SentenceTransformer, exported: SentenceTransformer, queries: Sequence[str]
) -> float:
    # In half precision, the texts that a batch is padded with move a vector more than an export could.
    wanted = trained.float().encode_query(list(queries), convert_to_tensor=True).cpu()
    found = exported.float().encode(list(queries), convert_to_tensor=True).cpu()
    return float(torch.nn.functional.cosine_similarity(wanted, found).min())
