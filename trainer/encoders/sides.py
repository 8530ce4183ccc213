"""Two encoders in one model: a trained one for queries, and the base model's for passages.

What has to be learned is the meaning of a query. Learned by the query encoder alone, it leaves the base
model's vector of every passage as it is, and an index of those vectors stays valid.
"""

from __future__ import annotations

import copy
from typing import Any

from sentence_transformers import SentenceTransformer
from sentence_transformers.base.modules import Router
from torch import nn


def split_sides(model: SentenceTransformer) -> SentenceTransformer:
    """Give the queries an encoder of their own, which is trained, and freeze that of the passages.

    The model consists of sentence-transformers' own modules: it loads without this project. ``encode``
    raises, as it does not know whether a text is a query; use ``encode_query`` and ``encode_document``.

    :param model: its modules become those of the queries.
    """
    if is_split(model):  # trained like this before: training goes on from there
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
    """Return whether queries and passages have an encoder each."""
    return isinstance(model[0], Router) and {"query", "document"} <= set(model[0].sub_modules)


def modules_of(model: SentenceTransformer, side: str) -> nn.Module:
    """Return the modules that encode a ``query`` or a ``document``."""
    first = model[0]
    return first.sub_modules[side] if isinstance(first, Router) and side in first.sub_modules else model
