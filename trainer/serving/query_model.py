"""The query side of a model as an ordinary SentenceTransformer, in memory and in a folder."""

from __future__ import annotations

import copy
from pathlib import Path

from sentence_transformers import SentenceTransformer

from dualview.trainer.encoders.models import store_template
from dualview.trainer.encoders.sides import is_split, side_modules
from dualview.trainer.serving.layout import write_old_names


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


def save_query_model(exported: SentenceTransformer, folder: Path, template: str) -> None:
    """Write a query encoder to a folder that every release of sentence-transformers since 3.0 reads.

    :param template: joins query and instruction.
    """
    exported.save_pretrained(str(folder), create_model_card=False)
    write_old_names(folder)
    store_template(folder, template)
