"""Queries with an encoder of their own, which is trained, beside that of the passages, which stays as it is.

What has to be learned is what a query asks for. Learned on the side of the query alone, it leaves every
vector of every passage as the base model has it: an index of those vectors serves on.
"""

from __future__ import annotations

import copy
from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from torch import nn


def split_sides(model: SentenceTransformer) -> SentenceTransformer:
    """Give queries an encoder of their own, which is trained, and freeze the one of the passages.

    The model is sentence-transformers' own: it loads without this project. ``encode`` alone does not say on
    which side a text stands and raises; ``encode_query`` and ``encode_document`` do.

    :param model: its modules become those of the queries.
    """
    if is_split(model):  # trained like this before: it goes on from there
        modules_of(model, "document").requires_grad_(False)
        return model
    queries: list[Any] = list(model)
    passages = [copy.deepcopy(module).requires_grad_(False) for module in queries]
    router = Router.for_query_document(queries, passages, default_route=None, allow_empty_key=False)
    return SentenceTransformer(
        modules=[router],
        device=str(model.device),
        prompts={name: prompt for name, prompt in model.prompts.items() if prompt is not None},
        default_prompt_name=model.default_prompt_name,
        similarity_fn_name=model.similarity_fn_name,
        truncate_dim=model.truncate_dim,
    )


def is_split(model: SentenceTransformer) -> bool:
    """Say whether queries and passages have encoders of their own."""
    return isinstance(model[0], Router) and {"query", "document"} <= set(model[0].sub_modules)


def modules_of(model: SentenceTransformer, side: str) -> nn.Module:
    """What a text goes through on a side: ``query`` or ``document``."""
    first = model[0]
    return first.sub_modules[side] if isinstance(first, Router) and side in first.sub_modules else model
